import { Hono } from 'hono';
import { json, notEmulated } from '../../answers.ts';
import type { Service } from '../../service.ts';
import { authConfigRoutes } from './auth-config.ts';
import { healthRoutes } from './health.ts';
import { keyRoutes } from './keys.ts';
import { lifecycleRoutes } from './lifecycle-routes.ts';
import { organizationRoutes } from './organizations.ts';
import { projectRoutes } from './projects.ts';
import { queryRoutes } from './query.ts';
import { settingsRoutes } from './settings.ts';
import { type Management, Refusal } from './vendor.ts';

/** Supabase's Management API (https://supabase.com/docs/reference/api), as far as a provisioner and the CLI meet it. */
export function managementService(api: Management, token: string): Service {
  const app = new Hono();
  app.use(async (c, next) => {
    if (!isAuthorized(c.req.header('authorization'), token)) return json(401, { message: 'Unauthorized' });
    await next();
    return undefined;
  });
  for (const routes of allRoutes) routes(app, api);
  app.notFound((c) => notEmulated('the Supabase Management API', c.req.raw));
  app.onError((error) => {
    if (error instanceof Refusal) return error.response;
    throw error;
  });
  return {
    name: 'supabase',
    prefix: '/supabase',
    fetch: async (request) => app.fetch(request),
    save: () => api.world.save(),
    close: () => api.instances.close(),
  };
}

const allRoutes = [
  organizationRoutes,
  projectRoutes,
  healthRoutes,
  keyRoutes,
  authConfigRoutes,
  queryRoutes,
  lifecycleRoutes,
  settingsRoutes,
];

function isAuthorized(header: string | undefined, token: string): boolean {
  const given = /^Bearer (sbp_[0-9a-f]{40})$/i.exec(header ?? '')?.[1];
  return given === token;
}
