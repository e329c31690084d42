import type { Hono } from 'hono';
import { z } from 'zod';
import { isServing, lookAtServices, type ProjectService, projectServices } from '../lifecycle.ts';
import type { Project } from '../world.ts';
import { type Management, projectOf, queryOf, refuse } from './vendor.ts';

const query = z.object({ timeout_ms: z.coerce.number().int().min(0).max(10_000).optional() });

/** Health of each service: https://supabase.com/docs/reference/api/v1-get-services-health */
export function healthRoutes(app: Hono, api: Management): void {
  app.get('/v1/projects/:ref/health', (c) => {
    const project = projectOf(api, c);
    queryOf(c, query);
    const wanted = wantedServices(c.req.queries('services') ?? []);
    const now = api.context.clock.now();
    const rows = wanted.map((service) => row(project, service, isServing(project, service, now, api.timing)));
    lookAtServices(project, now, api.timing);
    return c.json(rows);
  });
}

/** `services=auth,db` and `services=auth&services=db` are both in use. */
function wantedServices(values: string[]): ProjectService[] {
  const names = values.flatMap((value) => value.split(',')).filter((name) => name !== '');
  if (names.length === 0) refuse(400, 'services: Required');
  return names.map((name) => projectServices.find((service) => service === name) ?? unknownService(name));
}

function unknownService(name: string): never {
  return refuse(400, `services: Invalid option ${JSON.stringify(name)}, expected one of ${projectServices.join('|')}`);
}

function row(project: Project, name: ProjectService, healthy: boolean): Record<string, unknown> {
  if (healthy) return { name, healthy, status: 'ACTIVE_HEALTHY', ...info[name] };
  // Recorded: the pooler does not know the tenant in the first seconds. `error` is a text that holds JSON.
  if (name === 'pooler') return { name, healthy, status: 'UNHEALTHY', error: '{"error":"not found"}' };
  if (project.healthyAt !== null) {
    return { name, healthy, status: 'UNHEALTHY', error: `Failed to retrieve project's ${name} service health` };
  }
  return { name, healthy, status: 'COMING_UP' };
}

const info: Partial<Record<ProjectService, { info: Record<string, unknown> }>> = {
  auth: {
    info: { name: 'GoTrue', version: 'v2.189.0', description: 'GoTrue is a user registration and authentication API' },
  },
  realtime: { info: { healthy: true, db_connected: false, replication_connected: false, connected_cluster: 0 } },
  rest: { info: { db_schema: 'public,graphql_public' } },
};
