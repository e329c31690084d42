import { Hono } from 'hono';
import type { z } from 'zod';
import { badRequest, type Call, conflict, notFound, type Scope } from '../answers.ts';
import { stateOf } from '../deployments/progress.ts';
import { projectOf } from '../projects/find.ts';
import { noQuery } from '../projects/schema.ts';
import type { Project, ProjectDomain } from '../state.ts';
import { body, query } from '../strict.ts';
import { stamp, type World } from '../world.ts';
import { addBody, configQuery, listQuery, removeBody, updateBody } from './schema.ts';
import { apexOf, configView, domainView, ownDomain } from './shape.ts';

const shape = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

function checkFree(world: World, project: Project, name: string): void {
  if (project.domains.some((domain) => domain.name === name) || project.host === name) {
    throw badRequest(`Cannot add ${name} since it's already in use by this project.`, 'domain_already_in_use');
  }
  const holder = world.state.projects.find(
    ({ host, domains }) => host === name || domains.some((d) => d.name === name),
  );
  if (holder === undefined && !name.endsWith('.vercel.app')) return;
  throw conflict(`Cannot add ${name} since it's already assigned to another project.`, 'domain_already_in_use');
}

/** A custom domain waits for a production deployment that worked. */
function checkServes(world: World, project: Project): void {
  const latest = world.state.deployments.findLast(
    ({ projectId, target }) => projectId === project.id && target === 'production',
  );
  if (latest === undefined || !['ERROR', 'CANCELED', 'BLOCKED'].includes(stateOf(world, latest))) return;
  throw badRequest('The domain can not be added because the latest production deployment was not successful.');
}

function checkRedirect(name: string, { redirect, gitBranch }: z.infer<typeof updateBody>): void {
  if (redirect != null && gitBranch != null) throw badRequest("You can't set both a git branch and a redirect.");
  if (redirect === name) throw badRequest('A domain cannot redirect to itself.');
}

function add(world: World, project: Project, wish: z.infer<typeof addBody>): ProjectDomain {
  const { name, gitBranch = null, redirect = null, redirectStatusCode = null } = wish;
  if (!shape.test(name)) throw badRequest(`The domain "${name}" is not valid.`, 'invalid_domain');
  checkRedirect(name, wish);
  checkFree(world, project, name);
  checkServes(world, project);
  const at = stamp(world);
  const verified = world.options.foreignApexes?.includes(apexOf(name)) !== true;
  const domain = { name, verified, gitBranch, redirect, redirectStatusCode, createdAt: at, updatedAt: at };
  project.domains.push(domain);
  return domain;
}

function domainOf(project: Project, call: Call): ProjectDomain {
  const name = call.req.param('domain');
  if (name === project.host) return ownDomain(project);
  const found = project.domains.find((domain) => domain.name === name);
  if (found === undefined) throw notFound('The domain is not assigned to this project.');
  return found;
}

function verify(project: Project, domain: ProjectDomain): ProjectDomain {
  if (domain.verified) return domain;
  const message = `Missing TXT record on _vercel.${apexOf(domain.name)} for ${project.name}.`;
  throw badRequest(message, 'missing_txt_record');
}

function update(world: World, project: Project, domain: ProjectDomain, wish: z.infer<typeof updateBody>): void {
  if (domain.name === project.host) throw badRequest('The domain cannot be changed.');
  checkRedirect(domain.name, wish);
  if (wish.gitBranch !== undefined) domain.gitBranch = wish.gitBranch;
  if (wish.redirect !== undefined) domain.redirect = wish.redirect;
  if (wish.redirectStatusCode !== undefined) domain.redirectStatusCode = wish.redirectStatusCode;
  domain.updatedAt = stamp(world);
}

function listed(project: Project, wish: z.infer<typeof listQuery>): Record<string, unknown> {
  const { since = 0, until = Number.POSITIVE_INFINITY, limit = 20, verified, order } = wish;
  const found = [ownDomain(project), ...project.domains]
    .filter(({ createdAt }) => createdAt > since && createdAt < until)
    .filter((domain) => verified === undefined || String(domain.verified) === verified)
    .toSorted((a, b) => (order === 'ASC' ? a.createdAt - b.createdAt : b.createdAt - a.createdAt));
  const page = found.slice(0, limit);
  const next = found.length > page.length ? (page.at(-1)?.createdAt ?? null) : null;
  const pagination = { count: page.length, next, prev: page[0]?.createdAt ?? null };
  return { domains: page.map((domain) => domainView(project, domain)), pagination };
}

/** Domains of a project: https://vercel.com/docs/rest-api/projects/add-a-domain-to-a-project */
export function domainRoutes(world: World): Hono<Scope> {
  const app = new Hono<Scope>();
  app.post('/v10/projects/:project/domains', async (call) => {
    query(call, noQuery);
    const project = projectOf(world, call);
    return call.json(domainView(project, add(world, project, await body(call, addBody))));
  });
  app.get('/v9/projects/:project/domains', (call) => {
    const wish = query(call, listQuery);
    return call.json(listed(projectOf(world, call), wish));
  });
  app.get('/v9/projects/:project/domains/:domain', (call) => {
    query(call, noQuery);
    const project = projectOf(world, call);
    return call.json(domainView(project, domainOf(project, call)));
  });
  app.patch('/v9/projects/:project/domains/:domain', async (call) => {
    query(call, noQuery);
    const project = projectOf(world, call);
    const domain = domainOf(project, call);
    update(world, project, domain, await body(call, updateBody));
    return call.json(domainView(project, domain));
  });
  app.delete('/v9/projects/:project/domains/:domain', async (call) => {
    query(call, noQuery);
    const project = projectOf(world, call);
    const domain = domainOf(project, call);
    await body(call, removeBody);
    if (domain.name === project.host) throw badRequest('The domain cannot be removed.');
    project.domains = project.domains.filter((other) => other !== domain);
    return call.json({});
  });
  app.post('/v9/projects/:project/domains/:domain/verify', (call) => {
    query(call, noQuery);
    const project = projectOf(world, call);
    return call.json(domainView(project, verify(project, domainOf(project, call))));
  });
  app.get('/v6/domains/:domain/config', (call) => {
    query(call, configQuery);
    return call.json(configView(world, call.req.param('domain')));
  });
  return app;
}
