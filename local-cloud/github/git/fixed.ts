import type { GitOutcome } from './process.ts';

/** Answers in memory, and the most that one of them may take. */
const LIMIT = { answers: 2_000, bytes: 32 * 1024 };

const known = new Map<string, GitOutcome>();

/**
 * What git says of objects by their full names is the same in every repository that has them, and for ever: it is asked
 * once. Only for questions about nothing else, neither refs nor settings, that write nothing.
 */
export async function fixed(
  args: readonly string[],
  names: readonly string[],
  ask: () => Promise<GitOutcome>,
): Promise<GitOutcome> {
  if (!names.every((name) => /^[0-9a-f]{40}$/.test(name))) return ask();
  const key = args.join('\0');
  const before = known.get(key);
  if (before) return before;
  const outcome = await ask();
  if (outcome.stdout.length <= LIMIT.bytes) known.set(key, outcome);
  const [oldest] = known.keys();
  if (known.size > LIMIT.answers && oldest !== undefined) known.delete(oldest);
  return outcome;
}
