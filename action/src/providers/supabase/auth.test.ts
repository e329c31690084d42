import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aProject, type SupabaseCloud, supabaseCloud } from '../../../../tests/support/supabase-cloud.ts';
import { type RunOptions, runKind } from '../../../../tests/support/vendor-cloud.ts';
import { BlockedError } from '../../engine/errors.ts';
import { type AuthConfigInputs, authConfig } from './auth.ts';

let cloud: SupabaseCloud;
let ref: string;
beforeAll(async () => {
  cloud = await supabaseCloud();
});
afterAll(() => cloud.close());
let count = 0;
beforeEach(async () => {
  await cloud.calm();
  count += 1;
  ({ ref } = await aProject(cloud, `agency-number-${count}`));
  await cloud.forget();
});

const run = (settings: AuthConfigInputs['settings'], options: RunOptions = {}) =>
  runKind(authConfig(cloud.http, 'supabase.auth'), { ref, settings }, options);
const settings = async () => (await cloud.asAdmin('GET', `/v1/projects/${ref}/config/auth`)) as Record<string, unknown>;
const change = (body: object) => cloud.asAdmin('PATCH', `/v1/projects/${ref}/config/auth`, body);

const closed = { disable_signup: true, external_anonymous_users_enabled: false };

describe('supabase.auth and supabase.site', () => {
  it('closes sign-up, and changes nothing else', async () => {
    const before = await settings();
    await cloud.forget();
    const done = await run(closed);
    expect(done).toMatchObject({ result: 'updated', id: ref, recorded: { id: ref } });
    expect(await cloud.writes()).toEqual([`PATCH /v1/projects/${ref}/config/auth`]);
    expect(await settings()).toEqual({ ...before, disable_signup: true });
  });

  it('sends only what differs', async () => {
    await change({ disable_signup: true, jwt_exp: 1_800 });
    const bodies: string[] = [];
    const listening = {
      ...cloud.http,
      request: async (call: Parameters<typeof cloud.http.request>[0]) => {
        if (call.body !== undefined) bodies.push(JSON.stringify(call.body));
        return cloud.http.request(call);
      },
    } as typeof cloud.http;
    await runKind(authConfig(listening, 'supabase.site'), { ref, settings: { ...closed, jwt_exp: 3_600 } });
    expect(bodies).toEqual(['{"jwt_exp":3600}']);
  });

  it('changes nothing the second time', async () => {
    const { recorded } = await run(closed);
    await cloud.forget();
    expect((await run(closed, { recorded })).result).toBe('unchanged');
    expect(await cloud.writes()).toEqual([]);
  });

  it('mends what somebody else opened', async () => {
    const { recorded } = await run(closed);
    await change({ disable_signup: false });
    expect((await run(closed, { recorded })).result).toBe('updated');
    expect((await settings()).disable_signup).toBe(true);
  });

  it('calls it dangerous to open sign-up, and only that', async () => {
    await change({ disable_signup: true });
    await cloud.forget();
    const open = { disable_signup: false };
    await expect(run(open)).rejects.toBeInstanceOf(BlockedError);
    expect(await cloud.writes()).toEqual([]);
    expect((await run(open, { permits: [`supabase.auth:lower-protection:${ref}`] })).result).toBe('updated');
    expect((await settings()).disable_signup).toBe(false);
  });

  it('takes neither the order of URLs nor null for a difference', async () => {
    const kind = authConfig(cloud.http, 'supabase.site');
    const diff = (wished: AuthConfigInputs['settings'], actual: Record<string, unknown>) =>
      kind.diff({ inputs: { ref, settings: wished } } as never, actual);
    expect(diff({ uri_allow_list: 'https://a,https://b' }, { uri_allow_list: 'https://b, https://a' })).toEqual([]);
    expect(diff({ site_url: '' }, { site_url: null })).toEqual([]);
    expect(diff({ site_url: 'https://a' }, { unknown: 1 })).toEqual([
      { path: 'site_url', before: '', after: 'https://a' },
    ]);
    expect(diff({ uri_allow_list: 'https://a' }, { uri_allow_list: 'https://a,https://b' })).toHaveLength(1);
  });

  it('leaves a paused project alone, which lets nobody in whatever its settings are', async () => {
    const free = await supabaseCloud({ plan: 'free' });
    const paused = await aProject(free);
    await free.asAdmin('POST', `/v1/projects/${paused.ref}/pause`);
    await free.forget();
    const kind = authConfig(free.http, 'supabase.auth');
    const done = await runKind(kind, { ref: paused.ref, settings: { external_email_enabled: false } });
    expect(done).toMatchObject({ result: 'recovered', id: paused.ref });
    expect(await free.writes()).toEqual([]);
    await free.close();
  });

  it.each(['drop-before', 'drop-after-commit'])('survives a lost answer (%s)', async (effect) => {
    await cloud.fault({ service: 'supabase', method: 'PATCH', path: '/config/auth', effect });
    expect((await run(closed)).result).toBe('updated');
    expect((await settings()).disable_signup).toBe(true);
  });
});
