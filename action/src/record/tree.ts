import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { redact } from '../lib/redact.ts';
import type { Status } from '../manifest/schema.ts';
import { spliceStatus } from '../manifest/status.ts';

/** Where status goes. The axis: the working tree, or commits through the forge. */
export interface Recorder {
  /** Makes the status of one agency durable before it returns; writes nothing when nothing changed. */
  save(file: string, status: Status): Promise<void>;
}

/** Replaces the status block of manifests in a folder. What people wrote is read anew each time and stays as it is. */
export function treeRecorder(dir: string): Recorder {
  return {
    save: async (file, status) => {
      const path = join(dir, file);
      const before = await readFile(path, 'utf8');
      const after = spliceStatus(before, redacted(status));
      if (after !== before) await replaceFile(path, after, join(dir, '.provisioner'));
    },
  };
}

/**
 * A vendor's words may hold anything, and they stand in messages alone. Ids, keys and names are never touched: a secret
 * that happens to be a common word must not break the inventory.
 */
function redacted(status: Status): Status {
  return { ...status, conditions: status.conditions.map((one) => ({ ...one, message: redact(one.message) })) };
}

/** Readers see the old text or the new one, also after a power cut; a draft that a kill leaves lies out of the way. */
async function replaceFile(path: string, text: string, drafts: string): Promise<void> {
  await mkdir(drafts, { recursive: true });
  const draft = join(drafts, `${basename(path)}.${process.pid}.draft`);
  const file = await open(draft, 'w');
  await file.writeFile(text);
  await file.sync();
  await file.close();
  await rename(draft, path);
}
