import { Hono } from 'hono';
import type { z } from 'zod';
import { badRequest, type Call, notFound, type Scope } from '../answers.ts';
import { projectOf } from '../projects/find.ts';
import { noQuery } from '../projects/schema.ts';
import type { EnvVariable, Project } from '../state.ts';
import { body, query } from '../strict.ts';
import { stamp, type World } from '../world.ts';
import { problem, rivals } from './rules.ts';
import { createBody, createQuery, listQuery, removeBody, updateBody } from './schema.ts';
import { envView } from './shape.ts';
import { addVariables, oneWriteAtATime } from './write.ts';

async function create(world: World, call: Call): Promise<Response> {
  const upsert = query(call, createQuery).upsert === 'true';
  const project = projectOf(world, call);
  const wish = await body(call, createBody);
  const wishes = Array.isArray(wish) ? wish : [wish];
  const { created, failed } = await oneWriteAtATime(world, project, () => addVariables(world, project, wishes, upsert));
  const [first] = failed;
  if (first !== undefined && created.length === 0) throw badRequest(first.message, first.code);
  const views = created.map((variable) => envView(variable));
  const answer = { created: Array.isArray(wish) ? views : views[0], failed: failed.map((error) => ({ error })) };
  return call.json(answer, 201);
}

function variableOf(project: Project, id: string): EnvVariable {
  const found = project.env.find((variable) => variable.id === id);
  if (found === undefined) throw notFound('The Environment Variable was not found.');
  return found;
}

function update(world: World, project: Project, variable: EnvVariable, wish: z.infer<typeof updateBody>): void {
  if (variable.type === 'sensitive' && (wish.type ?? 'sensitive') !== 'sensitive') {
    throw badRequest('You cannot change the type of a Sensitive Environment Variable.');
  }
  const next = { ...variable, ...defined(wish), updatedAt: stamp(world) };
  const others = project.env.filter((other) => other !== variable);
  const wrong = problem(next) ?? (rivals(others, next).length > 0 ? taken(next.key) : undefined);
  if (wrong !== undefined) throw badRequest(wrong.message, wrong.code);
  Object.assign(variable, next);
  project.updatedAt = stamp(world);
}

const taken = (key: string): { code: string; message: string } => ({
  code: 'ENV_CONFLICT',
  message: `A variable with the name \`${key}\` already exists`,
});

function defined<T extends object>(wish: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function remove(world: World, project: Project, ids: readonly string[]): EnvVariable[] {
  const gone = ids.map((id) => variableOf(project, id));
  project.env = project.env.filter((variable) => !gone.includes(variable));
  project.updatedAt = stamp(world);
  return gone;
}

/** Environment variables of a project: https://vercel.com/docs/rest-api/projects/create-one-or-more-environment-variables */
export function envRoutes(world: World): Hono<Scope> {
  const app = new Hono<Scope>();
  app.post('/:version{v9|v10}/projects/:project/env', (call) => create(world, call));
  app.get('/:version{v9|v10}/projects/:project/env', (call) => {
    const { decrypt, gitBranch } = query(call, listQuery);
    const { env } = projectOf(world, call);
    const found = env.filter((variable) => gitBranch === undefined || variable.gitBranch === gitBranch);
    return call.json({ envs: found.map((variable) => envView(variable, decrypt === 'true')) });
  });
  app.get('/v1/projects/:project/env/:id', (call) => {
    query(call, noQuery);
    const { system: _system, ...view } = envView(variableOf(projectOf(world, call), call.req.param('id')), true);
    return call.json(view);
  });
  app.patch('/v9/projects/:project/env/:id', async (call) => {
    query(call, noQuery);
    const project = projectOf(world, call);
    const variable = variableOf(project, call.req.param('id'));
    const wish = await body(call, updateBody);
    await oneWriteAtATime(world, project, () => update(world, project, variable, wish));
    return call.json(envView(variable));
  });
  app.delete('/v9/projects/:project/env/:id', async (call) => {
    query(call, noQuery);
    const project = projectOf(world, call);
    const id = call.req.param('id');
    const [gone] = await oneWriteAtATime(world, project, () => remove(world, project, [id]));
    return call.json(gone === undefined ? null : envView(gone));
  });
  app.delete('/v1/projects/:project/env', async (call) => {
    query(call, noQuery);
    const project = projectOf(world, call);
    const { ids } = await body(call, removeBody);
    const gone = await oneWriteAtATime(world, project, () => remove(world, project, ids));
    return call.json({ deleted: gone.length, ids: gone.map(({ id }) => id) });
  });
  return app;
}
