import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anInstance, bodyOf, type TestInstance } from './fixture.ts';

let ours: TestInstance;
let theirs: TestInstance;

beforeAll(async () => {
  [ours, theirs] = await Promise.all([anInstance('ours'), anInstance('theirs')]);
  for (const instance of [ours, theirs]) {
    await instance.sql(`create table public.notes (id int primary key);
      alter table public.notes enable row level security;
      create policy all_signed_in on public.notes to authenticated using (true);
      grant select on public.notes to authenticated, service_role;
      insert into public.notes values (1)`);
    await instance.client(instance.keys.secret).auth.admin.createUser({
      email: 'owner@acme.example',
      password: `password-of-${instance.options.ref}`,
      email_confirm: true,
    });
  }
});
afterAll(() => Promise.all([ours.remove(), theirs.remove()]));

const notes = (headers: Record<string, string>, method = 'GET') =>
  ours.fetch(new Request('http://cloud/rest/v1/notes', { method, headers }));
const tokenOf = async (instance: TestInstance) => {
  const credentials = { email: 'owner@acme.example', password: `password-of-${instance.options.ref}` };
  const { data } = await instance.client(instance.keys.publishable).auth.signInWithPassword(credentials);
  return data.session?.access_token ?? '';
};

describe('keys', () => {
  it('are required', async () => {
    const response = await notes({});
    expect(response.status).toBe(401);
    expect(await bodyOf(response)).toMatchObject({ message: 'No API key found in request' });
  });

  it.each(['publishable', 'secret', 'anonJwt', 'serviceRoleJwt'] as const)(
    'of another instance (%s) are refused',
    async (name) => {
      const response = await notes({ apikey: theirs.keys[name] });
      expect(response.status).toBe(401);
      expect(await bodyOf(response)).toMatchObject({ message: 'Invalid API key' });
    },
  );

  it('decide the role: secret reads, publishable does not', async () => {
    expect((await notes({ apikey: ours.keys.secret })).status).toBe(200);
    expect((await notes({ apikey: ours.keys.publishable })).status).toBe(401);
  });

  it('may be repeated as bearer', async () => {
    expect((await notes({ apikey: ours.keys.secret, authorization: `Bearer ${ours.keys.secret}` })).status).toBe(200);
  });

  it('that are secret are refused from a browser', async () => {
    const agent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36';
    expect((await notes({ apikey: ours.keys.secret, 'user-agent': agent })).status).toBe(401);
  });
});

describe('tokens', () => {
  it('of a user of this instance are let in', async () => {
    const response = await notes({ apikey: ours.keys.publishable, authorization: `Bearer ${await tokenOf(ours)}` });
    expect(await response.json()).toEqual([{ id: 1 }]);
  });

  it('of another instance are refused by data and auth', async () => {
    const headers = { apikey: ours.keys.publishable, authorization: `Bearer ${await tokenOf(theirs)}` };
    const data = await notes(headers);
    expect([data.status, (await bodyOf(data)).code]).toEqual([401, 'PGRST301']);
    const auth = await ours.fetch(new Request('http://cloud/auth/v1/user', { headers }));
    expect([auth.status, (await bodyOf(auth)).error_code]).toEqual([403, 'bad_jwt']);
  });

  it("are not given for another instance's password", async () => {
    const credentials = { email: 'owner@acme.example', password: 'password-of-theirs' };
    const { error } = await ours.client(ours.keys.publishable).auth.signInWithPassword(credentials);
    expect(error).toMatchObject({ code: 'invalid_credentials' });
  });

  it('that expired are refused', async () => {
    const token = await tokenOf(ours);
    ours.pass(3_601_000);
    const response = await notes({ apikey: ours.keys.publishable, authorization: `Bearer ${token}` });
    expect([response.status, (await bodyOf(response)).code]).toEqual([401, 'PGRST303']);
  });
});

describe('browsers', () => {
  it('get their preflight without a key', async () => {
    const response = await notes(
      { origin: 'https://app.example', 'access-control-request-headers': 'apikey,authorization' },
      'OPTIONS',
    );
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-headers')).toBe('apikey,authorization');
  });

  it('may read refusals too', async () => {
    expect((await notes({})).headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('users', () => {
  it('are listed with id and address', async () => {
    expect(await ours.users()).toEqual([{ id: expect.stringMatching(/^[0-9a-f-]{36}$/), email: 'owner@acme.example' }]);
  });
});
