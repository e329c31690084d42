import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { aSupabase, member, type SupabaseRig } from '../../testing.ts';

async function keys(rig: SupabaseRig, ref: string, query = ''): Promise<unknown[]> {
  const { body } = await rig.call('GET', `/v1/projects/${ref}/api-keys${query}`);
  expect(Array.isArray(body)).toBe(true);
  return Array.isArray(body) ? body : [];
}

async function settledKeys(rig: SupabaseRig, ref: string, query = ''): Promise<unknown[]> {
  for (let reads = 0; reads < 2; reads++) await keys(rig, ref);
  return keys(rig, ref, query);
}

const typesOf = (rows: unknown[]) => rows.map((row) => `${member(row, 'type')} ${member(row, 'name')}`);
const all = ['legacy anon', 'legacy service_role', 'publishable default', 'secret default'];

describe('the keys of a new project', () => {
  it('appear late, the legacy pair first', async () => {
    const rig = await aSupabase();
    const ref = await rig.readyProject();
    expect(typesOf(await keys(rig, ref))).toEqual([]);
    expect(typesOf(await keys(rig, ref))).toEqual(all.slice(0, 2));
    expect(typesOf(await keys(rig, ref))).toEqual(all);
  });

  it('need time however often one reads', async () => {
    const rig = await aSupabase({ timing: { legacyKeysMs: 4_000, keysMs: 6_000 } });
    const ref = await rig.readyProject();
    for (let reads = 0; reads < 5; reads++) expect(await keys(rig, ref)).toEqual([]);
    rig.clock.advance(4_000);
    expect(typesOf(await keys(rig, ref))).toEqual(all.slice(0, 2));
    rig.clock.advance(2_000);
    expect(typesOf(await keys(rig, ref))).toEqual(all);
  });

  it('are masked unless revealed: only the secret one', async () => {
    const rig = await aSupabase();
    const ref = await rig.readyProject();
    const [anon, , publishable, secret] = await settledKeys(rig, ref);
    expect(member(anon, 'api_key')).toMatch(/^eyJ/);
    expect(member(publishable, 'api_key')).toMatch(/^sb_publishable_[A-Za-z0-9]{22}_[A-Za-z0-9]{8}$/);
    expect(member(secret, 'api_key')).toMatch(/^sb_secret_[A-Za-z0-9]{5}·{10}$/);
    expect(member(secret, 'secret_jwt_template')).toEqual({ role: 'service_role' });
    const revealed = (await keys(rig, ref, '?reveal=true'))[3];
    expect(member(revealed, 'api_key')).toMatch(/^sb_secret_[A-Za-z0-9]{22}_[A-Za-z0-9]{8}$/);
    expect(String(member(revealed, 'api_key')).startsWith(String(member(secret, 'prefix')))).toBe(true);
    expect((await keys(rig, ref, '?reveal=false'))[3]).toEqual(secret);
  });

  it('are the ones that the instance is opened with, the legacy ones signed by its secret', async () => {
    const rig = await aSupabase();
    const ref = await rig.readyProject();
    const values = (await settledKeys(rig, ref, '?reveal=true')).map((row) => member(row, 'api_key'));
    await rig.call('POST', `/v1/projects/${ref}/database/query`, { query: 'select 1' });
    const born = rig.instances.opened[0]?.keys;
    expect(values).toEqual([born?.anonJwt, born?.serviceRoleJwt, born?.publishable, born?.secret]);
    const [head, claims, signature] = String(born?.serviceRoleJwt).split('.');
    const expected = createHmac('sha256', String(born?.jwtSecret)).update(`${head}.${claims}`).digest('base64url');
    expect(signature).toBe(expected);
    const decoded: unknown = JSON.parse(Buffer.from(String(claims), 'base64url').toString());
    expect(decoded).toMatchObject({ iss: 'supabase', ref, role: 'service_role' });
  });

  it('differ between projects', async () => {
    const rig = await aSupabase();
    const one = await settledKeys(rig, await rig.readyProject('one'), '?reveal=true');
    const two = await settledKeys(rig, await rig.readyProject('two'), '?reveal=true');
    const values = [...one, ...two].map((row) => member(row, 'api_key'));
    expect(new Set(values).size).toBe(8);
  });
});

