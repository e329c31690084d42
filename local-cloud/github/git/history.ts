import { type Commit, parseCommit, readCommit } from './commits.ts';
import type { Git } from './repository.ts';

export async function isAncestor(git: Git, ancestor: string, descendant: string): Promise<boolean> {
  if (ancestor === descendant) return true;
  // Nearly always it is the parent: one read instead of a process.
  if ((await readCommit(git, descendant))?.parents.includes(ancestor)) return true;
  const { code } = await git.run(['merge-base', '--is-ancestor', ancestor, descendant], { accept: [0, 1] });
  return code === 0;
}

/** The best common ancestor; undefined for unrelated histories. */
export async function mergeBase(git: Git, one: string, other: string): Promise<string | undefined> {
  const { code, stdout } = await git.run(['merge-base', one, other], { accept: [0, 1] });
  return code === 0 ? stdout.toString().trim().split('\n')[0] : undefined;
}

export interface LogOptions {
  /** Leave out what these reach. */
  readonly without?: readonly string[];
  readonly path?: string;
  readonly limit?: number;
  readonly skip?: number;
  readonly oldestFirst?: boolean;
  readonly noMerges?: boolean;
}

/** The commits that `from` reaches, newest first unless told, parents after children. */
export async function log(git: Git, from: string, options: LogOptions = {}): Promise<Commit[]> {
  const { without = [], path, limit, skip = 0, oldestFirst, noMerges } = options;
  const out = await git.text([
    'rev-list',
    '--topo-order',
    '--header',
    ...(limit === undefined ? [] : [`--max-count=${limit}`]),
    `--skip=${skip}`,
    ...(oldestFirst ? ['--reverse'] : []),
    ...(noMerges ? ['--no-merges'] : []),
    from,
    ...without.map((sha) => `^${sha}`),
    '--',
    ...(path === undefined ? [] : [`:(literal)${path}`]),
  ]);
  return out.split('\0').flatMap((record) => {
    const text = record.replace(/^\n/, '');
    if (text === '') return [];
    return [parseCommit(text.slice(0, 40), unindent(text.slice(41)))];
  });
}

/** rev-list indents messages by four spaces. */
function unindent(raw: string): string {
  const gap = raw.indexOf('\n\n');
  return raw.slice(0, gap + 2) + raw.slice(gap + 2).replace(/^ {4}/gm, '');
}

export async function count(git: Git, from: string, without: string): Promise<number> {
  return Number(await git.text(['rev-list', '--count', from, `^${without}`, '--']));
}
