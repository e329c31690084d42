import { describe, expect, it } from 'vitest';
import { at, aVercel, type TestVercel } from '../testing.ts';

async function aProject(options: Parameters<typeof aVercel>[0] = {}): Promise<TestVercel> {
  const vercel = aVercel(options);
  for (const name of ['app', 'other']) {
    await vercel.call('POST', '/v11/projects', { name, framework: 'nextjs' });
  }
  return vercel;
}

const add = (vercel: TestVercel, name: string, project = 'app') =>
  vercel.call('POST', `/v10/projects/${project}/domains`, { name });

describe('domains of a project', () => {
  it('lists its host under vercel.app from the first day', async () => {
    const vercel = await aProject();
    const listed = await vercel.call('GET', '/v9/projects/app/domains');
    expect(listed.body).toMatchObject({
      domains: [{ name: 'app.vercel.app', verified: true }],
      pagination: { count: 1 },
    });
  });

  it('adds, shows, redirects and removes one', async () => {
    const vercel = await aProject();
    expect((await add(vercel, 'www.acme.example')).body).toMatchObject({
      name: 'www.acme.example',
      apexName: 'acme.example',
      verified: true,
    });
    const path = '/v9/projects/app/domains/www.acme.example';
    const redirected = await vercel.call('PATCH', path, { redirect: 'acme.example', redirectStatusCode: 308 });
    expect(redirected.body).toMatchObject({ redirect: 'acme.example', redirectStatusCode: 308 });
    expect((await vercel.call('PATCH', path, { redirect: 'www.acme.example' })).status).toBe(400);
    expect((await vercel.call('DELETE', path)).status).toBe(200);
    expect((await vercel.call('GET', path)).status).toBe(404);
  });

  it('answers 400 for a domain it has, 409 for one that another project has', async () => {
    const vercel = await aProject();
    await add(vercel, 'acme.example');
    expect((await add(vercel, 'acme.example')).status).toBe(400);
    const elsewhere = await add(vercel, 'acme.example', 'other');
    expect(elsewhere.status).toBe(409);
    expect(at(elsewhere, 'error.code')).toBe('domain_already_in_use');
    expect((await add(vercel, 'app.vercel.app', 'other')).status).toBe(409);
  });

  it.each(['nonsense', 'UPPER.example', '-a.example', 'a..example', 'a b.example'])('refuses %j', async (name) => {
    expect(at(await add(await aProject(), name), 'error.code')).toBe('invalid_domain');
  });

  it('wants a TXT record for a domain that another account has verified', async () => {
    const vercel = await aProject({ foreignApexes: ['acme.example'] });
    const added = await add(vercel, 'www.acme.example');
    expect(added.body).toMatchObject({
      verified: false,
      verification: [{ type: 'TXT', domain: '_vercel.acme.example' }],
    });
    const verified = await vercel.call('POST', '/v9/projects/app/domains/www.acme.example/verify');
    expect(verified.status).toBe(400);
    expect(vercel.service.site('www.acme.example').kind).toBe('missing');
  });

  it('refuses one while the latest production deployment failed', async () => {
    const vercel = await aProject();
    const gitSource = { type: 'github', org: 'example', repo: 'agency-app', ref: 'broken-build' };
    await vercel.call('POST', '/v13/deployments', { name: 'app', target: 'production', gitSource });
    vercel.clock.advance(120_000);
    await vercel.call('GET', '/v7/deployments');
    expect((await add(vercel, 'acme.example')).status).toBe(400);
  });

  it('stays misconfigured until DNS has followed', async () => {
    const vercel = await aProject();
    const config = async () => at(await vercel.call('GET', '/v6/domains/acme.example/config'), 'misconfigured');
    expect(await config()).toBe(true);
    await add(vercel, 'acme.example');
    expect(await config()).toBe(true);
    vercel.clock.advance(61_000);
    expect(await config()).toBe(false);
  });

  it('serves on a custom domain, which protection leaves open', async () => {
    const vercel = await aProject();
    await add(vercel, 'acme.example');
    const gitSource = { type: 'github', org: 'example', repo: 'agency-app', ref: 'main' };
    await vercel.call('POST', '/v13/deployments', { name: 'app', target: 'production', gitSource });
    vercel.clock.advance(120_000);
    expect(vercel.service.site('acme.example').kind).toBe('live');
    expect(vercel.service.site('app.vercel.app').kind).toBe('protected');
  });
});