describe('making keys', () => {
  it('answers 201 with the key, in clear only when revealed', async () => {
    const rig = await aSupabase();
    const ref = await rig.readyProject();
    const path = `/v1/projects/${ref}/api-keys`;
    const masked = await rig.call('POST', path, { type: 'secret', name: 'deploy' });
    expect(masked).toMatchObject({ status: 201, body: { type: 'secret', name: 'deploy' } });
    expect(member(masked.body, 'api_key')).toMatch(/·{10}$/);
    const clear = await rig.call('POST', `${path}?reveal=true`, { type: 'secret', name: 'other' });
    expect(member(clear.body, 'api_key')).not.toContain('·');
    expect(typesOf(await settledKeys(rig, ref))).toEqual([...all, 'secret deploy', 'secret other']);
  });

  it.each([
    ['a second default', { type: 'secret', name: 'default' }, 409],
    ['a name with a capital', { type: 'secret', name: 'Deploy' }, 400],
    ['a short name', { type: 'secret', name: 'abc' }, 400],
    ['a legacy type', { type: 'legacy', name: 'anon_two' }, 400],
    ['an unknown member', { type: 'secret', name: 'deploy', value: 'x' }, 400],
  ])('refuses %s', async (_name, body, status) => {
    const rig = await aSupabase();
    const ref = await rig.readyProject();
    expect((await rig.call('POST', `/v1/projects/${ref}/api-keys`, body)).status).toBe(status);
    expect(await settledKeys(rig, ref)).toHaveLength(4);
  });
});

describe('one key', () => {
  it('can be read, changed and deleted by its id', async () => {
    const rig = await aSupabase();
    const ref = await rig.readyProject();
    const id = String(member((await settledKeys(rig, ref))[2], 'id'));
    const path = `/v1/projects/${ref}/api-keys/${id}`;
    expect((await rig.call('GET', path)).body).toMatchObject({ id, name: 'default', type: 'publishable' });
    rig.clock.advance(1_000);
    const changed = await rig.call('PATCH', path, { name: 'renamed', description: 'for the app' });
    expect(changed.body).toMatchObject({
      name: 'renamed',
      description: 'for the app',
      inserted_at: '2026-11-22T00:00:00.000Z',
      updated_at: '2026-11-22T00:00:01.000Z',
    });
    expect((await rig.call('PATCH', path, { type: 'secret' })).status).toBe(400);
    expect((await rig.call('DELETE', `${path}?reason=rotating`)).body).toMatchObject({ id });
    expect((await rig.call('GET', path)).status).toBe(404);
    expect((await rig.call('GET', `/v1/projects/${ref}/api-keys/anon`)).status).toBe(400);
  });

  it('of the legacy kind is switched with its pair', async () => {
    const rig = await aSupabase();
    const path = `/v1/projects/${await rig.readyProject()}/api-keys/legacy`;
    expect((await rig.call('GET', path)).body).toEqual({ enabled: true });
    expect((await rig.call('PUT', `${path}?enabled=false`)).body).toEqual({ enabled: false });
    expect((await rig.call('GET', path)).body).toEqual({ enabled: false });
    expect((await rig.call('PUT', path)).status).toBe(400);
  });
});

it('a stale list hides keys of the last milliseconds', async () => {
  const rig = await aSupabase();
  const ref = await rig.readyProject();
  await settledKeys(rig, ref);
  rig.clock.advance(10_000);
  await rig.call('POST', `/v1/projects/${ref}/api-keys`, { type: 'secret', name: 'deploy' });
  const path = `/v1/projects/${ref}/api-keys`;
  const stale = await rig.call('GET', path, undefined, { 'x-cloud-stale': '5000' });
  expect(typesOf(Array.isArray(stale.body) ? stale.body : [])).toEqual(all);
  expect(await keys(rig, ref)).toHaveLength(5);
});
