import { type Commit, parseCommit, readCommit } from './commits.ts';
import type { Git } from './repository.ts';

/** Longer histories are git's. */
const LONGEST = 100;

/** All that a commit reaches, newest first, where that is a short line without merges: it needs no process. */
async function lineFrom(git: Git, from: string): Promise<Commit[] | undefined> {
  const line: Commit[] = [];
  for (let next: string | undefined = from; next !== undefined; ) {
    const commit: Commit | undefined = await readCommit(git, next);
    if (commit === undefined || commit.parents.length > 1 || line.length === LONGEST) return undefined;
    line.push(commit);
    [next] = commit.parents;
  }
  return line;
}

/** What of such a line `without` does not reach; undefined where one of those is not on it. */
async function lineWithout(git: Git, from: string, without: readonly string[]): Promise<Commit[] | undefined> {
  const line = await lineFrom(git, from);
  const ends = without.map((sha) => line?.findIndex((commit) => commit.sha === sha) ?? -1);
  return ends.includes(-1) ? undefined : line?.slice(0, Math.min(line.length, ...ends));
}

export async function isAncestor(git: Git, ancestor: string, descendant: string): Promise<boolean> {
  if (ancestor === descendant) return true;
  // Nearly always it is the parent: one read instead of a process.
  if ((await readCommit(git, descendant))?.parents.includes(ancestor)) return true;
  const names = [ancestor, descendant];
  const { code } = await git.fixed(['merge-base', '--is-ancestor', ...names], names, { accept: [0, 1] });
  return code === 0;
}

/** The best common ancestor; undefined for unrelated histories. */
export async function mergeBase(git: Git, one: string, other: string): Promise<string | undefined> {
  const [line, others] = [await lineFrom(git, one), await lineFrom(git, other)];
  if (line && others) return line.find(({ sha }) => others.some((commit) => commit.sha === sha))?.sha;
  const { code, stdout } = await git.fixed(['merge-base', one, other], [one, other], { accept: [0, 1] });
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
  const line = path === undefined ? await lineWithout(git, from, without) : undefined;
  if (line) {
    const part = line.slice(skip, limit === undefined ? undefined : skip + limit);
    return oldestFirst ? part.toReversed() : part;
  }
  const args = [
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
  ];
  const out = await git.fixedText(args, [from, ...without]);
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
  const line = await lineWithout(git, from, [without]);
  if (line) return line.length;
  return Number(await git.fixedText(['rev-list', '--count', from, `^${without}`, '--'], [from, without]));
}
