import { describe, expect, it } from 'vitest';
import { aSupabase, member, type SupabaseRig } from '../testing.ts';

async function rigWithProject() {
  const rig = await aSupabase({ plan: 'free' });
  const ref = await rig.readyProject();
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET', body?: string) =>
    rig.supabase.projects.fetch(
      new Request(`http://cloud.test${path}`, { method, headers, ...(body !== undefined && { body }) }),
    );
  return { rig, ref, ask };
}

async function keysOf(rig: SupabaseRig, ref: string) {
  for (let reads = 0; reads < 2; reads++) await rig.call('GET', `/v1/projects/${ref}/api-keys`);
  const { body } = await rig.call('GET', `/v1/projects/${ref}/api-keys?reveal=true`);
  const rows: unknown[] = Array.isArray(body) ? body : [];
  return rows.map((row) => ({ id: String(member(row, 'id')), value: String(member(row, 'api_key')) }));
}

const arrivedKey = (rig: SupabaseRig) => rig.instances.requests.at(-1)?.headers.get('apikey');

describe("an instance's URL", () => {
  it('leads to the instance, without the project in the path', async () => {
    const { rig, ref, ask } = await rigWithProject();
    const response = await ask(`/${ref}/auth/v1/admin/users?page=2`, { 'x-note': 'kept' }, 'POST', '{"a":1}');
    expect(response.status).toBe(200);
    const arrived = rig.instances.requests[0];
    expect(new URL(arrived?.url ?? '').pathname).toBe('/auth/v1/admin/users');
    expect(new URL(arrived?.url ?? '').search).toBe('?page=2');
    expect([arrived?.method, arrived?.headers.get('x-note'), await arrived?.text()]).toEqual([
      'POST',
      'kept',
      '{"a":1}',
    ]);
  });

  it.each([['storage/v1/bucket'], ['auth/v2/token'], ['functions/v1/x'], ['']])('does not emulate %s', async (path) => {
    const { ref, ask } = await rigWithProject();
    expect((await ask(`/${ref}/${path}`)).status).toBe(501);
  });

  it('of nobody is 404, of a removed project too', async () => {
    const { rig, ref, ask } = await rigWithProject();
    expect((await ask(`/${'a'.repeat(20)}/rest/v1/`)).status).toBe(404);
    await rig.call('DELETE', `/v1/projects/${ref}`);
    expect((await ask(`/${ref}/rest/v1/`)).status).toBe(404);
  });

  it('of a paused project is 540', async () => {
    const { rig, ref, ask } = await rigWithProject();
    await rig.call('POST', `/v1/projects/${ref}/pause`);
    expect((await ask(`/${ref}/rest/v1/`)).status).toBe(540);
    expect(rig.instances.requests).toEqual([]);
  });
});

it('a service that comes up is 503 until its time has come, each look counting', async () => {
  const rig = await aSupabase({ timing: { servicesMs: 10_000 } });
  const body = { name: 'acme', organization_slug: rig.organizationSlug, db_pass: 'x' };
  const ref = String(member((await rig.call('POST', '/v1/projects', body)).body, 'ref'));
  const status = async (path: string) =>
    (await rig.supabase.projects.fetch(new Request(`http://cloud.test/${ref}/${path}`))).status;
  const early = [
    await status('auth/v1/x'),
    await status('auth/v1/x'),
    await status('auth/v1/x'),
    await status('auth/v1/x'),
  ];
  expect(early).toEqual([503, 503, 503, 503]);
  rig.clock.advance(3_000);
  expect([await status('rest/v1/x'), await status('auth/v1/x')]).toEqual([200, 503]);
  rig.clock.advance(3_000);
  expect(await status('auth/v1/x')).toBe(200);
});

describe('the keys at the gateway', () => {
  it('arrive as the ones the instance was born with', async () => {
    const { rig, ref, ask } = await rigWithProject();
    const made = await rig.call('POST', `/v1/projects/${ref}/api-keys?reveal=true`, { type: 'secret', name: 'deploy' });
    const value = String(member(made.body, 'api_key'));
    await ask(`/${ref}/auth/v1/admin/users`, { apikey: value, authorization: `Bearer ${value}` });
    const born = rig.instances.opened[0]?.keys;
    expect(arrivedKey(rig)).toBe(born?.secret);
    expect(rig.instances.requests[0]?.headers.get('authorization')).toBe(`Bearer ${born?.secret}`);
  });

  it("leave a user's own token alone", async () => {
    const { rig, ref, ask } = await rigWithProject();
    const [, , publishable] = await keysOf(rig, ref);
    await ask(`/${ref}/rest/v1/x`, { apikey: publishable?.value ?? '', authorization: 'Bearer user.jwt.x' });
    expect(arrivedKey(rig)).toBe(publishable?.value);
    expect(rig.instances.requests[0]?.headers.get('authorization')).toBe('Bearer user.jwt.x');
  });

  it('are worth nothing once deleted', async () => {
    const { rig, ref, ask } = await rigWithProject();
    const [, , , secret] = await keysOf(rig, ref);
    await rig.call('DELETE', `/v1/projects/${ref}/api-keys/${secret?.id}`);
    await ask(`/${ref}/auth/v1/admin/users`, { apikey: secret?.value ?? '' });
    expect(arrivedKey(rig)).toBe('revoked');
  });

  it('of the legacy kind are worth nothing once switched off, in the query too', async () => {
    const { rig, ref, ask } = await rigWithProject();
    const [anon] = await keysOf(rig, ref);
    await ask(`/${ref}/rest/v1/x`, { apikey: anon?.value ?? '' });
    expect(arrivedKey(rig)).toBe(anon?.value);
    await rig.call('PUT', `/v1/projects/${ref}/api-keys/legacy?enabled=false`);
    await ask(`/${ref}/rest/v1/x?apikey=${anon?.value}`);
    expect(new URL(rig.instances.requests.at(-1)?.url ?? '').searchParams.get('apikey')).toBe('revoked');
  });

  it('of another project pass unchanged, for the instance to refuse', async () => {
    const { rig, ref, ask } = await rigWithProject();
    const other = await keysOf(rig, await rig.readyProject('other'));
    await ask(`/${ref}/rest/v1/x`, { apikey: other[3]?.value ?? '' });
    expect(arrivedKey(rig)).toBe(other[3]?.value);
    expect(other[3]?.value).not.toBe(rig.instances.opened[0]?.keys.secret);
  });
});
