import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { spliceStatus } from '../manifest/status.ts';
import { type Recorder, redacted } from './recorder.ts';

/** Replaces the status block of manifests in a folder. What people wrote is read anew each time and stays as it is. */
export function treeRecorder(dir: string): Recorder {
  return {
    save: async (file, status) => {
      const path = join(dir, file);
      const before = await readFile(path, 'utf8');
      const after = spliceStatus(before, redacted(status));
      if (after !== before) await replaceFile(path, after, join(dir, '.provisioner'));
    },
    flush: async () => undefined,
  };
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
