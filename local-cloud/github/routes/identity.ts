import { z } from 'zod';
import { json } from '../../answers.ts';
import {
  ALL_PERMISSIONS,
  APP_ID,
  authenticate,
  INSTALLATION_ID,
  issueToken,
  notAccessible,
  requireApp,
} from '../actors.ts';
import { notFound, Refusal, unprocessable } from '../answers.ts';
import { type Route, readBody, route } from '../router.ts';
import { appView, userView } from '../views/common.ts';
import { APP_LOGIN, APP_SLUG, isoOf, type World } from '../world.ts';

/** https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app: one hour. */
const LIFETIME_MS = 3_600_000;

const tokenBody = z.strictObject({
  /** One at most: what a token of several may do is not emulated. */
  repositories: z.array(z.string()).max(1).optional(),
  permissions: z.record(z.string(), z.enum(['read', 'write'])).optional(),
});

/** Who one is, and an App's way to its tokens. */
export const identityRoutes: readonly Route[] = [
  route('GET', '/user', ({ world, request }) => {
    const actor = authenticate(world, request);
    if (actor === undefined) throw new Refusal(401, 'Requires authentication');
    if (actor.kind !== 'person') throw notAccessible('user:read');
    return json(200, userView(world, actor.login));
  }),

  route('GET', '/users/{login}', ({ world, request, params }) => {
    authenticate(world, request);
    if (!world.knows(params.login)) throw notFound();
    return json(200, userView(world, params.login));
  }),

  route('GET', '/app', ({ world, request }) => {
    requireApp(world, request);
    return json(200, appView(world, APP_SLUG));
  }),

  route('GET', '/repos/{owner}/{repo}/installation', ({ world, request, params }) => {
    requireApp(world, request);
    if (world.find(`${params.owner}/${params.repo}`) === undefined) throw notFound();
    return json(200, {
      id: INSTALLATION_ID,
      app_id: APP_ID,
      app_slug: APP_SLUG,
      permissions: ALL_PERMISSIONS,
      repository_selection: 'all',
    });
  }),

  route('POST', '/app/installations/{id}/access_tokens', async ({ world, request, params }) => {
    requireApp(world, request);
    if (params.id !== String(INSTALLATION_ID)) throw notFound();
    const body = await readBody(request, tokenBody);
    const named = body.repositories?.map((name) => installed(world, name)).at(0) ?? null;
    const permissions = body.permissions ?? ALL_PERMISSIONS;
    if (!Object.entries(permissions).every(([name, level]) => grants(name, level))) {
      throw unprocessable('The permissions requested are not granted to this installation.');
    }
    const expiresAt = world.context.clock.now() + LIFETIME_MS;
    const token = issueToken(world, { login: APP_LOGIN, kind: 'app', repository: named, permissions, expiresAt });
    return json(201, {
      token,
      expires_at: isoOf(Math.floor(expiresAt / 1_000)),
      permissions,
      repository_selection: named === null ? 'all' : 'selected',
    });
  }),
];

function installed(world: World, name: string): string {
  const found = world.state.repositories.find((one) => one.name.endsWith(`/${name}`));
  if (found !== undefined) return found.name;
  throw unprocessable(
    'There is at least one repository that does not exist or is not accessible to the parent installation.',
  );
}

function grants(name: string, level: string): boolean {
  const granted = ALL_PERMISSIONS[name];
  return granted === 'write' || (granted === 'read' && level === 'read');
}
