import { Hono } from 'hono';
import type { z } from 'zod';
import { isHidden } from '../../stale.ts';
import { badRequest, type Scope } from '../answers.ts';
import { settleProject } from '../deployments/serving.ts';
import { initialVariables } from '../env/write.ts';
import { claimHost } from '../hosts.ts';
import type { Project } from '../state.ts';
import { body, query } from '../strict.ts';
import { newProjectId, stamp, type World } from '../world.ts';
import { checkName, checkNameFree, projectOf } from './find.ts';
import { pageOf } from './list.ts';
import { createBody, listQuery, noQuery, updateBody } from './schema.ts';
import { projectView } from './shape.ts';

function create(world: World, accountId: string, wish: z.infer<typeof createBody>): Project {
  const { name, ssoProtection, environmentVariables = [], gitRepository, ...settings } = wish;
  checkName(name);
  checkNameFree(world, accountId, name);
  const link = gitRepository && linkTo(world, gitRepository);
  const env = initialVariables(world, environmentVariables);
  const at = stamp(world);
  const project: Project = {
    id: newProjectId(world),
    accountId,
    name,
    host: claimHost(world, name),
    settings: { ...settings, ...(link && { link }) },
    // Left out, Vercel's standard protection stands: strangers get 401 on every host under vercel.app.
    sso: ssoProtection === undefined ? 'all_except_custom_domains' : (ssoProtection?.deploymentType ?? null),
    paused: false,
    autoAssign: true,
    env,
    domains: [],
    createdAt: at,
    updatedAt: at,
  };
  world.state.projects.push(project);
  return project;
}

function linkTo(world: World, wish: { type: string; repo: string }): Record<string, unknown> {
  const [org = '', repo = ''] = wish.repo.split('/');
  if (wish.type !== 'github' || world.repositories[wish.repo] === undefined) {
    throw badRequest(`The repository "${wish.repo}" couldn't be found in your linked Git account.`, 'repo_not_found');
  }
  return { type: 'github', org, repo, productionBranch: 'main', deployHooks: [], gitCredentialId: 'cred_local' };
}

function update(world: World, project: Project, wish: z.infer<typeof updateBody>): void {
  const { name, ssoProtection, autoAssignCustomDomains, ...settings } = wish;
  if (name !== undefined && name !== project.name) {
    checkName(name);
    checkNameFree(world, project.accountId, name);
    project.name = name;
  }
  if (ssoProtection !== undefined) project.sso = ssoProtection?.deploymentType ?? null;
  settleProject(world, project);
  if (autoAssignCustomDomains !== undefined) project.autoAssign = autoAssignCustomDomains;
  Object.assign(project.settings, settings);
  project.updatedAt = stamp(world);
}

function remove(world: World, project: Project): void {
  const { state } = world;
  state.projects = state.projects.filter((other) => other !== project);
  state.deployments = state.deployments.filter((deployment) => deployment.projectId !== project.id);
}

function matching(world: World, accountId: string, wish: z.infer<typeof listQuery>): Project[] {
  const repo = wish.repo ?? wish.repoUrl?.replace(/^https:\/\/github\.com\//, '');
  return world.state.projects.filter(
    (project) =>
      project.accountId === accountId &&
      (wish.search === undefined || project.name.includes(wish.search)) &&
      (repo === undefined || linkedRepository(project) === repo),
  );
}

function linkedRepository(project: Project): string | undefined {
  const { link } = project.settings;
  if (typeof link !== 'object' || link === null || !('org' in link) || !('repo' in link)) return undefined;
  return `${String(link.org)}/${String(link.repo)}`;
}

/** Projects: https://vercel.com/docs/rest-api/projects */
export function projectRoutes(world: World): Hono<Scope> {
  const app = new Hono<Scope>();
  app.post('/:version{v9|v10|v11}/projects', async (call) => {
    query(call, noQuery);
    const project = create(world, call.get('accountId'), await body(call, createBody));
    return call.json(projectView(world, project));
  });
  app.get('/:version{v9|v10}/projects', (call) => {
    const wish = query(call, listQuery);
    const shown = (project: Project) => !isHidden(call.req.raw, project.createdAt, world.context.clock.now());
    const found = matching(world, call.get('accountId'), wish).filter(shown);
    const { projects, pagination } = pageOf(found, wish.from, wish.limit ?? 20);
    return call.json({ projects: projects.map((project) => projectView(world, project)), pagination });
  });
  app.get('/v9/projects/:project', (call) => {
    query(call, noQuery);
    return call.json(projectView(world, projectOf(world, call)));
  });
  app.patch('/v9/projects/:project', async (call) => {
    query(call, noQuery);
    const project = projectOf(world, call);
    update(world, project, await body(call, updateBody));
    return call.json(projectView(world, project));
  });
  app.delete('/v9/projects/:project', (call) => {
    query(call, noQuery);
    remove(world, projectOf(world, call));
    return call.body(null, 204);
  });
  return app;
}
