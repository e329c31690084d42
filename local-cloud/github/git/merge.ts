import { type Commit, type Person, readCommit, writeCommit } from './commits.ts';
import type { Git } from './repository.ts';

/** The tree of a real three-way merge of two commits, or the paths that conflict. */
export type MergedTree = { readonly tree: string } | { readonly conflicts: readonly string[] };

export async function mergeTrees(git: Git, ours: string, theirs: string): Promise<MergedTree> {
  const head = await readCommit(git, theirs);
  // Made on top of the other: nothing is to be merged, and no process needed.
  if (head?.parents.includes(ours)) return { tree: head.tree };
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs];
  const { code, stdout } = await git.run(args, { accept: [0, 1] });
  const [tree = '', ...conflicts] = stdout.toString().split('\0');
  return code === 0 ? { tree } : { conflicts: conflicts.filter((path) => path !== '') };
}

/**
 * Puts `commits` (oldest first, no merges) one after another upon `base`. The last one's sha, or undefined when one of
 * them conflicts.
 */
export async function rebase(git: Git, base: Commit, commits: readonly Commit[], committer: Person) {
  let tip = base.sha;
  let tree = base.tree;
  for (const commit of commits) {
    const merged = await pick(git, tree, commit);
    if (!('tree' in merged)) return undefined;
    const { author, message } = commit;
    tree = merged.tree;
    tip = await writeCommit(git, { tree, parents: [tip], author, committer, message });
  }
  return tip;
}

/**
 * merge-tree takes a merge base of one's own only from git 2.40 on: a commit that has the current tree and the picked
 * commit's parent makes that parent the merge base.
 */
async function pick(git: Git, tree: string, commit: Commit): Promise<MergedTree> {
  const { parents, author, committer } = commit;
  const stand = await writeCommit(git, { tree, parents, author, committer, message: 'a stand-in for picking' });
  return mergeTrees(git, stand, commit.sha);
}
