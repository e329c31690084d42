import { Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { forbidden, notFound, type Scope } from './answers.ts';
import { query } from './strict.ts';
import { person, type World } from './world.ts';

/** Checks the token and settles whom the call acts for (`teamId`, `slug`, or else the token's own account). */
export function authenticate(world: World): MiddlewareHandler<Scope> {
  return async (call, next) => {
    const header = call.req.header('authorization');
    if (header === undefined) throw forbidden();
    if (header !== `Bearer ${world.options.token}`) throw forbidden({ invalidToken: true });
    call.set('accountId', accountOf(world, call.req.query('teamId'), call.req.query('slug')));
    await next();
  };
}

function accountOf(world: World, teamId: string | undefined, slug: string | undefined): string {
  const { team } = world.options;
  if (teamId === undefined && slug === undefined) return person.id;
  if ((teamId ?? team.id) !== team.id || (slug ?? team.slug) !== team.slug) throw forbidden();
  return team.id;
}

const epoch = Date.UTC(2026, 0, 1);

function teamShape(world: World): Record<string, unknown> {
  const { id, slug, name } = world.options.team;
  const membership = { confirmed: true, role: 'OWNER', uid: person.id, teamId: id, createdAt: epoch, created: epoch };
  const own = { id, slug, name, avatar: null, description: null, membership };
  return { ...own, creatorId: person.id, stagingPrefix: '', createdAt: epoch, updatedAt: epoch };
}

const paging = z.strictObject({
  limit: z.string().optional(),
  since: z.string().optional(),
  until: z.string().optional(),
});

/** The token's person and the teams they belong to. */
export function accountRoutes(world: World): Hono<Scope> {
  const app = new Hono<Scope>();
  app.get('/v2/user', (call) => {
    const { id, username, email, name } = person;
    const user = { limited: true, id, username, email, name, avatar: null, defaultTeamId: null };
    return call.json({ user });
  });
  app.get('/v2/teams', (call) => {
    query(call, paging);
    return call.json({ teams: [teamShape(world)], pagination: { count: 1, next: null, prev: null } });
  });
  app.get('/v2/teams/:team', (call) => {
    const asked = call.req.param('team');
    const { id, slug } = world.options.team;
    if (asked !== id && asked !== slug) throw notFound('Team not found');
    return call.json(teamShape(world));
  });
  return app;
}
