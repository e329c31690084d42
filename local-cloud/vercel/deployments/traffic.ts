import { Hono } from 'hono';
import { z } from 'zod';
import { badRequest, type Call, conflict, type Scope } from '../answers.ts';
import { projectOf } from '../projects/find.ts';
import { noQuery } from '../projects/schema.ts';
import type { Deployment, Project } from '../state.ts';
import { query } from '../strict.ts';
import { stamp, type World } from '../world.ts';
import { findDeployment } from './create.ts';
import { settle, stateOf } from './progress.ts';
import { current, settleProject } from './serving.ts';

/** These routes take the id alone, and answer 400 for anything else, a name included. */
function projectById(world: World, call: Call): Project {
  const id = call.req.param('project') ?? '';
  if (!id.startsWith('prj_')) throw badRequest('Invalid project id');
  const found = world.state.projects.find(
    (project) => project.accountId === call.get('accountId') && project.id === id,
  );
  if (found === undefined) throw badRequest('Invalid project id');
  return found;
}

function readyOne(world: World, project: Project, call: Call): Deployment {
  const deployment = findDeployment(world, project.accountId, call.req.param('deployment') ?? '');
  if (deployment.projectId !== project.id) throw badRequest('The deployment belongs to another project.');
  if (deployment.target !== 'production') throw conflict('Only production deployments can be promoted.');
  settle(world, deployment);
  if (stateOf(world, deployment) !== 'READY') throw conflict('The deployment is not ready.');
  return deployment;
}

/** Points the production hosts at a deployment. Nothing is built again: it keeps the variables it was built with. */
function point(world: World, project: Project, deployment: Deployment, autoAssign: boolean): void {
  if (project.paused) throw conflict('The project is paused.');
  settleProject(world, project);
  Object.assign(deployment, { staged: false, aliasError: null, aliasedAt: stamp(world) });
  project.autoAssign = autoAssign;
  project.updatedAt = stamp(world);
}

function pausing(world: World, call: Call, paused: boolean): Response {
  query(call, noQuery);
  const project = projectById(world, call);
  settleProject(world, project);
  project.paused = paused;
  project.updatedAt = stamp(world);
  return call.body(null, 200);
}

const rollbackQuery = z.strictObject({ description: z.string().optional() });

/** Pause, promote and roll back: which deployment visitors see, if any. */
export function trafficRoutes(world: World): Hono<Scope> {
  const app = new Hono<Scope>();
  app.post('/v1/projects/:project/pause', (call) => pausing(world, call, true));
  app.post('/v1/projects/:project/unpause', (call) => pausing(world, call, false));
  app.post('/v10/projects/:project/promote/:deployment', (call) => {
    query(call, noQuery);
    const project = projectOf(world, call);
    const deployment = readyOne(world, project, call);
    if (current(world, project) === deployment) throw conflict('The deployment is already in production.');
    point(world, project, deployment, true);
    return call.json({}, 201);
  });
  app.post('/v1/projects/:project/rollback/:deployment', (call) => {
    query(call, rollbackQuery);
    const project = projectOf(world, call);
    point(world, project, readyOne(world, project, call), false);
    return call.json({}, 201);
  });
  return app;
}
