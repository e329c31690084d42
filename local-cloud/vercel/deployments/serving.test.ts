import { describe, expect, it } from 'vitest';
import { at, type TestVercel, textAt } from '../testing.ts';
import { aProject, deploy, finish, look } from './fixture.ts';

describe('which deployment serves', () => {
  const live = (vercel: TestVercel) => {
    const site = vercel.service.site('app.vercel.app');
    return site.kind === 'live' ? site.deploymentId : site.kind;
  };

  it('keeps the old one serving until the new one has the alias', async () => {
    const vercel = await aProject();
    const old = textAt(await deploy(vercel), 'id');
    await finish(vercel);
    const next = textAt(await deploy(vercel), 'id');
    vercel.clock.advance(20_000);
    expect(live(vercel)).toBe(old);
    await finish(vercel);
    expect(live(vercel)).toBe(next);
    expect(at(await vercel.call('GET', '/v9/projects/app'), 'targets.production.id')).toBe(next);
  });

  it('shows each deployment the variables of the moment it was created', async () => {
    const vercel = await aProject();
    const set = (value: string) =>
      vercel.call('POST', '/v10/projects/app/env?upsert=true', {
        key: 'A',
        value,
        type: 'sensitive',
        target: 'production',
      });
    await set('one');
    await deploy(vercel);
    await set('two');
    await finish(vercel);
    expect(vercel.service.site('app.vercel.app')).toMatchObject({ env: { A: 'one' } });
    await deploy(vercel);
    await finish(vercel);
    expect(vercel.service.site('app.vercel.app')).toMatchObject({ env: { A: 'two' } });
  });

  it('rolls back without building, holds new deployments back, and promotes again', async () => {
    const vercel = await aProject();
    const projectId = textAt(await vercel.call('GET', '/v9/projects/app'), 'id');
    const first = textAt(await deploy(vercel), 'id');
    await finish(vercel);
    const second = textAt(await deploy(vercel), 'id');
    await finish(vercel);
    expect((await vercel.call('POST', `/v1/projects/${projectId}/rollback/${first}`)).status).toBe(201);
    expect(live(vercel)).toBe(first);
    const third = textAt(await deploy(vercel), 'id');
    await finish(vercel);
    expect(live(vercel)).toBe(first);
    expect((await look(vercel, third)).body).toMatchObject({ aliasAssigned: false, readySubstate: 'STAGED' });
    expect((await vercel.call('POST', `/v10/projects/${projectId}/promote/${second}`)).status).toBe(201);
    expect(live(vercel)).toBe(second);
    expect((await vercel.call('POST', `/v10/projects/${projectId}/promote/${second}`)).status).toBe(409);
  });

  it('does not promote what is not ready', async () => {
    const vercel = await aProject();
    const id = textAt(await deploy(vercel), 'id');
    expect((await vercel.call('POST', `/v10/projects/app/promote/${id}`)).status).toBe(409);
  });

  it('pauses by id alone, and assigns nothing while paused', async () => {
    const vercel = await aProject();
    const id = textAt(await vercel.call('GET', '/v9/projects/app'), 'id');
    const before = textAt(await deploy(vercel), 'id');
    await finish(vercel);
    expect((await vercel.call('POST', '/v1/projects/app/pause')).status).toBe(400);
    expect((await vercel.call('POST', '/v1/projects/prj_none/pause')).status).toBe(400);
    expect(await vercel.call('POST', `/v1/projects/${id}/pause`)).toEqual({ status: 200, body: undefined });
    expect(live(vercel)).toBe('paused');
    expect(at(await vercel.call('GET', '/v9/projects/app'), 'paused')).toBe(true);
    const during = textAt(await deploy(vercel), 'id');
    await finish(vercel);
    expect((await vercel.call('POST', `/v1/projects/${id}/unpause`)).status).toBe(200);
    expect(live(vercel)).toBe(before);
    expect((await vercel.call('POST', `/v10/projects/app/promote/${during}`)).status).toBe(201);
    expect(live(vercel)).toBe(during);
  });

  it('asks strangers for a login where protection is on', async () => {
    const vercel = await aProject();
    const host = textAt(await deploy(vercel), 'url');
    await finish(vercel);
    const kinds = () => [vercel.service.site('app.vercel.app').kind, vercel.service.site(host).kind];
    expect(kinds()).toEqual(['live', 'live']);
    const protect = (deploymentType: string) =>
      vercel.call('PATCH', '/v9/projects/app', { ssoProtection: { deploymentType } });
    await protect('all_except_custom_domains');
    expect(kinds()).toEqual(['protected', 'protected']);
    await protect('prod_deployment_urls_and_all_previews');
    expect(kinds()).toEqual(['live', 'protected']);
    await protect('preview');
    expect(kinds()).toEqual(['live', 'live']);
  });

  it('gives the cloud an overview', async () => {
    const vercel = await aProject();
    const id = textAt(await deploy(vercel), 'id');
    expect(vercel.service.overview()).toMatchObject({ projects: [{ name: 'app', url: '' }], deployments: [{ id }] });
    await finish(vercel);
    expect(vercel.service.overview()).toMatchObject({
      projects: [{ url: 'http://127.0.0.1:4600/sites/app.vercel.app' }],
      deployments: [{ readyState: 'READY' }],
    });
  });
});
