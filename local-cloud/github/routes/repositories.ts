import { z } from 'zod';
import { json } from '../../answers.ts';
import { wantedCommit } from '../acts/commits.ts';
import { forkRepository } from '../acts/forks.ts';
import { notFound, pageOf, slice, unprocessable } from '../answers.ts';
import { diff } from '../git/diff.ts';
import { log } from '../git/history.ts';
import { listRefs } from '../git/refs.ts';
import type { Git } from '../git/repository.ts';
import { type Route, repositoryRoute } from '../router.ts';
import { isPull } from '../state.ts';
import { commitView, fileView, statsOf } from '../views/commits.ts';
import { apiUrl, repositoryView } from '../views/common.ts';
import { pullView } from '../views/issues.ts';

const forkBody = z.strictObject({ organization: z.string().optional(), name: z.string().optional() });

/** https://docs.github.com/rest/repos, https://docs.github.com/rest/commits, https://docs.github.com/rest/branches */
export const repositoryRoutes: readonly Route[] = [
  repositoryRoute('GET', '', { access: 'metadata:read' }, async ({ world, repository }) => {
    const parent = repository.parent === null ? undefined : world.find(repository.parent);
    const related = parent && { parent: repositoryView(world, parent), source: repositoryView(world, parent) };
    return json(200, { ...repositoryView(world, repository), ...related });
  }),

  repositoryRoute('GET', '/branches', { access: 'contents:read' }, async ({ world, repository, git, url }) => {
    const isProtected = (name: string) => repository.protections.some(({ branch }) => branch === name);
    const branches = (await listRefs(git, 'refs/heads/')).map(({ ref, sha }) => {
      const name = ref.slice('refs/heads/'.length);
      const commit = { sha, url: apiUrl(world, repository, `/commits/${sha}`) };
      return { name, commit, protected: isProtected(name) };
    });
    const { items, headers } = slice(branches, url);
    return json(200, items, headers);
  }),

  repositoryRoute('GET', '/branches/{+branch}', { access: 'contents:read' }, async (call) => {
    const { world, repository, git } = call;
    const { branch: name } = call.params;
    const ref = `refs/heads/${name}`;
    if (!(await listRefs(git, ref)).some((one) => one.ref === ref)) throw notFound();
    const commit = await wantedCommit(git, ref);
    const rules = repository.protections.find(({ branch }) => branch === name);
    return json(200, {
      name,
      commit: commitView(world, repository, commit),
      _links: { self: call.url.href, html: `${world.base}/${repository.name}/tree/${name}` },
      protected: rules !== undefined,
      protection: {
        enabled: rules !== undefined,
        required_status_checks: {
          enforcement_level: rules?.checks.length ? 'everyone' : 'off',
          contexts: rules?.checks ?? [],
        },
      },
      protection_url: `${call.url.href}/protection`,
    });
  }),

  repositoryRoute('GET', '/commits', { access: 'contents:read' }, async (call) => {
    const { world, repository, git, url } = call;
    const query = url.searchParams;
    const from = await wantedCommit(git, query.get('sha') ?? repository.defaultBranch);
    const { page, size } = pageOf(query);
    const path = query.get('path');
    const found = await log(git, from.sha, { limit: page * size + 1, ...(path !== null && { path }) });
    const { items, headers } = slice(found, url);
    return json(
      200,
      items.map((commit) => commitView(world, repository, commit)),
      headers,
    );
  }),

  repositoryRoute('GET', '/commits/{sha}/pulls', { access: 'contents:read' }, async (call) => {
    const { world, repository, git } = call;
    const { sha } = await wantedCommit(git, call.params.sha, noCommit(call.params.sha));
    const found = [];
    for (const issue of repository.issues.filter(isPull)) {
      if (issue.pull.mergeCommitSha === sha || (await bringsCommit(git, issue.pull, sha))) found.push(issue);
    }
    const { items, headers } = slice(found, call.url);
    return json(
      200,
      items.map((issue) => pullView(world, repository, issue)),
      headers,
    );
  }),

  repositoryRoute('GET', '/commits/{+ref}', { access: 'contents:read' }, async (call) => {
    const { world, repository, git, request } = call;
    const commit = await wantedCommit(git, call.params.ref, noCommit(call.params.ref));
    if (request.headers.get('accept')?.includes('application/vnd.github.sha')) {
      return new Response(commit.sha, { headers: { 'content-type': 'application/vnd.github.sha; charset=utf-8' } });
    }
    const files = await diff(git, commit.parents[0], commit.sha);
    return json(200, {
      ...commitView(world, repository, commit),
      stats: statsOf(files),
      files: files.map((file) => fileView(world, repository, commit.sha, file)),
    });
  }),

  repositoryRoute('POST', '/forks', { access: 'contents:read', body: forkBody }, async (call) => {
    const { world, repository, actor, body } = call;
    if (actor.login === '') throw notFound();
    const fork = await forkRepository(world, repository, body.organization ?? actor.login, body.name);
    return json(202, repositoryView(world, fork));
  }),

  repositoryRoute('GET', '/forks', { access: 'metadata:read' }, async ({ world, repository, url }) => {
    const forks = world.state.repositories.filter(({ parent }) => parent === repository.name);
    const { items, headers } = slice(forks, url);
    return json(
      200,
      items.map((fork) => repositoryView(world, fork)),
      headers,
    );
  }),
];

function noCommit(ref: string) {
  return unprocessable(`No commit found for SHA: ${ref}`);
}

type Ends = { readonly headSha: string; readonly baseSha: string };

async function bringsCommit(git: Git, { headSha, baseSha }: Ends, sha: string): Promise<boolean> {
  return (await log(git, headSha, { without: [baseSha] })).some((commit) => commit.sha === sha);
}
