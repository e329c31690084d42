import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A control room in an empty folder: this repository's fleet and migrations, and no agency. What is there stays. */
export async function makeRoom(dir: string): Promise<void> {
  await mkdir(join(dir, 'agencies'), { recursive: true });
  await cp(join(root, 'migrations', 'agency'), join(dir, 'migrations', 'agency'), { recursive: true, force: false });
  const fleet = await readFile(join(root, 'fleet.yaml'), 'utf8');
  await writeFile(join(dir, 'fleet.yaml'), fleet, { flag: 'wx' }).catch(unlessThere);
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
