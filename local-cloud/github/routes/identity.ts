import { createHash } from 'node:crypto';
import { z } from 'zod';
import { json } from '../../answers.ts';
import { ALL_PERMISSIONS, APP_ID, authenticate, INSTALLATION_ID, notAccessible, requireApp } from '../actors.ts';
import { notFound, Refusal } from '../answers.ts';
import { type Route, route } from '../router.ts';
import { appView, userView } from '../views/common.ts';
import { APP_LOGIN, APP_SLUG, isoOf } from '../world.ts';

/** https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app: one hour. */
const LIFETIME_MS = 3_600_000;

const tokenBody = z.strictObject({
  repositories: z.array(z.string()).optional(),
  repository_ids: z.array(z.number()).optional(),
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
    const text = await request.text();
    const body = tokenBody.parse(text === '' ? {} : JSON.parse(text));
    const [only] = body.repositories ?? [];
    const named =
      only === undefined ? undefined : world.state.repositories.find(({ name }) => name.endsWith(`/${only}`));
    if (only !== undefined && named === undefined)
      throw new Refusal(
        422,
        'There is at least one repository that does not exist or is not accessible to the parent installation.',
      );
    const expiresAt = world.context.clock.now() + LIFETIME_MS;
    const permissions = body.permissions ?? ALL_PERMISSIONS;
    const number = world.nextId();
    const token = `ghs_${createHash('sha256')
      .update(`${world.context.chance.text('github.installation', 16, 'abcdefghijklmnop')}${number}`)
      .digest('hex')
      .slice(0, 36)}`;
    world.state.tokens.push({
      token,
      login: APP_LOGIN,
      kind: 'app',
      repository: named?.name ?? null,
      permissions,
      expiresAt,
    });
    return json(201, {
      token,
      expires_at: isoOf(Math.floor(expiresAt / 1_000)),
      permissions,
      repository_selection: named === undefined ? 'all' : 'selected',
    });
  }),
];
