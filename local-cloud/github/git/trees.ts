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
  const args = ['ls-tree', '-z', '-l', '--full-tree', ...flags, tree, '--', ...paths];
  const out = await git.fixedText(args, [tree]);
  return out.split('\0').flatMap((line): TreeEntry[] => {
    const [, mode = '', type = '', sha = '', size = '', path = ''] =
      /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t([\s\S]*)$/.exec(line) ?? [];
    return path === '' ? [] : [{ mode, type: type as ObjectType, sha, size: size === '-' ? undefined : +size, path }];
  });
}

/**
 * The tree that `base` (a tree or a commit) becomes; undefined when a path is not one that git stores, or an object is
 * missing. Trees are read and written here: with git's own index it would be three processes.
 */
export async function changeTree(git: Git, base: string | undefined, changes: readonly TreeChange[]) {
  if (!changes.every(({ path }) => isTreePath(path))) return undefined;
  const root = base === undefined ? undefined : (await git.object(`${base}^{tree}`))?.sha;
  if (base !== undefined && root === undefined) return undefined;
  for (const { mode, sha } of changes) {
    if (sha !== null && mode !== SUBMODULE && (await git.object(sha)) === undefined) return undefined;
  }
  const steps = changes.map(({ path, ...rest }) => ({ parts: path.split('/'), ...rest }));
  return (await rewrite(git, root, steps)) ?? git.writeObject('tree', Buffer.alloc(0));
}

const SUBMODULE = '160000';
export const TREE = '40000';

interface Step {
  readonly parts: readonly string[];
  readonly mode: string;
  readonly sha: string | null;
}

export interface RawEntry {
  readonly mode: string;
  readonly sha: string;
}

/** The changed tree's sha; undefined when nothing is left in it. */
async function rewrite(git: Git, tree: string | undefined, steps: readonly Step[]): Promise<string | undefined> {
  const entries = parseTree(tree === undefined ? undefined : (await git.object(tree))?.content);
  const below = groupByName(steps);
  for (const [name, group] of below) {
    const whole = group.findLast(({ parts }) => parts.length === 1);
    if (whole !== undefined) set(entries, name, whole.sha === null ? undefined : { mode: whole.mode, sha: whole.sha });
    const deeper = group
      .filter(({ parts }) => parts.length > 1)
      .map((step) => ({ ...step, parts: step.parts.slice(1) }));
    if (deeper.length === 0) continue;
    const inside = entries.get(name);
    const sha = await rewrite(git, inside?.mode === TREE ? inside.sha : undefined, deeper);
    set(entries, name, sha === undefined ? undefined : { mode: TREE, sha });
  }
  return entries.size === 0 ? undefined : git.writeObject('tree', formatTree(entries));
}

function groupByName(steps: readonly Step[]): Map<string, Step[]> {
  const groups = new Map<string, Step[]>();
  for (const step of steps) {
    const name = step.parts[0] ?? '';
    groups.set(name, [...(groups.get(name) ?? []), step]);
  }
  return groups;
}

function set(entries: Map<string, RawEntry>, name: string, entry: RawEntry | undefined): void {
  if (entry === undefined) entries.delete(name);
  else entries.set(name, { ...entry, mode: entry.mode.replace(/^0/, '') });
}

/** A tree object is `<mode> <name>NUL<20 bytes>` for each entry. */
export function parseTree(content: Buffer = Buffer.alloc(0)): Map<string, RawEntry> {
  const entries = new Map<string, RawEntry>();
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf(0, at);
    const [mode = '', ...name] = content.subarray(at, end).toString().split(' ');
    entries.set(name.join(' '), { mode, sha: content.subarray(end + 1, end + 21).toString('hex') });
    at = end + 21;
  }
  return entries;
}

/** Git sorts by bytes, folders as if they ended with a slash. */
function formatTree(entries: ReadonlyMap<string, RawEntry>): Buffer {
  const key = ([name, { mode }]: [string, RawEntry]) => Buffer.from(mode === TREE ? `${name}/` : name);
  const sorted = [...entries].sort((a, b) => Buffer.compare(key(a), key(b)));
  return Buffer.concat(
    sorted.map(([name, { mode, sha }]) => Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(sha, 'hex')])),
  );
}

/** The paths that git itself would store. */
function isTreePath(path: string): boolean {
  return path.split('/').every((part) => !['', '.', '..', '.git'].includes(part.toLowerCase())) && !path.includes('\0');
}
