import { notEmulated } from '../answers.ts';
import { HEX } from '../chance.ts';
import type { CloudContext, Service } from '../service.ts';
import type { Repository } from '../vercel/options.ts';
import { ALL_PERMISSIONS } from './actors.ts';
import { recoverHeads } from './acts/recover.ts';
import { conditional, Refusal } from './answers.ts';
import { appRepositoryRoutes } from './app-repositories.ts';
import { createForge, type LocalForge } from './forge.ts';
import { Limits } from './limits.ts';
import { forgePage } from './pages/pages.ts';
import { match, type Route } from './router.ts';
import { checkRoutes } from './routes/checks.ts';
import { commentRoutes } from './routes/comments.ts';
import { compareRoute } from './routes/compare.ts';
import { contentRoutes } from './routes/contents.ts';
import { deploymentRoutes } from './routes/deployments.ts';
import { dispatchRoutes } from './routes/dispatches.ts';
import { gitDataRoutes } from './routes/git-data.ts';
import { identityRoutes } from './routes/identity.ts';
import { issueRoutes } from './routes/issues.ts';
import { labelRoutes } from './routes/labels.ts';
import { pullRoutes } from './routes/pulls.ts';
import { refRoutes } from './routes/refs.ts';
import { repositoryRoutes } from './routes/repositories.ts';
import { statusRoutes } from './routes/statuses.ts';
import { ACTIONS_LOGIN, PREFIX, World } from './world.ts';

export interface GitHubOptions {
  /** The GITHUB_TOKEN: it may do everything that a workflow's token can be allowed, in every repository. */
  readonly token: string;
  /** By `owner/name`, as the emulated Vercel sees them. */
  readonly repositories: Readonly<Record<string, Repository>>;
  /** false = no answer is ever refused for its frequency. */
  readonly limits?: boolean;
  /** What `save()` gave before the restart. */
  readonly saved?: unknown;
}

export interface GitHubService extends Service {
  /** People at their keyboards, and those who watch what happens. */
  readonly forge: LocalForge;
}

const routes: readonly Route[] = [
  ...identityRoutes,
  ...gitDataRoutes,
  ...refRoutes,
  ...contentRoutes,
  ...checkRoutes,
  ...statusRoutes,
  ...deploymentRoutes,
  ...dispatchRoutes,
  ...labelRoutes,
  ...commentRoutes,
  ...issueRoutes,
  ...pullRoutes,
  compareRoute,
  ...repositoryRoutes,
];

/**
 * GitHub's REST API (https://docs.github.com/rest, version 2022-11-28) over real bare repositories in the cloud's folder,
 * and a page for everything that has an `html_url`.
 */
export function githubService(context: CloudContext, options: GitHubOptions): GitHubService {
  const world = new World(context, options.saved);
  if (!world.state.tokens.some(({ token }) => token === options.token))
    world.state.tokens.push(workflowToken(options.token));
  const limits = new Limits(world, options.limits ?? true);
  const appRoutes = appRepositoryRoutes(options.repositories);
  let recovered: Promise<void> | undefined;
  return {
    name: 'github',
    prefix: PREFIX,
    forge: createForge(world, options.token, (request) => answer(request)),
    fetch: (request) => answer(request),
    save: () => world.state,
    close: () => world.close(),
  };

  /** An app's repository has refs only: of everything else we make nothing up. */
  function routesFor(path: string): readonly Route[] {
    const name = /^\/repos\/([^/]+\/[^/]+)/.exec(path)?.[1]?.toLowerCase() ?? '';
    const isApp = Object.keys(options.repositories).some((one) => one.toLowerCase() === name);
    return isApp && world.find(name) === undefined ? appRoutes : routes;
  }

  async function answer(request: Request): Promise<Response> {
    recovered ??= recoverHeads(world);
    await recovered;
    const url = new URL(request.url);
    const page = request.method === 'GET' ? await forgePage(world, url.pathname) : undefined;
    if (page !== undefined) return page;
    const headers: Record<string, string> = {
      'x-github-request-id': requestId(world),
      'x-github-media-type': 'github.v3',
    };
    const response = await refusable(async () => {
      const found = match(routesFor(url.pathname), request.method, url.pathname);
      if (found === undefined) return notEmulated('github', request);
      Object.assign(headers, limits.take(request));
      const seen = new URL(`${world.base}${url.pathname}${url.search}`);
      const handle = () => found.route.handle({ world, request, url: seen, params: found.params, body: undefined });
      return request.method === 'GET' ? handle() : world.exclusive(handle);
    });
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    return conditional(request, response);
  }
}

async function refusable(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) return error.response();
    throw error;
  }
}

function workflowToken(token: string) {
  const permissions = ALL_PERMISSIONS;
  return { token, login: ACTIONS_LOGIN, kind: 'actions' as const, repository: null, permissions, expiresAt: null };
}

function requestId(world: World): string {
  return world.context.chance.text('github.request', 24, HEX).toUpperCase();
}
