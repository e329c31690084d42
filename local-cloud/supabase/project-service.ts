import { json, notEmulated } from '../answers.ts';
import type { ProjectTiming } from '../latency.ts';
import type { Service, VendorClock } from '../service.ts';
import type { Instances } from './instances.ts';
import { isServing, lookAtServices, type ProjectService, statusOf } from './lifecycle.ts';
import type { Project, World } from './world.ts';

export interface ProjectUrls {
  readonly world: World;
  readonly instances: Instances;
  readonly clock: VendorClock;
  readonly timing: ProjectTiming;
}

/** The instances' own URLs: `/{ref}/auth/v1/…` and `/{ref}/rest/v1/…`, answered by the instance once it is up. */
export function projectService(urls: ProjectUrls): Service {
  return {
    name: 'project',
    prefix: '/projects',
    fetch: (request) => route(urls, request),
    // Projects are saved with the Management API, their rows by the instances themselves.
    save: () => null,
    close: () => urls.instances.close(),
  };
}

async function route(urls: ProjectUrls, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const [, ref = '', service, rest = ''] = /^\/([a-z]{20})\/(auth|rest)\/v1(\/.*)?$/.exec(url.pathname) ?? [];
  if (service === undefined) return notEmulated('an instance', request);
  const project = urls.world.find(ref);
  const refusal = refusalOf(urls, project, service === 'auth' ? 'auth' : 'rest');
  if (refusal !== undefined || project === undefined) return refusal ?? noSuchHost();
  url.pathname = `/${service}/v1${rest}`;
  const inner = await behindGateway(project, url, request);
  return urls.instances.use(ref, (instance) => instance.fetch(inner));
}

/** A removed project's name no longer resolves at the vendor; over our one port that can only be a 404. */
function noSuchHost(): Response {
  return json(404, { message: 'Project not found' });
}

function refusalOf(urls: ProjectUrls, project: Project | undefined, service: ProjectService): Response | undefined {
  if (project === undefined || project.phase.kind === 'removed') return noSuchHost();
  const now = urls.clock.now();
  const status = statusOf(project, now, urls.timing);
  if (status === 'INACTIVE' || status === 'PAUSING') return json(540, { message: 'Project paused' });
  if (isServing(project, service, now, urls.timing)) return undefined;
  lookAtServices(project, now, urls.timing);
  return json(503, { message: 'Service Unavailable' });
}

/**
 * As the vendor's gateway does: whichever valid key came in, the services behind see the one they were born with. A key
 * that was deleted or switched off becomes one that nobody knows.
 */
async function behindGateway(project: Project, url: URL, request: Request): Promise<Request> {
  const headers = new Headers(request.headers);
  const given = headers.get('apikey') ?? url.searchParams.get('apikey');
  if (given !== null) {
    const known = translate(project, given);
    if (headers.has('apikey')) headers.set('apikey', known);
    if (url.searchParams.has('apikey')) url.searchParams.set('apikey', known);
    if (bearerOf(headers) === given) headers.set('authorization', `Bearer ${known}`);
  }
  const body = request.body === null ? null : await request.arrayBuffer();
  return new Request(url, { method: request.method, headers, body });
}

function translate(project: Project, given: string): string {
  const key = project.apiKeys.find(({ value }) => value === given);
  if (key === undefined) return Object.values(project.keys).includes(given) ? 'revoked' : given;
  if (key.type === 'legacy') return project.legacyKeysEnabled ? given : 'revoked';
  return project.keys[key.type];
}

function bearerOf(headers: Headers): string | undefined {
  return /^bearer\s+(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
}
