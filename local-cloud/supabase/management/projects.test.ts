import { describe, expect, it } from 'vitest';
import { aSupabase, member, type SupabaseRig } from '../../testing.ts';

const body = (rig: SupabaseRig, more: object = {}) => ({
  name: 'acme',
  organization_slug: rig.organizationSlug,
  db_pass: 'correcthorse',
  ...more,
});

describe('creating a project', () => {
  it('answers 201 with the project, its status UNKNOWN and without a database', async () => {
    const rig = await aSupabase();
    const specific = { region_selection: { type: 'specific', code: 'eu-west-3' } };
    const { status, body: created } = await rig.call('POST', '/v1/projects', body(rig, specific));
    expect(status).toBe(201);
    expect(created).toEqual({
      id: expect.stringMatching(/^[a-z]{20}$/),
      ref: member(created, 'id'),
      organization_id: rig.organizationSlug,
      organization_slug: rig.organizationSlug,
      name: 'acme',
      region: 'eu-west-3',
      created_at: '2026-11-22T00:00:00.000Z',
      status: 'UNKNOWN',
    });
  });

  it('makes the same refs from the same seed, and another one for a second project of one name', async () => {
    const [one, two] = [await aSupabase(), await aSupabase()];
    const refOf = async (rig: SupabaseRig) => member((await rig.call('POST', '/v1/projects', body(rig))).body, 'ref');
    const first = await refOf(one);
    expect(await refOf(two)).toBe(first);
    expect(await refOf(one)).not.toBe(first);
  });

  it.each([
    ['a missing name', { name: undefined }, 'name'],
    ['a name beyond 256 characters', { name: 'x'.repeat(257) }, 'name'],
    ['a missing password', { db_pass: undefined }, 'db_pass'],
    ['a missing organization', { organization_slug: undefined }, 'organization_slug'],
    ['a member that does not exist', { idempotency_key: 'x' }, 'property idempotency_key should not exist'],
    ['an unknown region', { region: 'moon-1' }, 'region'],
    ['an unknown selection', { region_selection: { type: 'specific', code: 'moon-1' } }, 'region_selection'],
    ['two regions', { region: 'us-east-1', region_selection: { type: 'smartGroup', code: 'emea' } }, 'Only one of'],
    ['a size that cannot be wished for', { desired_instance_size: 'pico' }, 'desired_instance_size'],
  ])('refuses %s with 400 and creates nothing', async (_name, more, complaint) => {
    const rig = await aSupabase();
    const refused = await rig.call('POST', '/v1/projects', body(rig, more));
    expect(refused).toEqual({ status: 400, body: { message: expect.stringContaining(complaint) } });
    expect((await rig.call('GET', '/v1/projects')).body).toEqual([]);
  });

  it('takes what is deprecated, and ignores it', async () => {
    const rig = await aSupabase();
    const deprecated = { organization_id: 'x', plan: 'pro', kps_enabled: true, region: 'us-west-1' };
    const { status, body: created } = await rig.call('POST', '/v1/projects', body(rig, deprecated));
    expect([status, member(created, 'region'), member(created, 'organization_id')]).toEqual([
      201,
      'us-west-1',
      rig.organizationSlug,
    ]);
  });

  it('resolves a smart group', async () => {
    const rig = await aSupabase();
    const group = { region_selection: { type: 'smartGroup', code: 'apac' } };
    expect(member((await rig.call('POST', '/v1/projects', body(rig, group))).body, 'region')).toBe('ap-southeast-1');
  });

  it('knows no organization but its own', async () => {
    const rig = await aSupabase();
    expect((await rig.call('POST', '/v1/projects', body(rig, { organization_slug: 'other' }))).status).toBe(404);
  });

  it('reads no body that is not sent as JSON', async () => {
    const rig = await aSupabase();
    const plain = { 'content-type': 'text/plain' };
    expect((await rig.call('POST', '/v1/projects', body(rig), plain)).status).toBe(400);
  });

  it('lets one name stand twice', async () => {
    const rig = await aSupabase();
    await rig.call('POST', '/v1/projects', body(rig));
    await rig.call('POST', '/v1/projects', body(rig));
    expect((await rig.call('GET', '/v1/projects')).body).toMatchObject([{ name: 'acme' }, { name: 'acme' }]);
  });

  it('stops at the quota; a paused project does not count', async () => {
    const rig = await aSupabase({ plan: 'free', quota: 1 });
    const ref = await rig.readyProject();
    const refused = await rig.call('POST', '/v1/projects', body(rig));
    expect(refused).toEqual({ status: 400, body: { message: expect.stringContaining('(1 project limit)') } });
    await rig.call('POST', `/v1/projects/${ref}/pause`);
    for (let looks = 0; looks < 2; looks++) await rig.call('GET', `/v1/projects/${ref}`);
    expect((await rig.call('POST', '/v1/projects', body(rig))).status).toBe(201);
  });
});

