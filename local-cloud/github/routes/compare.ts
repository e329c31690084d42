import { json } from '../../answers.ts';
import { knownCommit, wantedCommit } from '../acts/commits.ts';
import { notFound } from '../answers.ts';
import { diff } from '../git/diff.ts';
import { count, log, mergeBase } from '../git/history.ts';
import { type RepositoryCall, type Route, repositoryRoute } from '../router.ts';
import { commitView, fileView } from '../views/commits.ts';
import { ownerOf } from '../world.ts';

/**
 * https://docs.github.com/rest/commits/commits#compare-two-commits: three dots show what the head has beyond the merge
 * base, two dots the difference of the two. `owner:branch` names a fork's.
 */
export const compareRoute: Route = repositoryRoute(
  'GET',
  '/compare/{+basehead}',
  { access: 'contents:read' },
  async (call) => {
    const { world, repository, git } = call;
    const [, left, dots, right] = /^(.+?)(\.\.\.?)([^.].*)$/.exec(call.params.basehead) ?? [];
    if (left === undefined || right === undefined) throw notFound();
    const [base, head] = [await end(call, left), await end(call, right)];
    const common = await mergeBase(git, base.sha, head.sha);
    if (common === undefined) throw notFound();
    const [ahead, behind] = [await count(git, head.sha, base.sha), await count(git, base.sha, head.sha)];
    const commits = await log(git, head.sha, { without: [base.sha], oldestFirst: true });
    const files = await diff(git, dots === '...' ? common : base.sha, head.sha);
    return json(200, {
      url: call.url.href,
      html_url: `${world.base}/${repository.name}/compare/${call.params.basehead}`,
      base_commit: commitView(world, repository, base),
      merge_base_commit: commitView(world, repository, await knownCommit(git, common)),
      status: statusOf(ahead, behind),
      ahead_by: ahead,
      behind_by: behind,
      total_commits: ahead,
      commits: commits.slice(0, 250).map((commit) => commitView(world, repository, commit)),
      files: files.slice(0, 300).map((file) => fileView(world, repository, head.sha, file)),
    });
  },
);

function statusOf(ahead: number, behind: number): 'identical' | 'ahead' | 'behind' | 'diverged' {
  if (ahead > 0) return behind > 0 ? 'diverged' : 'ahead';
  return behind > 0 ? 'behind' : 'identical';
}

async function end({ world, repository, git }: RepositoryCall, name: string) {
  const colon = name.indexOf(':');
  if (colon < 0) return wantedCommit(git, name);
  const [owner, ref] = [name.slice(0, colon), name.slice(colon + 1)];
  if (owner === ownerOf(repository)) return wantedCommit(git, ref);
  const fork = world.state.repositories.find((one) => one.parent === repository.name && ownerOf(one) === owner);
  if (fork === undefined) throw notFound();
  const { sha } = await wantedCommit(world.git(fork), ref);
  await git.run(['fetch', '--quiet', '--no-tags', world.directory(fork.name), sha]);
  return knownCommit(git, sha);
}
