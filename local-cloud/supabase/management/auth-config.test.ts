import { describe, expect, it } from 'vitest';
import { aSupabase, member } from '../../testing.ts';
import { authFields, freshAuthConfig } from './auth-fields.ts';

describe('the auth configuration', () => {
  it("has the vendor document's 234 changeable fields, one newer, and three to read only", () => {
    expect(Object.keys(authFields)).toHaveLength(235);
    expect(Object.keys(freshAuthConfig)).toHaveLength(238);
  });

  it('starts with defaults that each pass as a change', () => {
    const wrong = Object.entries(authFields).filter(([name, type]) => !type.safeParse(freshAuthConfig[name]).success);
    expect(wrong.map(([name]) => name)).toEqual([]);
    expect(freshAuthConfig).toMatchObject({
      site_url: 'http://localhost:3000',
      disable_signup: false,
      smtp_host: null,
    });
  });

  it('changes only what was sent, and the instance sees it at once', async () => {
    const rig = await aSupabase();
    const ref = await rig.readyProject();
    const path = `/v1/projects/${ref}/config/auth`;
    await rig.call('POST', `/v1/projects/${ref}/database/query`, { query: 'select 1' });
    const before = (await rig.call('GET', path)).body;
    const change = { site_url: 'https://acme.example', disable_signup: true, password_min_length: 12 };
    const changed = await rig.call('PATCH', path, change);
    expect(changed.status).toBe(200);
    expect((await rig.call('GET', path)).body).toEqual({ ...Object(before), ...change });
    expect(rig.instances.opened[0]?.auth()).toMatchObject(change);
  });

  it('takes null as the default for whoever reads it', async () => {
    const rig = await aSupabase();
    const ref = await rig.readyProject();
    await rig.call('POST', `/v1/projects/${ref}/database/query`, { query: 'select 1' });
    await rig.call('PATCH', `/v1/projects/${ref}/config/auth`, { password_min_length: null, site_url: null });
    expect(rig.instances.opened[0]?.auth()).toMatchObject({
      password_min_length: 6,
      site_url: 'http://localhost:3000',
    });
  });

  it.each([
    ['an unknown field', { site_uri: 'x' }, 'property site_uri should not exist'],
    ['a field that can only be read', { custom_oauth_max_providers: 9 }, 'custom_oauth_max_providers'],
    ['a comma in site_url', { site_url: 'https://a.example,https://b.example' }, 'site_url'],
    ['a short minimum', { password_min_length: 5 }, 'password_min_length'],
    ['a token that outlives a week', { jwt_exp: 604_801 }, 'jwt_exp'],
    ['a port that is a number', { smtp_port: 587 }, 'smtp_port'],
    ['null where there is none', { mailer_otp_exp: null }, 'mailer_otp_exp'],
  ])('refuses %s and changes nothing', async (_name, body, complaint) => {
    const rig = await aSupabase();
    const path = `/v1/projects/${await rig.readyProject()}/config/auth`;
    const before = await rig.call('GET', path);
    const refused = await rig.call('PATCH', path, { disable_signup: true, ...body });
    expect(refused).toEqual({ status: 400, body: { message: expect.stringContaining(complaint) } });
    expect(await rig.call('GET', path)).toEqual(before);
  });

  it('never shows a secret again', async () => {
    const rig = await aSupabase();
    const path = `/v1/projects/${await rig.readyProject()}/config/auth`;
    const changed = await rig.call('PATCH', path, { smtp_pass: 'canary-1', external_github_secret: 'canary-2' });
    expect(JSON.stringify(changed.body)).not.toContain('canary');
    const read = await rig.call('GET', path);
    expect(member(read.body, 'smtp_pass')).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(read.body)).not.toContain('canary');
  });

  it('is out of reach while the project is paused', async () => {
    const rig = await aSupabase({ plan: 'free' });
    const ref = await rig.readyProject();
    const path = `/v1/projects/${ref}/config/auth`;
    await rig.call('POST', `/v1/projects/${ref}/pause`);
    expect((await rig.call('GET', path)).status).toBe(540);
    expect((await rig.call('PATCH', path, { disable_signup: true })).status).toBe(540);
  });
});
