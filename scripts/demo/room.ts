import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * The files of a new control room, by path: this repository's migrations and no agency. The fleet is that of the local
 * cloud unless told, because this repository's own may be somebody's real one by now.
 */
export async function roomFiles(fleet?: string): Promise<Record<string, string>> {
  const folder = join(root, 'migrations', 'agency');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql'));
  const migrations = await Promise.all(
    names.map(async (name) => [`migrations/agency/${name}`, await readFile(join(folder, name), 'utf8')] as const),
  );
  return {
    'fleet.yaml': fleet ?? (await readFile(join(root, 'docs', 'examples', 'fleet.yaml'), 'utf8')),
    'agencies/README.md': 'One file for each agency.\n',
    ...Object.fromEntries(migrations),
  };
}

/** The same in an empty folder. What is there stays. */
export async function makeRoom(dir: string): Promise<void> {
  for (const [path, text] of Object.entries(await roomFiles())) {
    const file = join(dir, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: 'wx' }).catch(unlessThere);
  }
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
