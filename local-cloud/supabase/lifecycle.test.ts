import { describe, expect, it } from 'vitest';
import { aSupabase, member, type SupabaseRig } from '../testing.ts';

const timing = { comingUpMs: 2_000, healthyMs: 60_000, servicesMs: 10_000, transitionMs: 30_000 };

async function created(rig: SupabaseRig): Promise<string> {
  const answer = await rig.call('POST', '/v1/projects', {
    name: 'acme',
    organization_slug: rig.organizationSlug,
    db_pass: 'x',
  });
  return `/v1/projects/${member(answer.body, 'ref')}`;
}

async function statuses(rig: SupabaseRig, path: string, looks: number): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (let n = 0; n < looks; n++) seen.push(member((await rig.call('GET', path)).body, 'status'));
  return seen;
}

async function health(rig: SupabaseRig, path: string, services = 'db,rest,auth,pooler'): Promise<unknown> {
  const { body } = await rig.call('GET', `${path}/health?services=${services}`);
  return Array.isArray(body) ? body.map((row) => member(row, 'status')) : body;
}

describe('a new project', () => {
  it('needs looks even when its time is over', async () => {
    const rig = await aSupabase({ timing });
    const path = await created(rig);
    rig.clock.advance(3_600_000);
    expect(await statuses(rig, path, 5)).toEqual([
      'UNKNOWN',
      'COMING_UP',
      'COMING_UP',
      'ACTIVE_HEALTHY',
      'ACTIVE_HEALTHY',
    ]);
  });

  it('needs time however often one looks', async () => {
    const rig = await aSupabase({ timing });
    const path = await created(rig);
    expect(new Set(await statuses(rig, path, 10))).toEqual(new Set(['UNKNOWN']));
    rig.clock.advance(2_000);
    expect(await statuses(rig, path, 1)).toEqual(['COMING_UP']);
    rig.clock.advance(57_999);
    expect(await statuses(rig, path, 1)).toEqual(['COMING_UP']);
    rig.clock.advance(1);
    expect(await statuses(rig, path, 1)).toEqual(['ACTIVE_HEALTHY']);
  });

  it('comes up for somebody who looks at lists or at the health only', async () => {
    const rig = await aSupabase();
    const path = await created(rig);
    await rig.call('GET', '/v1/projects');
    await rig.call('GET', `/v1/organizations/${rig.organizationSlug}/projects`);
    await health(rig, path);
    expect(await statuses(rig, path, 1)).toEqual(['ACTIVE_HEALTHY']);
  });
});

describe('the services of a new project', () => {
  it('turn healthy after the project, the pooler last and with its own words before', async () => {
    const rig = await aSupabase({ timing });
    const path = await created(rig);
    rig.clock.advance(60_000);
    expect(await health(rig, path)).toEqual(['COMING_UP', 'COMING_UP', 'COMING_UP', 'UNHEALTHY']);
    await statuses(rig, path, 3);
    expect(await health(rig, path)).toEqual(['ACTIVE_HEALTHY', 'UNHEALTHY', 'UNHEALTHY', 'UNHEALTHY']);
    rig.clock.advance(3_000);
    expect(await health(rig, path)).toEqual(['ACTIVE_HEALTHY', 'ACTIVE_HEALTHY', 'UNHEALTHY', 'UNHEALTHY']);
    rig.clock.advance(3_000);
    expect(await health(rig, path)).toEqual(['ACTIVE_HEALTHY', 'ACTIVE_HEALTHY', 'ACTIVE_HEALTHY', 'UNHEALTHY']);
    rig.clock.advance(4_000);
    expect(await health(rig, path)).toEqual(['ACTIVE_HEALTHY', 'ACTIVE_HEALTHY', 'ACTIVE_HEALTHY', 'ACTIVE_HEALTHY']);
  });

  it('tell why they are not healthy in the recorded forms', async () => {
    const rig = await aSupabase({ timing });
    const path = await created(rig);
    rig.clock.advance(60_000);
    await statuses(rig, path, 4);
    expect((await rig.call('GET', `${path}/health?services=pooler&services=auth`)).body).toEqual([
      { name: 'pooler', healthy: false, status: 'UNHEALTHY', error: '{"error":"not found"}' },
      { name: 'auth', healthy: false, status: 'UNHEALTHY', error: "Failed to retrieve project's auth service health" },
    ]);
  });

  it('must be named, and named right', async () => {
    const rig = await aSupabase();
    const path = await created(rig);
    expect(await rig.call('GET', `${path}/health`)).toMatchObject({ status: 400 });
    expect(await rig.call('GET', `${path}/health?services=auth,mail`)).toEqual({
      status: 400,
      body: { message: expect.stringContaining('"mail"') },
    });
    expect(await rig.call('GET', `${path}/health?services=auth&timeout_ms=20000`)).toMatchObject({ status: 400 });
  });
});

describe('pausing', () => {
  it('takes a project down and restoring brings it up again', async () => {
    const rig = await aSupabase({ plan: 'free' });
    const path = `/v1/projects/${await rig.readyProject()}`;
    expect(await rig.call('POST', `${path}/pause`)).toEqual({ status: 200, body: '' });
    expect(await statuses(rig, path, 3)).toEqual(['PAUSING', 'PAUSING', 'INACTIVE']);
    expect(await rig.call('POST', `${path}/database/query`, { query: 'select 1' })).toMatchObject({ status: 540 });
    expect((await rig.call('POST', `${path}/restore`)).status).toBe(200);
    expect(await statuses(rig, path, 3)).toEqual(['RESTORING', 'COMING_UP', 'ACTIVE_HEALTHY']);
  });

  it('cannot be undone while it goes on', async () => {
    const rig = await aSupabase({ plan: 'free' });
    const path = `/v1/projects/${await rig.readyProject()}`;
    await rig.call('POST', `${path}/pause`);
    expect(await rig.call('POST', `${path}/restore`)).toEqual({
      status: 400,
      body: { message: 'This project is no longer in a paused state, it is PAUSING' },
    });
    expect((await rig.call('POST', `${path}/pause`)).status).toBe(400);
  });

  it('is refused on a paid plan, and nothing changes', async () => {
    const rig = await aSupabase({ plan: 'pro' });
    const path = `/v1/projects/${await rig.readyProject()}`;
    expect((await rig.call('POST', `${path}/pause`)).status).toBe(400);
    expect(await statuses(rig, path, 1)).toEqual(['ACTIVE_HEALTHY']);
  });
});

it('restarting takes a while', async () => {
  const rig = await aSupabase();
  const path = `/v1/projects/${await rig.readyProject()}`;
  expect((await rig.call('POST', `${path}/restart`)).status).toBe(200);
  expect((await rig.call('POST', `${path}/restart`)).status).toBe(400);
  expect(await statuses(rig, path, 3)).toEqual(['RESTARTING', 'RESTARTING', 'ACTIVE_HEALTHY']);
});
