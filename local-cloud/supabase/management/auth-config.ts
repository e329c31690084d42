import { createHash } from 'node:crypto';
import type { Hono } from 'hono';
import { z } from 'zod';
import { type AuthValue, authFields, freshAuthConfig } from './auth-fields.ts';
import { bodyOf, type Management, projectOf } from './vendor.ts';

const patchBody = z.strictObject(authFields).partial();

/** Auth configuration: https://supabase.com/docs/reference/api/v1-update-auth-service-config */
export function authConfigRoutes(app: Hono, api: Management): void {
  app.get('/v1/projects/:ref/config/auth', (c) => c.json(shown(projectOf(api, c).auth)));

  app.patch('/v1/projects/:ref/config/auth', async (c) => {
    const project = projectOf(api, c);
    for (const [name, value] of Object.entries(await bodyOf(c, patchBody))) {
      if (value !== undefined) project.auth[name] = value;
    }
    return c.json(shown(project.auth));
  });
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
