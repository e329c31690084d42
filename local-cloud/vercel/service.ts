import { Hono } from 'hono';
import type { CloudContext, Service } from '../service.ts';
import type { VercelOptions } from './options.ts';

/** What answers on a host. */
export type SiteLookup =
  | { kind: 'missing' }
  | { kind: 'paused'; projectId: string }
  | { kind: 'protected'; projectId: string; deploymentId: string }
  | {
      kind: 'live';
      projectId: string;
      deploymentId: string;
      /** As it was when the deployment was created. */
      env: Readonly<Record<string, string>>;
      commit: string;
      ref: string;
      meta: Readonly<Record<string, string>>;
    };

/** For the landing page and `/_cloud/state`. */
export interface VercelOverview {
  projects: { id: string; name: string; url: string }[];
  deployments: { id: string; project: string; readyState: string; url: string }[];
}

export interface VercelService extends Service {
  site(host: string): SiteLookup;
  overview(): VercelOverview;
}

/** Vercel's REST API (https://vercel.com/docs/rest-api), as far as a provisioner meets it. */
export function vercelService(_context: CloudContext, _options: VercelOptions): VercelService {
  const app = new Hono();
  app.notFound((c) => c.json({ error: { code: 'not_emulated', message: `${c.req.method} ${c.req.path}` } }, 501));
  return {
    name: 'vercel',
    prefix: '/vercel',
    fetch: async (request) => app.fetch(request),
    save: () => null,
    close: async () => undefined,
    site: () => ({ kind: 'missing' }),
    overview: () => ({ projects: [], deployments: [] }),
  };
}
