import { Hono } from 'hono';
import type { CloudContext, Service } from '../service.ts';
import { accountRoutes, authenticate } from './account.ts';
import { Refusal, type Scope } from './answers.ts';
import { deploymentRoutes } from './deployments/routes.ts';
import { trafficRoutes } from './deployments/traffic.ts';
import { domainRoutes } from './domains/routes.ts';
import { envRoutes } from './env/routes.ts';
import type { VercelOptions } from './options.ts';
import { projectRoutes } from './projects/routes.ts';
import { overviewOf, type SiteLookup, siteAt, type VercelOverview } from './site.ts';
import { openWorld, type World } from './world.ts';

export type { SiteLookup, VercelOverview } from './site.ts';

export interface VercelService extends Service {
  site(host: string): SiteLookup;
  overview(): VercelOverview;
}

function application(world: World): Hono<Scope> {
  const app = new Hono<Scope>();
  app.use('*', authenticate(world));
  for (const routes of [accountRoutes, projectRoutes, envRoutes, deploymentRoutes, trafficRoutes, domainRoutes]) {
    app.route('/', routes(world));
  }
  app.notFound((call) => {
    const message = `The local cloud does not emulate ${call.req.method} ${call.req.path}.`;
    return call.json({ error: { code: 'not_emulated', message } }, 501);
  });
  app.onError((error, call) => {
    if (error instanceof Refusal) return call.json(error.body(), error.status);
    console.error(error);
    return call.json({ error: { code: 'internal_server_error', message: 'An unexpected error occurred.' } }, 500);
  });
  return app;
}

/**
 * Vercel's REST API (https://vercel.com/docs/rest-api), as far as a provisioner meets it. Every state is computed from
 * the context's clock when somebody looks.
 * @throws ZodError when `options.saved` is not what `save()` gave
 */
export function vercelService(context: CloudContext, options: VercelOptions): VercelService {
  const world = openWorld(context, options);
  const app = application(world);
  return {
    name: 'vercel',
    prefix: '/vercel',
    fetch: async (request) => app.fetch(request),
    save: () => structuredClone(world.state),
    close: async () => undefined,
    site: (host) => siteAt(world, host),
    overview: () => overviewOf(world),
  };
}
