import { z } from 'zod';
import { json } from '../../answers.ts';
import { mergePull } from '../acts/merge.ts';
import { openPull } from '../acts/pulls.ts';
import { tryMerge } from '../acts/trial.ts';
import { notFound, Refusal, slice } from '../answers.ts';
import { diff, type FileChange } from '../git/diff.ts';
import { log, mergeBase } from '../git/history.ts';
import { readRef } from '../git/refs.ts';
import { type RepositoryCall, type Route, repositoryRoute } from '../router.ts';
import { isPull, type PullRequest, type Repository } from '../state.ts';
import { commitView, fileView, statsOf } from '../views/commits.ts';
import { userView } from '../views/common.ts';
import { pullView } from '../views/issues.ts';
import type { Rest, View } from '../views/types.ts';
import type { World } from '../world.ts';
import { changeState, changeText } from './issues.ts';
import { sha, text } from './shapes.ts';

const createBody = z.strictObject({
  title: z.string(),
  head: z.string().min(1),
  base: z.string().min(1),
  body: text,
  draft: z.boolean().optional(),
  maintainer_can_modify: z.boolean().optional(),
});
const updateBody = z.strictObject({
  title: z.string().optional(),
  body: text,
  state: z.enum(['open', 'closed']).optional(),
  maintainer_can_modify: z.boolean().optional(),
});
const mergeBody = z.strictObject({
  commit_title: z.string().optional(),
  commit_message: z.string().optional(),
  sha: sha.optional(),
  merge_method: z.enum(['merge', 'squash', 'rebase']).optional(),
});

/** https://docs.github.com/rest/pulls/pulls */
export const pullRoutes: readonly Route[] = [
  repositoryRoute('GET', '/pulls', { access: 'pull_requests:read' }, async ({ world, repository, url }) => {
    const { items, headers } = slice(select(repository, url.searchParams), url);
    return json(
      200,
      items.map((issue) => pullView(world, repository, issue)),
      headers,
    );
  }),

  repositoryRoute('POST', '/pulls', { access: 'pull_requests:write', body: createBody }, async (call) => {
    const issue = await openPull(call.world, call.repository, call.actor, call.body);
    return json(201, await wholePull(call, issue));
  }),

  repositoryRoute('GET', '/pulls/{number}', { access: 'pull_requests:read' }, async (call) => {
    return json(200, await wholePull(call, wantedPull(call)));
  }),

  repositoryRoute('PATCH', '/pulls/{number}', { access: 'pull_requests:write', body: updateBody }, async (call) => {
    const issue = wantedPull(call);
    await changeText(call, issue, call.body);
    if (call.body.state !== undefined) await changeState(call, issue, call.body.state);
    return json(200, await wholePull(call, issue));
  }),

  repositoryRoute('GET', '/pulls/{number}/files', { access: 'pull_requests:read' }, async (call) => {
    const { world, repository, url } = call;
    const issue = wantedPull(call);
    const { items, headers } = slice(await pullFiles(world, repository, issue), url);
    return json(
      200,
      items.map((file) => fileView(world, repository, issue.pull.headSha, file)),
      headers,
    );
  }),

  repositoryRoute('GET', '/pulls/{number}/commits', { access: 'pull_requests:read' }, async (call) => {
    const { world, repository, url } = call;
    const { items, headers } = slice(await pullCommits(world, repository, wantedPull(call)), url);
    return json(
      200,
      items.map((commit) => commitView(world, repository, commit)),
      headers,
    );
  }),

  repositoryRoute('GET', '/pulls/{number}/merge', { access: 'pull_requests:read' }, (call) => {
    if (wantedPull(call).pull.mergedAt === null) throw notFound();
    return new Response(null, { status: 204 });
  }),

  repositoryRoute('PUT', '/pulls/{number}/merge', { access: 'contents:write', body: mergeBody }, async (call) => {
    const { world, repository, actor, body } = call;
    const wish = { method: body.merge_method, sha: body.sha, title: body.commit_title, message: body.commit_message };
    const merged = await mergePull(world, repository, actor, wantedPull(call), wish);
    return json(200, { sha: merged, merged: true, message: 'Pull Request successfully merged' });
  }),
];

