import { describe, expect, it } from 'vitest';
import { aSupabase, managementRequest, member, TOKEN } from '../../testing.ts';

describe('who may call the Management API', () => {
  it.each([
    ['nobody without a token', {}],
    ['nobody with another token', { authorization: `Bearer sbp_${'f'.repeat(40)}` }],
    ['nobody whose token has another form', { authorization: `Bearer ${TOKEN}x` }],
    ['nobody with another scheme', { authorization: `Basic ${TOKEN}` }],
  ])('%s', async (_name, headers) => {
    const { supabase } = await aSupabase();
    const request = new Request('http://cloud.test/v1/projects', { headers });
    const response = await supabase.management.fetch(request);
    expect([response.status, await response.json()]).toEqual([401, { message: 'Unauthorized' }]);
  });
});

it.each([
  ['GET', '/v1/projects/aaaaaaaaaaaaaaaaaaaa/functions'],
  ['PUT', '/v1/projects'],
  ['GET', '/v2/projects'],
])('says that it does not emulate %s %s', async (method, path) => {
  const { call } = await aSupabase();
  const answer = await call(method, path);
  expect(answer.status).toBe(501);
  expect(member(answer.body, 'message')).toContain(`${method} ${path}`);
});

it('refuses a body that is not JSON', async () => {
  const { supabase } = await aSupabase();
  const broken = new Request(managementRequest('POST', '/v1/projects'), { body: '{"name":' });
  expect((await supabase.management.fetch(broken)).status).toBe(400);
});

it('answers what tools read around a project', async () => {
  const rig = await aSupabase();
  const path = `/v1/projects/${await rig.readyProject()}`;
  expect((await rig.call('GET', `${path}/config/storage`)).body).toMatchObject({ fileSizeLimit: 52_428_800 });
  expect((await rig.call('GET', `${path}/config/database/pooler`)).body).toMatchObject([{ database_type: 'PRIMARY' }]);
  expect((await rig.call('GET', `${path}/database/backups`)).body).toMatchObject({ backups: [] });
  expect((await rig.call('GET', `${path}/billing/addons`)).body).toMatchObject({ selected_addons: [] });
  expect((await rig.call('GET', `${path}/branches`)).body).toEqual([]);
  expect((await rig.call('PATCH', `${path}/database/password`, { password: 'abc' })).status).toBe(400);
  expect((await rig.call('PATCH', `${path}/database/password`, { password: 'abcd' })).status).toBe(200);
  expect((await rig.call('GET', '/v1/profile')).body).toHaveProperty('primary_email');
});

describe('organizations', () => {
  it('are one', async () => {
    const { call, organizationSlug: slug } = await aSupabase({ plan: 'team' });
    expect((await call('GET', '/v1/organizations')).body).toEqual([{ id: slug, slug, name: 'Acme' }]);
    expect((await call('GET', `/v1/organizations/${slug}`)).body).toMatchObject({ id: slug, plan: 'team' });
    expect((await call('GET', '/v1/organizations/other')).status).toBe(404);
    expect((await call('GET', '/v1/organizations/other/projects')).status).toBe(404);
  });
});

describe("an organization's projects", () => {
  async function fleet(names: string[]) {
    const rig = await aSupabase();
    for (const name of names) {
      await rig.call('POST', '/v1/projects', { name, organization_slug: rig.organizationSlug, db_pass: 'x' });
      rig.clock.advance(1_000);
    }
    const list = async (query = '') => {
      const { body, status } = await rig.call('GET', `/v1/organizations/${rig.organizationSlug}/projects${query}`);
      const projects = member(body, 'projects');
      const found = Array.isArray(projects) ? projects.map((project) => member(project, 'name')) : [];
      return { status, names: found, pagination: member(body, 'pagination') };
    };
    return { rig, list };
  }

  it('come in pages that together hold each once, equal names included', async () => {
    const { list } = await fleet(['c', 'a', 'b', 'a', 'd']);
    const pages = [await list('?limit=2'), await list('?limit=2&offset=2'), await list('?limit=2&offset=4')];
    expect(pages.map(({ names }) => names)).toEqual([['a', 'a'], ['b', 'c'], ['d']]);
    expect(pages[1]?.pagination).toEqual({ count: 5, limit: 2, offset: 2 });
    expect((await list()).pagination).toEqual({ count: 5, limit: 100, offset: 0 });
  });

  it.each([
    ['?sort=name_desc', ['c', 'b', 'a']],
    ['?sort=created_asc', ['b', 'c', 'a']],
    ['?sort=created_desc', ['a', 'c', 'b']],
    ['?search=B', ['b']],
    ['?search=zzz', []],
    ['?statuses=INACTIVE', []],
    ['?statuses=INACTIVE,UNKNOWN', ['a', 'b', 'c']],
  ])('can be asked for with %s', async (query, expected) => {
    const { list } = await fleet(['b', 'c', 'a']);
    expect((await list(query)).names).toEqual(expected);
  });

  it.each([['?limit=0'], ['?limit=101'], ['?offset=-1'], ['?sort=size'], ['?limit=many']])(
    'refuse %s',
    async (query) => {
      const { list } = await fleet([]);
      expect((await list(query)).status).toBe(400);
    },
  );

  it('carry the shape of a list, which is not that of a project', async () => {
    const { rig } = await fleet(['a']);
    const { body } = await rig.call('GET', `/v1/organizations/${rig.organizationSlug}/projects`);
    expect(member(body, 'projects')).toEqual([
      {
        ref: expect.stringMatching(/^[a-z]{20}$/),
        name: 'a',
        cloud_provider: 'AWS',
        region: 'us-east-1',
        is_branch: false,
        status: 'UNKNOWN',
        inserted_at: '2026-11-22T00:00:00.000Z',
        databases: [expect.objectContaining({ infra_compute_size: 'nano', status: 'UNKNOWN', type: 'PRIMARY' })],
      },
    ]);
  });

  it('hide what is too new for a stale list', async () => {
    const { rig } = await fleet(['old', 'new']);
    const path = `/v1/organizations/${rig.organizationSlug}/projects`;
    const stale = await rig.call('GET', path, undefined, { 'x-cloud-stale': '1500' });
    expect(member(stale.body, 'projects')).toMatchObject([{ name: 'old' }]);
  });
});
