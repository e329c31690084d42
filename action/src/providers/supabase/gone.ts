import { hasStatus } from '../failure.ts';

/** A deleted project answers 400 with these words, and 404 where it was never ours to see. */
const REMOVED = 'Resource has been removed';

/** Whether the vendor says that the project is not there. */
export function isGone(thrown: unknown): boolean {
  return hasStatus(thrown, 404) || (hasStatus(thrown, 400) && thrown.message.includes(REMOVED));
}

/** What was asked of a project, or `undefined` when the project is gone. */
export async function unlessGone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (thrown) {
    if (isGone(thrown)) return undefined;
    throw thrown;
  }
}
