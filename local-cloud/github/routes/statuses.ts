import { z } from 'zod';
import { json } from '../../answers.ts';
import { wantedCommit } from '../acts/commits.ts';
import { slice, unprocessable } from '../answers.ts';
import { record } from '../events.ts';
import { type Route, repositoryRoute } from '../router.ts';
import type { CommitStatus, Repository } from '../state.ts';
import { statusStates } from '../state-reports.ts';
import { statusView } from '../views/checks.ts';
import { repositoryView } from '../views/common.ts';

const body = z.strictObject({
  state: z.enum(statusStates),
  target_url: z.string().nullish(),
  description: z.string().max(140).nullish(),
  context: z.string().min(1).default('default'),
});

/** https://docs.github.com/rest/commits/statuses */
export const statusRoutes: readonly Route[] = [
  repositoryRoute('POST', '/statuses/{sha}', { access: 'statuses:write', body }, async (call) => {
    const { world, repository, actor, git, params } = call;
    const commit = await wantedCommit(git, params.sha, unprocessable(`No commit found for SHA: ${params.sha}`));
    const status: CommitStatus = {
      id: world.nextId(),
      sha: commit.sha,
      state: call.body.state,
      context: call.body.context,
      description: call.body.description ?? null,
      targetUrl: call.body.target_url ?? null,
      creator: actor.login,
      createdAt: world.now(),
    };
    repository.statuses.push(status);
    const view = statusView(world, repository, status);
    await record(world, repository, actor, { name: 'status', payload: { ...view, sha: commit.sha } });
    return json(201, view);
  }),

  repositoryRoute('GET', '/commits/{ref}/status', { access: 'statuses:read' }, async (call) => {
    const { world, repository, git, params, url } = call;
    const commit = await wantedCommit(git, params.ref, unprocessable(`No commit found for SHA: ${params.ref}`));
    const latest = latestStatuses(repository, commit.sha);
    const { items, headers } = slice(latest, url);
    const combined = {
      state: combine(latest),
      statuses: items.map((status) => statusView(world, repository, status)),
      sha: commit.sha,
      total_count: latest.length,
      repository: repositoryView(world, repository),
    };
    return json(200, combined, headers);
  }),

  repositoryRoute('GET', '/commits/{ref}/statuses', { access: 'statuses:read' }, async (call) => {
    const { world, repository, git, params, url } = call;
    const commit = await wantedCommit(git, params.ref, unprocessable(`No commit found for SHA: ${params.ref}`));
    const { items, headers } = slice(repository.statuses.filter(({ sha }) => sha === commit.sha).toReversed(), url);
    return json(
      200,
      items.map((status) => statusView(world, repository, status)),
      headers,
    );
  }),
];

/** The newest of each context. */
export function latestStatuses(repository: Repository, sha: string): CommitStatus[] {
  const newest = new Map(repository.statuses.filter((one) => one.sha === sha).map((one) => [one.context, one]));
  return [...newest.values()];
}

function combine(statuses: readonly CommitStatus[]): 'failure' | 'pending' | 'success' {
  if (statuses.some(({ state }) => state === 'failure' || state === 'error')) return 'failure';
  return statuses.length === 0 || statuses.some(({ state }) => state === 'pending') ? 'pending' : 'success';
}
