import type { CloudContext, Service } from '../service.ts';
import type { SiteLookup } from '../vercel/service.ts';

/** What a site needs of the cloud around it. */
export interface SiteDependencies {
  /** Which deployment answers on a host: `vercel.site`. */
  lookup(host: string): SiteLookup;
}

/** The deployed sites: `/{host}/…` answers with the sample app, or as Vercel does where nothing is deployed. */
export function siteService(_context: CloudContext, _dependencies: SiteDependencies): Service {
  return {
    name: 'site',
    prefix: '/sites',
    fetch: async () => new Response('DEPLOYMENT_NOT_FOUND', { status: 404 }),
    save: () => null,
    close: async () => undefined,
  };
}
