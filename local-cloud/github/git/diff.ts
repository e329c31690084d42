import { EMPTY_TREE } from './loose-objects.ts';
import type { Git } from './repository.ts';
import { differences, type TreeDifference } from './tree-changes.ts';

export type ChangeStatus = 'added' | 'modified' | 'removed' | 'renamed' | 'changed';

export interface FileChange {
  readonly path: string;
  /** Where it was before, for `renamed`. */
  readonly previousPath?: string;
  readonly status: ChangeStatus;
  /** Of the new content; of the old one for `removed`. */
  readonly sha: string;
  readonly additions: number;
  readonly deletions: number;
  /** Hunks from the first `@@` on; undefined for binary files and where no line changed. */
  readonly patch?: string;
}

/** What changed from one commit or tree to another, renames found, by path. `from` undefined = from nothing. */
export async function diff(git: Git, from: string | undefined, to: string): Promise<FileChange[]> {
  const args = ['diff-tree', '-r', '-M', '--no-color', '--no-ext-diff', '--full-index', from ?? EMPTY_TREE, to];
  const names = [from ?? EMPTY_TREE, to];
  const [raw, patches] = await Promise.all([
    git.fixedText([...args, '--raw', '-z'], names),
    git.fixedText([...args, '-p'], names),
  ]);
  const texts = patches.split(/^(?=diff --git )/m).filter((text) => text.startsWith('diff --git '));
  return [...parseRaw(raw)].map((entry, at) => ({ ...entry, ...parsePatch(texts[at] ?? '') }));
}

/** The same without the lines: for who only wants to know which files. */
export async function changedPaths(git: Git, from: string | undefined, to: string): Promise<RawEntry[]> {
  const changes = await differences(git, from, to);
  const isMoved = changes.some((one) => !one.from) && changes.some((one) => !one.to);
  // Who was renamed is for git to say.
  if (!isMoved) return changes.map(entryOf).sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  const names = [from ?? EMPTY_TREE, to];
  return [...parseRaw(await git.fixedText(['diff-tree', '-r', '-M', '--raw', '-z', ...names], names))];
}

function entryOf({ path, from, to }: TreeDifference): RawEntry {
  const sha = to?.sha ?? from?.sha ?? '';
  if (!from || !to) return { path, status: to ? 'added' : 'removed', sha };
  return { path, status: statusOf('M', from.mode === to.mode, from.sha === to.sha), sha };
}

type RawEntry = Pick<FileChange, 'path' | 'previousPath' | 'status' | 'sha'>;

/** `:<modes> <shas> <letter>NUL<path>NUL[<new path>NUL]`, see man git-diff-tree. */
function* parseRaw(raw: string): Generator<RawEntry> {
  const fields = raw.split('\0');
  for (let at = 0; at < fields.length - 1; ) {
    const [fromMode = '', toMode, before = '', after = '', letter = ''] = (fields[at] ?? '').slice(1).split(' ');
    const path = fields[at + 1] ?? '';
    const moved = letter.startsWith('R') || letter.startsWith('C');
    at += moved ? 3 : 2;
    const status = statusOf(letter, fromMode === toMode, before === after);
    const sha = status === 'removed' ? before : after;
    yield moved ? { path: fields[at - 1] ?? '', previousPath: path, status, sha } : { path, status, sha };
  }
}

function statusOf(letter: string, sameMode: boolean, sameContent: boolean): ChangeStatus {
  if (letter.startsWith('A') || letter.startsWith('C')) return 'added';
  if (letter.startsWith('D')) return 'removed';
  if (letter.startsWith('R')) return 'renamed';
  return !sameMode && sameContent ? 'changed' : 'modified';
}

function parsePatch(text: string): Pick<FileChange, 'additions' | 'deletions' | 'patch'> {
  const start = text.search(/^@@ /m);
  if (start < 0) return { additions: 0, deletions: 0 };
  const patch = text.slice(start).replace(/\n$/, '');
  const lines = patch.split('\n');
  return {
    additions: lines.filter((line) => line.startsWith('+')).length,
    deletions: lines.filter((line) => line.startsWith('-')).length,
    patch,
  };
}
