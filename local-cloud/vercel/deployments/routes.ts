import { Hono } from 'hono';
import type { z } from 'zod';
import { isHidden } from '../../stale.ts';
import { badRequest, type Call, type Scope } from '../answers.ts';
import { noQuery } from '../projects/schema.ts';
import type { Deployment } from '../state.ts';
import { body, query } from '../strict.ts';
import { stamp, type World } from '../world.ts';
import { createDeployment, findDeployment } from './create.ts';
import { buildLog } from './log.ts';
import { look, stateOf } from './progress.ts';
import { createBody, createQuery, eventsQuery, listQuery, viewQuery } from './schema.ts';
import { deploymentView, listView } from './shape.ts';

type ListWish = z.infer<typeof listQuery>;

function deploymentOf(world: World, call: Call): Deployment {
  return findDeployment(world, call.get('accountId'), call.req.param('deployment') ?? '');
}

function matches(world: World, deployment: Deployment, wish: ListWish): boolean {
  const { source, createdAt } = deployment;
  const states = wish.state?.toUpperCase().split(',');
  const target = deployment.target ?? 'preview';
  return (
    (wish.projectId === undefined || deployment.projectId === wish.projectId) &&
    (wish.app === undefined || deployment.name === wish.app) &&
    (wish.target === undefined || target === wish.target) &&
    (wish.sha === undefined || source.sha === wish.sha) &&
    (wish.branch === undefined || source.ref === wish.branch) &&
    (states === undefined || states.includes(stateOf(world, deployment))) &&
    within(createdAt, wish)
  );
}

/** Both ends are exclusive, and no two deployments share a time: paging by `until` neither repeats nor loses one. */
function within(createdAt: number, { since, from, until, to }: ListWish): boolean {
  return createdAt > (since ?? from ?? 0) && createdAt < (until ?? to ?? Number.POSITIVE_INFINITY);
}

function list(world: World, call: Call): Record<string, unknown> {
  const wish = query(call, listQuery);
  const own = world.state.deployments.filter(
    ({ accountId, createdAt }) =>
      accountId === call.get('accountId') && !isHidden(call.req.raw, createdAt, world.context.clock.now()),
  );
  for (const deployment of own) {
    if (wish.projectId === undefined || deployment.projectId === wish.projectId) look(world, deployment);
  }
  const found = own.filter((deployment) => matches(world, deployment, wish)).toReversed();
  const page = found.slice(0, wish.limit ?? 20);
  const next = found.length > page.length ? (page.at(-1)?.createdAt ?? null) : null;
  const pagination = { count: page.length, next, prev: page[0]?.createdAt ?? null };
  return { deployments: page.map((deployment) => listView(world, deployment)), pagination };
}

function cancel(world: World, deployment: Deployment): void {
  look(world, deployment);
  const state = stateOf(world, deployment);
  if (!['QUEUED', 'INITIALIZING', 'BUILDING'].includes(state)) {
    throw badRequest(`The deployment cannot be canceled: it is ${state}.`);
  }
  deployment.canceledAt = stamp(world);
}

function remove(world: World, deployment: Deployment): void {
  world.state.deployments = world.state.deployments.filter((other) => other !== deployment);
}

function log(world: World, call: Call): Response {
  const { direction, limit, since, until } = query(call, eventsQuery);
  const all = buildLog(world, deploymentOf(world, call)).filter(
    ({ created }) => created >= (since ?? 0) && created <= (until ?? Number.POSITIVE_INFINITY),
  );
  const ordered = direction === 'backward' ? all.toReversed() : all;
  return call.json(limit === undefined || limit === -1 ? ordered : ordered.slice(0, limit));
}

/** Deployments: https://vercel.com/docs/rest-api/deployments */
export function deploymentRoutes(world: World): Hono<Scope> {
  const app = new Hono<Scope>();
  app.post('/v13/deployments', async (call) => {
    const options = query(call, createQuery);
    const deployment = createDeployment(world, call.get('accountId'), await body(call, createBody), options);
    return call.json(deploymentView(world, deployment));
  });
  app.get('/v13/deployments/:deployment', (call) => {
    query(call, viewQuery);
    const deployment = deploymentOf(world, call);
    look(world, deployment);
    return call.json(deploymentView(world, deployment));
  });
  app.get('/:version{v6|v7}/deployments', (call) => call.json(list(world, call)));
  app.get('/v3/deployments/:deployment/events', (call) => log(world, call));
  app.patch('/v12/deployments/:deployment/cancel', (call) => {
    query(call, noQuery);
    const deployment = deploymentOf(world, call);
    cancel(world, deployment);
    return call.json(deploymentView(world, deployment));
  });
  app.delete('/v13/deployments/:deployment', (call) => {
    query(call, noQuery);
    const deployment = deploymentOf(world, call);
    remove(world, deployment);
    return call.json({ uid: deployment.id, state: 'DELETED' });
  });
  return app;
}
