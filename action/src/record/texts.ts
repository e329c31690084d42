import { createHash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GitData, TreeFile } from '../forge/forge.ts';

/** Far above what any rule of the control room allows: such a file is not looked for in the folder. */
const CAP_BYTES = 8 * 1024 * 1024;

/** The texts of files of commits. A checkout and what was read before serve as a cache: git's own name proves them. */
export interface Texts {
  of(file: TreeFile): Promise<string>;
  /** Takes a text that is about to be written, so that it need not be fetched afterwards. */
  keep(text: string): void;
}

export function textsOf(git: Pick<GitData, 'text'>, dir?: string): Texts {
  const known = new Map<string, string>();
  return {
    of: async ({ path, sha }) => {
      const here = known.get(sha) ?? (dir === undefined ? undefined : onDisk(join(dir, path), sha));
      const text = here ?? (await git.text(sha));
      known.set(sha, text);
      return text;
    },
    keep: (text) => void known.set(blobSha(Buffer.from(text)), text),
  };
}

/** The name of a file's content, https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
export function blobSha(bytes: Buffer): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/**
 * The file in the folder if it is that very content: a checkout may be older, changed, or have other line ends. Not
 * asynchronous, as in `room.ts`: a thousand small files are read sooner so.
 */
function onDisk(path: string, sha: string): string | undefined {
  try {
    const { size } = plainFile(path);
    if (size > CAP_BYTES) return undefined;
    const bytes = readFileSync(path);
    return blobSha(bytes) === sha ? bytes.toString('utf8') : undefined;
  } catch {
    // Whatever keeps it from being read here, GitHub has it.
    return undefined;
  }
}

/** Reading a pipe or a device would never end. */
function plainFile(path: string) {
  const stat = lstatSync(path);
  if (!stat.isFile()) throw new Error(`${path} is no file`);
  return stat;
}
