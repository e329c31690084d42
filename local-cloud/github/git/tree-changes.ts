import type { Git } from './repository.ts';
import { parseTree, type RawEntry, TREE } from './trees.ts';

/** A file that differs between two trees; the side on which there is none is undefined. */
export interface TreeDifference {
  readonly path: string;
  readonly from: RawEntry | undefined;
  readonly to: RawEntry | undefined;
}

/** What differs from one tree or commit to another, in no order; only folders that differ are looked into. */
export async function differences(git: Git, from: string | undefined, to: string): Promise<TreeDifference[]> {
  const root = async (name: string | undefined) =>
    name === undefined ? undefined : { mode: TREE, sha: (await git.object(`${name}^{tree}`))?.sha ?? '' };
  return below(git, '', await root(from), await root(to));
}

type Side = RawEntry | undefined;

async function below(git: Git, folder: string, from: Side, to: Side): Promise<TreeDifference[]> {
  const [before, after] = [await inside(git, from), await inside(git, to)];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const found = names.map((name) => between(git, `${folder}${name}`, before.get(name), after.get(name)));
  return (await Promise.all(found)).flat();
}

async function between(git: Git, path: string, from: Side, to: Side): Promise<TreeDifference[]> {
  if (from?.sha === to?.sha && from?.mode === to?.mode) return [];
  const [fromFile, toFile] = [from?.mode === TREE ? undefined : from, to?.mode === TREE ? undefined : to];
  const own = fromFile || toFile ? [{ path, from: fromFile, to: toFile }] : [];
  return [...own, ...(await below(git, `${path}/`, from, to))];
}

/** Nothing where it is no folder. */
async function inside(git: Git, side: Side): Promise<ReadonlyMap<string, RawEntry>> {
  return side?.mode === TREE ? parseTree((await git.object(side.sha))?.content) : new Map();
}
