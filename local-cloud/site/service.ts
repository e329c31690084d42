import { readFile } from 'node:fs/promises';
import type { CloudContext, Service } from '../service.ts';
import type { SiteLookup } from '../vercel/service.ts';
import type { Html } from './html.ts';
import { type AppSettings, appPage, plainPage } from './page.ts';

/** What a site needs of the cloud around it. */
export interface SiteDependencies {
  /** Which deployment answers on a host: `vercel.site`. */
  lookup(host: string): SiteLookup;
}

type Live = Extract<SiteLookup, { kind: 'live' }>;

const javascript = 'text/javascript; charset=utf-8';
const files: Readonly<Record<string, string>> = {
  '/app.js': javascript,
  '/api.js': javascript,
  '/lists.js': javascript,
  '/style.css': 'text/css; charset=utf-8',
};

const needed = ['NEXT_PUBLIC_SUPABASE_URL', 'NEXT_PUBLIC_SUPABASE_ANON_KEY', 'AGENCY_NAME'] as const;

function page(content: Html, status = 200, headers: Record<string, string> = {}): Response {
  const type = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };
  return new Response(content.html, { status, headers: { ...type, 'x-content-type-options': 'nosniff', ...headers } });
}

/** Vercel's own answers carry the reason in a header as well: https://vercel.com/docs/errors */
function refusal(status: number, code: string, title: string, text: string): Response {
  return page(plainPage(title, code, text), status, { 'x-vercel-error': code });
}

function settingsOf({ env }: Live): AppSettings | { missing: string[] } {
  const missing = needed.filter((name) => (env[name] ?? '') === '');
  if (missing.length > 0) return { missing };
  const [supabaseUrl = '', supabaseKey = '', agency = ''] = needed.map((name) => env[name]);
  return { supabaseUrl, supabaseKey, agency };
}

/** The page may load its own files and talk to its own database, and nothing else. */
function policy(supabaseUrl: string): string {
  const database = URL.canParse(supabaseUrl) ? new URL(supabaseUrl).origin : '';
  const rules = ["default-src 'none'", "script-src 'self'", "style-src 'self'", `connect-src 'self' ${database}`];
  return [...rules, "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"].join('; ');
}

function home(site: Live): Response {
  const settings = settingsOf(site);
  if ('missing' in settings) {
    const text = `The deployment lacks ${settings.missing.join(', ')}.`;
    return refusal(500, 'FUNCTION_INVOCATION_FAILED', '500: Internal Server Error', text);
  }
  return page(appPage(settings), 200, { 'content-security-policy': policy(settings.supabaseUrl) });
}

function health(site: Live): Response {
  const settings = settingsOf(site);
  const revision = { revision: site.commit, ref: site.ref, deployment: site.deploymentId };
  if ('missing' in settings)
    return Response.json({ ok: false, missing: settings.missing, ...revision }, { status: 500 });
  return Response.json({ ok: true, agency: settings.agency, ...revision });
}

async function file(path: string, type: string): Promise<Response> {
  const content = await readFile(new URL(`./public${path}`, import.meta.url), 'utf8');
  return new Response(content, { headers: { 'content-type': type, 'x-content-type-options': 'nosniff' } });
}

async function app(site: Live, path: string): Promise<Response> {
  if (path === '/') return home(site);
  if (path === '/api/health') return health(site);
  const type = Object.hasOwn(files, path) ? files[path] : undefined;
  return type === undefined ? page(plainPage('404', 'NOT_FOUND', 'This page does not exist.'), 404) : file(path, type);
}

async function answer(site: SiteLookup, path: string): Promise<Response> {
  if (site.kind === 'live') return app(site, path);
  if (site.kind === 'missing') {
    return refusal(404, 'DEPLOYMENT_NOT_FOUND', '404: Not found', 'The deployment could not be found on Vercel.');
  }
  return site.kind === 'paused'
    ? refusal(503, 'DEPLOYMENT_PAUSED', '503: Service unavailable', 'This deployment is temporarily paused.')
    : refusal(401, 'AUTHENTICATION_REQUIRED', 'Authentication required', 'This deployment is protected by Vercel.');
}

/**
 * The deployed sites: `/{host}/…` answers with the sample app, with the variables its deployment was built with, or as
 * Vercel does where nothing is deployed (404), paused (503) or protected (401).
 */
export function siteService(_context: CloudContext, { lookup }: SiteDependencies): Service {
  return {
    name: 'site',
    prefix: '/sites',
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const [, host = '', path = ''] = /^\/([^/]+)(\/.*)?$/.exec(pathname) ?? [];
      const site = lookup(host.toLowerCase());
      // Without the slash the page's relative addresses would point beside it.
      const beside = path === '' && site.kind === 'live';
      if (beside) return new Response(null, { status: 308, headers: { location: `/sites/${host}/` } });
      const response = await answer(site, path);
      if (request.method === 'GET') return response;
      const { status, headers } = response;
      return request.method === 'HEAD' ? new Response(null, { status, headers }) : new Response(null, { status: 405 });
    },
    save: () => null,
    close: async () => undefined,
  };
}