describe('a project', () => {
  it('is shown with its database', async () => {
    const rig = await aSupabase();
    const ref = await rig.readyProject();
    expect((await rig.call('GET', `/v1/projects/${ref}`)).body).toMatchObject({
      ref,
      status: 'ACTIVE_HEALTHY',
      database: { host: `db.${ref}.supabase.co`, postgres_engine: '17', release_channel: 'ga' },
    });
  });

  it('can be renamed', async () => {
    const rig = await aSupabase();
    const ref = await rig.readyProject();
    const renamed = await rig.call('PATCH', `/v1/projects/${ref}`, { name: 'other' });
    expect(renamed).toEqual({ status: 200, body: { id: expect.any(Number), ref, name: 'other' } });
    expect((await rig.call('PATCH', `/v1/projects/${ref}`, { name: '' })).status).toBe(400);
    expect((await rig.call('PATCH', `/v1/projects/${ref}`, { name: 'a', region: 'b' })).status).toBe(400);
    expect(member((await rig.call('GET', `/v1/projects/${ref}`)).body, 'name')).toBe('other');
  });

  it('that never was is 404, a malformed ref 400', async () => {
    const rig = await aSupabase();
    expect((await rig.call('GET', `/v1/projects/${'a'.repeat(20)}`)).status).toBe(404);
    expect((await rig.call('GET', '/v1/projects/ABC')).status).toBe(400);
  });
});

describe('deleting a project', () => {
  it('removes it everywhere, and later calls say so', async () => {
    const rig = await aSupabase();
    const ref = await rig.readyProject();
    const deleted = await rig.call('DELETE', `/v1/projects/${ref}`);
    expect(deleted).toMatchObject({ status: 200, body: { ref, name: 'acme' } });
    expect((await rig.call('GET', '/v1/projects')).body).toEqual([]);
    const gone = { status: 400, body: { message: 'Resource has been removed' } };
    expect(await rig.call('GET', `/v1/projects/${ref}`)).toEqual(gone);
    expect(await rig.call('POST', `/v1/projects/${ref}/database/query`, { query: 'select 1' })).toEqual(gone);
  });

  it('is refused while it comes up, and a second time', async () => {
    const rig = await aSupabase();
    const created = await rig.call('POST', '/v1/projects', body(rig));
    const path = `/v1/projects/${member(created.body, 'ref')}`;
    const refusal = { status: 400, body: { message: 'Project not ready for deletion.' } };
    expect(await rig.call('DELETE', path)).toEqual(refusal);
    for (let looks = 0; looks < 3; looks++) await rig.call('GET', path);
    expect((await rig.call('DELETE', path)).status).toBe(200);
    expect(await rig.call('DELETE', path)).toEqual(refusal);
    expect((await rig.call('DELETE', `/v1/projects/${'a'.repeat(20)}`)).status).toBe(404);
  });
});
