import { describe, expect, it } from 'vitest';
import type { SiteLookup } from '../vercel/service.ts';
import { aContext } from '../vercel/testing.ts';
import { siteService } from './service.ts';

const env = {
  NEXT_PUBLIC_SUPABASE_URL: 'http://127.0.0.1:4600/projects/abc',
  NEXT_PUBLIC_SUPABASE_ANON_KEY: 'sb_publishable_1',
  AGENCY_NAME: 'Acme Studio',
};

function live(changes: Record<string, string> = {}): SiteLookup {
  const deployment = { projectId: 'prj_1', deploymentId: 'dpl_1', commit: 'c0ffee', ref: 'v1.4.0', meta: {} };
  return { kind: 'live', ...deployment, env: { ...env, ...changes } };
}

function visit(site: SiteLookup, path: string, method = 'GET'): Promise<Response> {
  const service = siteService(aContext(), {
    lookup: (host) => (host === 'acme.vercel.app' ? site : { kind: 'missing' }),
  });
  return service.fetch(new Request(`http://site.test${path}`, { method }));
}

const home = '/acme.vercel.app/';

describe('a site', () => {
  it('serves the app with the variables of its deployment', async () => {
    const response = await visit(live(), home);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain('<title>Acme Studio</title>');
    expect(text).toContain('content="http://127.0.0.1:4600/projects/abc"');
    expect(text).toContain('content="sb_publishable_1"');
    expect(response.headers.get('content-security-policy')).toContain("connect-src 'self' http://127.0.0.1:4600;");
  });

  it('shows none of the variables that are not public', async () => {
    const text = await (await visit(live({ STRIPE_KEY: 'canary' }), home)).text();
    expect(text).not.toContain('canary');
  });

  it('escapes the name of the agency', async () => {
    const text = await (await visit(live({ AGENCY_NAME: '"><script>alert(1)</script>' }), home)).text();
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('<h1 data-testid="agency">&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;</h1>');
  });

  it('names every field and refers to its own files relatively', async () => {
    const text = await (await visit(live(), home)).text();
    const fields = [...text.matchAll(/<(?:input|select) id="([^"]+)"/g)].map(([, id]) => id);
    expect(fields).toHaveLength(7);
    for (const id of fields) expect(text).toContain(`<label for="${id}">`);
    const addresses = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses).toEqual(['style.css', 'app.js']);
  });

  it.each([
    ['app.js', 'text/javascript'],
    ['api.js', 'text/javascript'],
    ['lists.js', 'text/javascript'],
    ['style.css', 'text/css'],
  ])('serves %s', async (name, type) => {
    const response = await visit(live(), home + name);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain(type);
    expect((await response.text()).length).toBeGreaterThan(100);
  });

  it.each(['missing.js', '../service.ts', '%2e%2e/service.ts', 'constructor'])('has no %s', async (name) => {
    expect((await visit(live(), home + name)).status).toBe(404);
  });

  it('tells its health and revision', async () => {
    const response = await visit(live(), `${home}api/health`);
    expect(await response.json()).toEqual({
      ok: true,
      agency: 'Acme Studio',
      revision: 'c0ffee',
      ref: 'v1.4.0',
      deployment: 'dpl_1',
    });
  });

  it('fails when it was deployed without what it needs', async () => {
    const response = await visit(live({ NEXT_PUBLIC_SUPABASE_URL: '' }), home);
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('NEXT_PUBLIC_SUPABASE_URL');
    expect((await visit(live({ AGENCY_NAME: '' }), `${home}api/health`)).status).toBe(500);
  });

  it('sends a visitor without the slash to where relative addresses work', async () => {
    const response = await visit(live(), '/acme.vercel.app');
    expect([response.status, response.headers.get('location')]).toEqual([308, '/sites/acme.vercel.app/']);
  });

  it('answers HEAD without a body and refuses to be written to', async () => {
    const head = await visit(live(), home, 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await visit(live(), home, 'POST')).status).toBe(405);
  });

  it.each([
    [{ kind: 'missing' } as const, 404, 'DEPLOYMENT_NOT_FOUND'],
    [{ kind: 'paused', projectId: 'p' } as const, 503, 'DEPLOYMENT_PAUSED'],
    [{ kind: 'protected', projectId: 'p', deploymentId: 'd' } as const, 401, 'AUTHENTICATION_REQUIRED'],
  ])('answers as Vercel does for %j', async (site, status, code) => {
    const response = await visit(site, `${home}api/health`);
    expect([response.status, response.headers.get('x-vercel-error')]).toEqual([status, code]);
    expect(await response.text()).toContain(code);
  });

  it('knows no other host, and no empty one', async () => {
    expect((await visit(live(), '/other.vercel.app/')).status).toBe(404);
    expect((await visit(live(), '/')).status).toBe(404);
  });
});
