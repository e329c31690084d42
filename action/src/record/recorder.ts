import { redact } from '../lib/redact.ts';
import type { Status } from '../manifest/schema.ts';

/** Where status goes. The axis: the working tree, or commits through the forge. */
export interface Recorder {
  /**
   * Takes the status of one agency; nothing is written when nothing changed. An intent that is the first of this run for
   * its agency is durable when this returns, and so is that an id was given up; a tree makes everything durable at once.
   */
  save(file: string, status: Status): Promise<void>;
  /** Makes everything durable that was saved. Rejects when some of it could not be, having done the rest. */
  flush(): Promise<void>;
}

/**
 * A vendor's words may hold anything, and they stand in messages alone. Ids, keys and names are never touched: a secret
 * that happens to be a common word must not break the inventory.
 */
export function redacted(status: Status): Status {
  return { ...status, conditions: status.conditions.map((one) => ({ ...one, message: redact(one.message) })) };
}
