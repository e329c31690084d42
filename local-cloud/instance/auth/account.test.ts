import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anInstance, bodyOf, type TestInstance } from '../fixture.ts';

const password = 'first-password';
let instance: TestInstance;
const visitor = () => instance.client(instance.keys.publishable);
const admin = () => instance.client(instance.keys.secret).auth.admin;

async function aUser(email: string, rest: Record<string, unknown> = {}) {
  const { data, error } = await admin().createUser({ email, password, email_confirm: true, ...rest });
  if (error) throw error;
  return data.user;
}

async function signedIn(email: string, secret = password) {
  const client = visitor();
  const { data, error } = await client.auth.signInWithPassword({ email, password: secret });
  if (error) throw error;
  return { client, session: data.session, user: data.user };
}

const withToken = (token: string, method: string, path: string, body?: unknown) =>
  instance.fetch(
    new Request(`http://cloud/auth/v1${path}`, {
      method,
      headers: { apikey: instance.keys.publishable, authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );

beforeAll(async () => {
  instance = await anInstance('account');
});
afterAll(() => instance.remove());

describe('sign in', () => {
  it('gives a signed token of this user, role and session, and notes the time', async () => {
    const made = await aUser('in@acme.example', { app_metadata: { role: 'admin' } });
    expect(made.last_sign_in_at).toBeUndefined();
    const { session, user } = await signedIn('IN@acme.example');
    expect(decodeJwt(session.access_token)).toMatchObject({
      iss: 'http://127.0.0.1:4600/projects/account/auth/v1',
      sub: made.id,
      aud: 'authenticated',
      role: 'authenticated',
      email: 'in@acme.example',
      app_metadata: { role: 'admin' },
      aal: 'aal1',
    });
    expect(session.expires_in).toBe(3600);
    expect(user.last_sign_in_at).toMatch(/Z$/);
    expect((await admin().getUserById(made.id)).data.user?.last_sign_in_at).toBe(user.last_sign_in_at);
  });

  it('is refused while the address opens nothing, to everybody alike; an open session goes on', async () => {
    await aUser('off@acme.example');
    const { session } = await signedIn('off@acme.example');
    instance.configure({ external_email_enabled: false });
    for (const secret of [password, 'not-it']) {
      const { error } = await visitor().auth.signInWithPassword({ email: 'off@acme.example', password: secret });
      expect(error).toMatchObject({ status: 422, code: 'email_provider_disabled' });
    }
    const refreshed = await visitor().auth.refreshSession({ refresh_token: session.refresh_token });
    instance.configure({ external_email_enabled: true });
    expect(refreshed.error).toBeNull();
    expect((await signedIn('off@acme.example')).session.access_token).not.toBe('');
  });

  it.each([
    ['a wrong password', 'in@acme.example', 'not-it'],
    ['an unknown address', 'nobody@acme.example', password],
  ])('refuses %s in the same words', async (_what, email, secret) => {
    const { error } = await visitor().auth.signInWithPassword({ email, password: secret });
    expect(error).toMatchObject({ status: 400, code: 'invalid_credentials', message: 'Invalid login credentials' });
  });

  it('refuses an unconfirmed and a banned user', async () => {
    await aUser('unconfirmed@acme.example', { email_confirm: false });
    const unconfirmed = await visitor().auth.signInWithPassword({ email: 'unconfirmed@acme.example', password });
    expect(unconfirmed.error).toMatchObject({ status: 400, code: 'email_not_confirmed' });
    const banned = await aUser('banned@acme.example', { ban_duration: '1h30m' });
    const refused = await visitor().auth.signInWithPassword({ email: 'banned@acme.example', password });
    expect(refused.error).toMatchObject({ status: 400, code: 'user_banned' });
    await admin().updateUserById(banned.id, { ban_duration: 'none' });
    await signedIn('banned@acme.example');
  });
});

describe('sessions', () => {
  it('are really revoked on sign-out: neither refresh nor access token works any more', async () => {
    await aUser('out@acme.example');
    const { client, session } = await signedIn('out@acme.example');
    expect((await client.auth.signOut()).error).toBeNull();
    const refreshed = await visitor().auth.refreshSession({ refresh_token: session.refresh_token });
    expect(refreshed.error).toMatchObject({ status: 400, code: 'refresh_token_not_found' });
    const response = await withToken(session.access_token, 'GET', '/user');
    expect(response.status).toBe(403);
    expect(await bodyOf(response)).toMatchObject({ error_code: 'session_not_found' });
  });

  it('end one by one, all but one, or all', async () => {
    await aUser('scopes@acme.example');
    const [first, second, third] = [
      await signedIn('scopes@acme.example'),
      await signedIn('scopes@acme.example'),
      await signedIn('scopes@acme.example'),
    ];
    const alive = async () =>
      Promise.all(
        [first, second, third].map(
          async ({ session }) => (await withToken(session.access_token, 'GET', '/user')).status,
        ),
      );
    await first.client.auth.signOut({ scope: 'local' });
    expect(await alive()).toEqual([403, 200, 200]);
    await second.client.auth.signOut({ scope: 'others' });
    expect(await alive()).toEqual([403, 200, 403]);
    expect((await withToken(second.session.access_token, 'POST', '/logout?scope=nonsense')).status).toBe(400);
    await second.client.auth.signOut({ scope: 'global' });
    expect(await alive()).toEqual([403, 403, 403]);
  });

  it('go on by refresh; a token used again is honoured for ten seconds and then ends the session', async () => {
    await aUser('refresh@acme.example');
    const { session } = await signedIn('refresh@acme.example');
    const refresh = (token: string) => visitor().auth.refreshSession({ refresh_token: token });
    const next = await refresh(session.refresh_token);
    expect(next.data.session?.refresh_token).not.toBe(session.refresh_token);
    const again = await refresh(session.refresh_token);
    expect(again.data.session?.refresh_token).toBe(next.data.session?.refresh_token);
    instance.pass(11_000);
    expect((await refresh(session.refresh_token)).error).toMatchObject({ code: 'refresh_token_already_used' });
    expect((await refresh(next.data.session?.refresh_token ?? '')).error).toMatchObject({
      code: 'refresh_token_not_found',
    });
  });

  it('expire with the vendor clock', async () => {
    await aUser('expire@acme.example');
    const { session } = await signedIn('expire@acme.example');
    instance.pass(3_601_000);
    const response = await withToken(session.access_token, 'GET', '/user');
    expect([response.status, (await bodyOf(response)).error_code]).toEqual([403, 'bad_jwt']);
  });
});

describe('the own user', () => {
  it('changes the password: the old one and other sessions stop working, this session goes on', async () => {
    await aUser('change@acme.example');
    const other = await signedIn('change@acme.example');
    const { client, session } = await signedIn('change@acme.example');
    expect((await client.auth.updateUser({ password: 'second-password' })).error).toBeNull();
    const old = await visitor().auth.signInWithPassword({ email: 'change@acme.example', password });
    expect(old.error).toMatchObject({ code: 'invalid_credentials' });
    await signedIn('change@acme.example', 'second-password');
    expect((await withToken(session.access_token, 'GET', '/user')).status).toBe(200);
    expect((await withToken(other.session.access_token, 'GET', '/user')).status).toBe(403);
  });

  it('is held to the password policy and to a new password', async () => {
    await aUser('rules@acme.example');
    const { client } = await signedIn('rules@acme.example');
    const weak = await client.auth.updateUser({ password: 'seven77' });
    expect(weak.error).toMatchObject({ status: 422, code: 'weak_password', reasons: ['length'] });
    const same = await client.auth.updateUser({ password });
    expect(same.error).toMatchObject({ status: 422, code: 'same_password' });
  });

  it('writes user metadata and never app metadata', async () => {
    await aUser('meta@acme.example', { app_metadata: { role: 'employee' } });
    const { client, session } = await signedIn('meta@acme.example');
    expect((await client.auth.updateUser({ data: { name: 'Meta' } })).data.user?.user_metadata).toMatchObject({
      name: 'Meta',
    });
    const response = await withToken(session.access_token, 'PUT', '/user', { app_metadata: { role: 'admin' } });
    expect(response.status).toBe(403);
    expect((await client.auth.getUser()).data.user?.app_metadata).toMatchObject({ role: 'employee' });
  });

  it('moves to a new address only after both addresses agreed', async () => {
    await aUser('old@acme.example');
    const { client, user } = await signedIn('old@acme.example');
    const asked = await client.auth.updateUser({ email: 'new@acme.example' });
    expect(asked.data.user).toMatchObject({ email: 'old@acme.example', new_email: 'new@acme.example' });
    const tokens = await instance.sql(
      `select token_hash from auth.one_time_tokens where user_id = '${user.id}' order by token_type`,
    );
    expect(tokens).toHaveLength(2);
    const verify = (row: Record<string, unknown> | undefined) =>
      visitor().auth.verifyOtp({ type: 'email_change', token_hash: String(row?.token_hash) });
    await verify(tokens[0]);
    expect((await admin().getUserById(user.id)).data.user?.email).toBe('old@acme.example');
    expect((await verify(tokens[1])).data.user?.email).toBe('new@acme.example');
    await signedIn('new@acme.example');
  });

  it('cannot take an address that is taken', async () => {
    await aUser('taken@acme.example');
    await aUser('taker@acme.example');
    const { client } = await signedIn('taker@acme.example');
    expect((await client.auth.updateUser({ email: 'taken@acme.example' })).error).toMatchObject({
      code: 'email_exists',
    });
  });
});

describe('sign up', () => {
  it('is refused while the project is closed', async () => {
    const { error } = await visitor().auth.signUp({ email: 'eve@acme.example', password });
    expect(error).toMatchObject({ status: 422, code: 'signup_disabled' });
    expect(await instance.sql("select id from auth.users where email = 'eve@acme.example'")).toEqual([]);
  });

  it('needs a confirmation where it is open, and none with autoconfirm', async () => {
    instance.configure({ disable_signup: false });
    const waiting = await visitor().auth.signUp({ email: 'waits@acme.example', password });
    expect(waiting.data).toMatchObject({ session: null, user: { email: 'waits@acme.example' } });
    instance.configure({ mailer_autoconfirm: true });
    const direct = await visitor().auth.signUp({
      email: 'direct@acme.example',
      password,
      options: { data: { name: 'D' } },
    });
    expect(direct.data.session?.user.user_metadata).toMatchObject({ name: 'D' });
    const again = await visitor().auth.signUp({ email: 'direct@acme.example', password });
    expect(again.error).toMatchObject({ status: 422, code: 'user_already_exists' });
    instance.configure({ disable_signup: true, mailer_autoconfirm: false });
  });

  it("gives the vendor's words when a trigger refuses", async () => {
    instance.configure({ disable_signup: false });
    await instance.sql(`create function public.refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
      create trigger refuse after insert on auth.users for each row execute function public.refuse()`);
    const { error } = await visitor().auth.signUp({ email: 'unlucky@acme.example', password });
    await instance.sql('drop trigger refuse on auth.users');
    instance.configure({ disable_signup: true });
    expect(error).toMatchObject({ status: 500, message: 'Database error saving new user' });
  });
});

describe('settings and health', () => {
  it('say whether sign-up is open', async () => {
    const get = (path: string) =>
      instance.fetch(new Request(`http://cloud/auth/v1${path}`, { headers: { apikey: instance.keys.publishable } }));
    expect(await bodyOf(await get('/settings'))).toMatchObject({ disable_signup: true, external: { email: true } });
    expect(await bodyOf(await get('/health'))).toMatchObject({ name: 'GoTrue' });
  });
});