function wantedPull({ repository, params }: RepositoryCall<'number'>): PullRequest {
  const issue = repository.issues.filter(isPull).find((one) => String(one.number) === params.number);
  if (issue === undefined) throw notFound();
  return issue;
}

function select(repository: Repository, query: URLSearchParams): PullRequest[] {
  const state = query.get('state') ?? 'open';
  const [head, base] = [query.get('head'), query.get('base')];
  // Without an owner GitHub ignores the filter and lists everything: whoever relies on it must notice here.
  if (head !== null && !head.includes(':')) throw new Refusal(422, 'The head filter needs the form owner:branch.');
  const ascending = query.get('direction') === 'asc';
  return repository.issues
    .filter(isPull)
    .filter((issue) => state === 'all' || issue.state === state)
    .filter(({ pull }) => base === null || pull.baseRef === base)
    .filter(({ pull }) => head === null || head === `${pull.headRepository.split('/')[0]}:${pull.headRef}`)
    .sort((a, b) => (ascending ? a.number - b.number : b.number - a.number));
}

/** What the pull request changes beyond the point where it left its base branch. */
export async function pullFiles(world: World, repository: Repository, { pull }: PullRequest): Promise<FileChange[]> {
  const git = world.git(repository);
  const from = await mergeBase(git, await baseOf(world, repository, pull), pull.headSha);
  return diff(git, from, pull.headSha);
}

async function pullCommits(world: World, repository: Repository, { pull }: PullRequest) {
  const git = world.git(repository);
  const base = await baseOf(world, repository, pull);
  return log(git, pull.headSha, { without: [base], oldestFirst: true, limit: 250 });
}

/** A merged one is compared with its base as it was before. */
async function baseOf(world: World, repository: Repository, pull: PullRequest['pull']): Promise<string> {
  if (pull.mergedAt !== null) return pull.baseSha;
  return (await readRef(world.git(repository), `refs/heads/${pull.baseRef}`))?.sha ?? pull.baseSha;
}

async function wholePull(call: RepositoryCall, issue: PullRequest) {
  const { world, repository } = call;
  const { pull, number } = issue;
  const files = await pullFiles(world, repository, issue);
  const { additions, deletions } = statsOf(files);
  const mergeability = await mergeable(world, repository, issue);
  return {
    ...pullView(world, repository, issue),
    merged: pull.mergedAt !== null,
    merged_by: pull.mergedBy === null ? null : userView(world, pull.mergedBy),
    ...mergeability,
    rebaseable: mergeability.mergeable,
    comments: repository.comments.filter((comment) => comment.issue === number).length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: (await pullCommits(world, repository, issue)).length,
    additions,
    deletions,
    changed_files: files.length,
  } satisfies View<Rest['pulls']['get']>;
}

/**
 * GitHub finds it out in the background: the first look after a change of either branch is told null, so whoever does
 * not ask again learns it here. https://docs.github.com/rest/pulls/pulls#get-a-pull-request
 */
async function mergeable(world: World, repository: Repository, issue: PullRequest) {
  const { pull } = issue;
  if (issue.state === 'closed') return { mergeable: null, mergeable_state: 'unknown' };
  const sha = await tryMerge(world, repository, issue);
  const told = pull.trial?.told ?? true;
  if (pull.trial !== null) pull.trial.told = true;
  if (!told) return { mergeable: null, mergeable_state: 'unknown' };
  if (sha === null) return { mergeable: false, mergeable_state: 'dirty' };
  return { mergeable: true, mergeable_state: pull.draft ? 'draft' : 'clean' };
}
