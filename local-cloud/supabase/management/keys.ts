import { createHash } from 'node:crypto';
import type { Hono } from 'hono';
import { z } from 'zod';
import { isHidden } from '../../stale.ts';
import type { ApiKey, Project } from '../world.ts';
import { createKey } from './new-keys.ts';
import { bodyOf, flag, type Management, projectOf, queryOf, refuse } from './vendor.ts';

const name = z
  .string()
  .min(4)
  .max(64)
  .regex(/^[a-z_][a-z0-9_]+$/);
const template = z.record(z.string(), z.unknown()).nullable();
const createBody = z.strictObject({
  type: z.enum(['publishable', 'secret']),
  name,
  description: z.string().nullable().optional(),
  secret_jwt_template: template.optional(),
});
const patchBody = createBody.omit({ type: true }).partial();
const revealQuery = z.object({ reveal: flag });

/** API keys: https://supabase.com/docs/reference/api/v1-get-project-api-keys */
export function keyRoutes(app: Hono, api: Management): void {
  const now = () => api.context.clock.now();

  app.get('/v1/projects/:ref/api-keys', (c) => {
    const project = projectOf(api, c);
    const { reveal } = queryOf(c, revealQuery);
    const visible = readKeys(project, api, now()).filter((key) => !isHidden(c.req.raw, key.insertedAt, now()));
    return c.json(visible.map((key) => row(key, reveal)));
  });

  app.post('/v1/projects/:ref/api-keys', async (c) => {
    const project = projectOf(api, c);
    const { reveal } = queryOf(c, revealQuery);
    const body = await bodyOf(c, createBody);
    // What the vendor says to a second key of one name is not documented; refusing is the stricter guess.
    if (project.apiKeys.some((key) => key.name === body.name && key.type === body.type)) {
      refuse(409, `An API key named ${body.name} exists already`);
    }
    const key = createKey(api.context.chance, project.ref, body.type, body.name, now());
    key.description = body.description ?? null;
    if (body.secret_jwt_template !== undefined) key.secretJwtTemplate = body.secret_jwt_template;
    project.apiKeys.push(key);
    return c.json(row(key, reveal), 201);
  });

  app.get('/v1/projects/:ref/api-keys/legacy', (c) => c.json({ enabled: projectOf(api, c).legacyKeysEnabled }));

  app.put('/v1/projects/:ref/api-keys/legacy', (c) => {
    const project = projectOf(api, c);
    project.legacyKeysEnabled = queryOf(c, z.object({ enabled: z.enum(['true', 'false']) })).enabled === 'true';
    return c.json({ enabled: project.legacyKeysEnabled });
  });

  app.get('/v1/projects/:ref/api-keys/:id', (c) => {
    const key = keyOf(projectOf(api, c), c.req.param('id'));
    return c.json(row(key, queryOf(c, revealQuery).reveal));
  });

  app.patch('/v1/projects/:ref/api-keys/:id', async (c) => {
    const key = keyOf(projectOf(api, c), c.req.param('id'));
    const body = await bodyOf(c, patchBody);
    key.name = body.name ?? key.name;
    if (body.description !== undefined) key.description = body.description;
    if (body.secret_jwt_template !== undefined) key.secretJwtTemplate = body.secret_jwt_template;
    key.updatedAt = now();
    return c.json(row(key, queryOf(c, revealQuery).reveal));
  });

  app.delete('/v1/projects/:ref/api-keys/:id', (c) => {
    const project = projectOf(api, c);
    const key = keyOf(project, c.req.param('id'));
    project.apiKeys = project.apiKeys.filter((other) => other !== key);
    return c.json(row(key, queryOf(c, revealQuery).reveal));
  });
}

/** Keys lag creation, the legacy pair less than the others; a list that is not empty need not be complete. */
function readKeys(project: Project, api: Management, now: number): ApiKey[] {
  const reads = project.keyReads;
  project.keyReads += 1;
  const age = now - project.createdAt;
  const legacy = age >= api.timing.legacyKeysMs && reads >= 1;
  const modern = age >= api.timing.keysMs && reads >= 2;
  return project.apiKeys.filter((key) => (key.type === 'legacy' ? legacy : modern));
}

function keyOf(project: Project, id: string): ApiKey {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) refuse(400, 'id: Invalid UUID');
  const key = project.apiKeys.find((candidate) => candidate.id === id);
  if (key === undefined) refuse(404, 'API key not found');
  return key;
}

/** Legacy and publishable keys are always in clear; a secret one only with `reveal=true`. */
function row(key: ApiKey, reveal: boolean): Record<string, unknown> {
  if (key.type === 'legacy') {
    return { api_key: key.value, id: key.id, type: 'legacy', name: key.name, description: key.description };
  }
  const prefix = key.type === 'secret' ? key.value.slice(0, 'sb_secret_'.length + 5) : key.value;
  return {
    api_key: key.type === 'publishable' || reveal ? key.value : `${prefix}··········`,
    id: key.id,
    type: key.type,
    prefix,
    name: key.name,
    description: key.description,
    hash: createHash('sha256').update(key.value).digest('hex'),
    secret_jwt_template: key.secretJwtTemplate,
    inserted_at: new Date(key.insertedAt).toISOString(),
    updated_at: new Date(key.updatedAt).toISOString(),
  };
}
