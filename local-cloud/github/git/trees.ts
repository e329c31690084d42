import { GitError } from './process.ts';
import type { ObjectType } from './reader.ts';
import type { Git } from './repository.ts';

export interface TreeEntry {
  readonly mode: string;
  readonly type: ObjectType;
  readonly sha: string;
  /** Bytes; undefined for trees and submodules. */
  readonly size: number | undefined;
  readonly path: string;
}

/** A path and what it shall hold; `sha: null` removes it. */
export interface TreeChange {
  readonly path: string;
  readonly mode: string;
  readonly sha: string | null;
}

/** What a tree or a commit holds. `path` narrows it to that one entry, or with a slash at its end to that folder's. */
export async function listTree(
  git: Git,
  tree: string,
  options: { recursive?: boolean; path?: string } = {},
): Promise<TreeEntry[]> {
  const flags = options.recursive ? ['-r', '-t'] : [];
  const paths = options.path === undefined ? [] : [options.path];
  const out = await git.text(['ls-tree', '-z', '-l', '--full-tree', ...flags, tree, '--', ...paths]);
  return out.split('\0').flatMap((line): TreeEntry[] => {
    const [, mode = '', type = '', sha = '', size = '', path = ''] =
      /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t([\s\S]*)$/.exec(line) ?? [];
    return path === '' ? [] : [{ mode, type: type as ObjectType, sha, size: size === '-' ? undefined : +size, path }];
  });
}

/** The tree that `base` becomes; undefined when a path is not one that git stores, or an object is missing. */
export async function changeTree(git: Git, base: string | undefined, changes: readonly TreeChange[]) {
  if (!changes.every(({ path }) => isTreePath(path))) return undefined;
  const lines = changes.map(({ path, mode, sha }) =>
    sha === null ? `0 ${'0'.repeat(40)}\t${path}` : `${mode} ${sha}\t${path}`,
  );
  try {
    return await git.withIndex(async (env) => {
      await git.run(base === undefined ? ['read-tree', '--empty'] : ['read-tree', base], { env });
      const input = lines.map((line) => `${line}\0`).join('');
      await git.run(['update-index', '-z', '--add', '--replace', '--index-info'], { env, input });
      return (await git.text(['write-tree'], { env })).trim();
    });
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}

/** update-index passes over such paths with a warning only. */
function isTreePath(path: string): boolean {
  return path.split('/').every((part) => !['', '.', '..', '.git'].includes(part.toLowerCase())) && !path.includes('\0');
}
