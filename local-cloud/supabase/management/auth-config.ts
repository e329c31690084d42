import { createHash } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { statusOf } from '../lifecycle.ts';
import type { Project } from '../world.ts';
import { type AuthValue, authFields, freshAuthConfig } from './auth-fields.ts';
import { bodyOf, type Management, projectOf, refuse } from './vendor.ts';

const patchBody = z.strictObject(authFields).partial();

/**
 * Auth configuration: https://supabase.com/docs/reference/api/v1-update-auth-service-config. Whether the vendor shows
 * that of a paused project is not documented; ours does not, so that no client comes to rely on it.
 */
export function authConfigRoutes(app: Hono, api: Management): void {
  app.get('/v1/projects/:ref/config/auth', (c) => c.json(shown(runningOf(api, c).auth)));

  app.patch('/v1/projects/:ref/config/auth', async (c) => {
    const project = runningOf(api, c);
    for (const [name, value] of Object.entries(await bodyOf(c, patchBody))) {
      if (value !== undefined) project.auth[name] = value;
    }
    return c.json(shown(project.auth));
  });
}

function runningOf(api: Management, c: Context): Project {
  const project = projectOf(api, c);
  const status = statusOf(project, api.context.clock.now(), api.timing);
  if (status === 'INACTIVE' || status === 'PAUSING') refuse(540, 'Project paused');
  return project;
}

/** Secrets go in and never come out: what is shown of them is their SHA-256. */
function shown(changes: Readonly<Record<string, AuthValue>>): Record<string, AuthValue> {
  const config = { ...freshAuthConfig, ...changes };
  const entries = Object.entries(config).map(([name, value]): [string, AuthValue] => [
    name,
    isSecret(name) && typeof value === 'string' && value !== ''
      ? createHash('sha256').update(value).digest('hex')
      : value,
  ]);
  return Object.fromEntries(entries);
}

function isSecret(name: string): boolean {
  return /(_secret|_secrets|_pass|_auth_token|_access_key|_api_key)$/.test(name);
}
