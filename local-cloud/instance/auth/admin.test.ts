import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { anInstance, bodyOf, type TestInstance } from '../fixture.ts';

let instance: TestInstance;
const admin = () => instance.client(instance.keys.secret).auth.admin;
const raw = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  instance.fetch(
    new Request(`http://cloud/auth/v1${path}`, {
      method,
      headers: { apikey: instance.keys.secret, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );

async function created(email: string, rest: Record<string, unknown> = {}) {
  const { data, error } = await admin().createUser({ email, password: 'first-password', email_confirm: true, ...rest });
  if (error) throw error;
  return data.user;
}

const listed = z.object({ aud: z.literal('authenticated'), users: z.array(z.object({ email: z.string() })) });
const emailsOf = async (response: Response) => listed.parse(await response.json()).users.map((user) => user.email);

beforeAll(async () => {
  instance = await anInstance('admin');
});
afterAll(() => instance.remove());

describe('create', () => {
  it('answers with the user, confirmed, the given app metadata merged over the provider', async () => {
    const user = await created('Ann@Acme.Example', { app_metadata: { role: 'admin' }, user_metadata: { name: 'Ann' } });
    expect(user).toMatchObject({
      email: 'ann@acme.example',
      role: 'authenticated',
      aud: 'authenticated',
      app_metadata: { provider: 'email', providers: ['email'], role: 'admin' },
      user_metadata: { name: 'Ann', email_verified: true },
      email_confirmed_at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(user.identities).toMatchObject([{ provider: 'email', identity_data: { email: 'ann@acme.example' } }]);
    expect(JSON.stringify(user)).not.toContain('encrypted_password');
  });

  it('keeps a real bcrypt hash and never the password', async () => {
    const user = await created('hash@acme.example');
    const [row] = await instance.sql(`select encrypted_password from auth.users where id = '${user.id}'`);
    expect(row?.encrypted_password).toMatch(/^\$2[aby]\$04\$.{53}$/);
  });

  it('refuses a second user of one address, whatever the case', async () => {
    await created('twice@acme.example');
    const { error } = await admin().createUser({ email: 'TWICE@acme.example', password: 'x' });
    expect(error).toMatchObject({ status: 422, code: 'email_exists' });
    expect(await instance.sql("select id from auth.users where email = 'twice@acme.example'")).toHaveLength(1);
  });

  it('does not apply the password policy, but refuses what bcrypt would cut', async () => {
    await created('short@acme.example', { password: 'x' });
    const { error } = await admin().createUser({ email: 'long@acme.example', password: 'x'.repeat(73) });
    expect(error).toMatchObject({ status: 400, code: 'validation_failed' });
  });

  it.each(['', 'no-at', 'a@b', 'a b@c.example', 'a@c.example\nBcc: x@y.example'])(
    'refuses the address %j',
    async (email) => {
      const response = await raw('POST', '/admin/users', { email, password: 'long-enough' });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: 400, error_code: 'validation_failed' });
    },
  );

  it('names a body that is no JSON', async () => {
    const request = new Request('http://cloud/auth/v1/admin/users', {
      method: 'POST',
      headers: { apikey: instance.keys.secret },
      body: '{',
    });
    const response = await instance.fetch(request);
    expect([response.status, (await bodyOf(response)).error_code]).toEqual([400, 'bad_json']);
  });
});

describe('triggers on auth.users', () => {
  it('fire within the create: on insert without the app metadata, which arrives by update', async () => {
    await instance.sql(`create table public.seen (op text, meta jsonb);
      create function public.see() returns trigger language plpgsql security definer set search_path = '' as $$
        begin insert into public.seen values (tg_op, new.raw_app_meta_data); return new; end $$;
      create trigger see after insert or update of raw_app_meta_data on auth.users
        for each row execute function public.see()`);
    await created('seen@acme.example', { app_metadata: { role: 'admin' } });
    expect(await instance.sql('select op, meta from public.seen')).toEqual([
      { op: 'INSERT', meta: { provider: 'email', providers: ['email'] } },
      { op: 'UPDATE', meta: { provider: 'email', providers: ['email'], role: 'admin' } },
    ]);
    await instance.sql('drop trigger see on auth.users');
  });

  it("fail the create with the vendor's words and leave no user behind", async () => {
    await instance.sql(`create function public.refuse() returns trigger language plpgsql as $$
        begin raise exception 'a secret of the schema'; end $$;
      create trigger refuse after insert on auth.users for each row execute function public.refuse()`);
    const response = await raw('POST', '/admin/users', { email: 'refused@acme.example', password: 'long-enough' });
    await instance.sql('drop trigger refuse on auth.users');
    expect(response.status).toBe(500);
    expect(response.headers.get('x-sb-error-code')).toBe('unexpected_failure');
    expect(await response.json()).toEqual({
      code: 500,
      error_code: 'unexpected_failure',
      msg: 'Database error creating new user',
    });
    expect(await instance.sql("select id from auth.users where email = 'refused@acme.example'")).toEqual([]);
  });

  it('run as the auth server, so a table of public is closed to them unless they are security definer', async () => {
    await instance.sql(`create table public.closed (id uuid);
      create function public.plain() returns trigger language plpgsql as $$
        begin insert into public.closed values (new.id); return new; end $$;
      create trigger plain after insert on auth.users for each row execute function public.plain()`);
    const { error } = await admin().createUser({ email: 'plain@acme.example', password: 'long-enough' });
    await instance.sql('drop trigger plain on auth.users');
    expect(error).toMatchObject({ status: 500 });
  });
});

describe('list', () => {
  it('pages, filters and counts', async () => {
    for (const name of ['p1', 'p2', 'p3']) await created(`${name}@paged.example`);
    const first = await raw('GET', '/admin/users?filter=paged.example&per_page=2');
    expect(first.headers.get('x-total-count')).toBe('3');
    const query = 'filter=paged.example&per_page=2&page=2';
    expect(first.headers.get('link')).toBe(
      `</auth/v1/admin/users?${query}>; rel="next", </auth/v1/admin/users?${query}>; rel="last"`,
    );
    const second = await raw('GET', `/admin/users?${query}`);
    expect(second.headers.get('link')).toBe(`</auth/v1/admin/users?${query}>; rel="last"`);
    const pages = [await emailsOf(first), await emailsOf(second)];
    expect(pages.map((page) => page.length)).toEqual([2, 1]);
    expect(new Set(pages.flat())).toEqual(new Set(['p1@paged.example', 'p2@paged.example', 'p3@paged.example']));
  });

  it('works through supabase-js', async () => {
    const { data } = await admin().listUsers({ page: 1, perPage: 1 });
    expect(data.users).toHaveLength(1);
    expect(data).toMatchObject({ nextPage: 2 });
  });
});

describe('get, update, delete', () => {
  it('finds by id and says so when there is none', async () => {
    const user = await created('found@acme.example');
    expect((await admin().getUserById(user.id)).data.user?.email).toBe('found@acme.example');
    const { error } = await admin().getUserById('00000000-0000-4000-8000-000000000000');
    expect(error).toMatchObject({ status: 404, code: 'user_not_found' });
  });

  it('merges metadata, drops keys set to null, and leaves the rest alone', async () => {
    const user = await created('merge@acme.example', { app_metadata: { role: 'admin', mark: 'x' } });
    const { data } = await admin().updateUserById(user.id, { app_metadata: { mark: null, extra: 1 } });
    expect(data.user?.app_metadata).toEqual({ provider: 'email', providers: ['email'], role: 'admin', extra: 1 });
    expect(data.user?.email).toBe('merge@acme.example');
  });

  it('applies the password policy, unlike create', async () => {
    const user = await created('policy@acme.example');
    const { error } = await admin().updateUserById(user.id, { password: 'short' });
    expect(error).toMatchObject({ status: 422, code: 'weak_password' });
  });

  it('moves the address together with its identity', async () => {
    const user = await created('before@acme.example');
    const { data } = await admin().updateUserById(user.id, { email: 'after@acme.example' });
    expect(data.user?.email).toBe('after@acme.example');
    expect(data.user?.identities?.[0]?.identity_data?.email).toBe('after@acme.example');
  });

  it('deletes once; the second time there is nobody', async () => {
    const user = await created('gone@acme.example');
    expect((await admin().deleteUser(user.id)).error).toBeNull();
    expect((await admin().deleteUser(user.id)).error).toMatchObject({ status: 404 });
    expect(await instance.sql(`select id from auth.identities where user_id = '${user.id}'`)).toEqual([]);
  });
});

describe('who may', () => {
  it('refuses the publishable key', async () => {
    const { error } = await instance.client(instance.keys.publishable).auth.admin.listUsers();
    expect(error).toMatchObject({ status: 403, code: 'not_admin' });
  });

  it('takes the legacy service_role key only as a bearer', async () => {
    const legacy = instance.keys.serviceRoleJwt;
    expect((await raw('GET', '/admin/users', undefined, { apikey: legacy })).status).toBe(403);
    const both = { apikey: legacy, authorization: `Bearer ${legacy}` };
    expect((await raw('GET', '/admin/users', undefined, both)).status).toBe(200);
  });

  it('answers errors in the shape of the asked API version', async () => {
    const headers = { 'x-supabase-api-version': '2024-01-01' };
    const dated = await raw('GET', '/admin/users/not-a-uuid', undefined, headers);
    expect(await dated.json()).toEqual({ code: 'validation_failed', message: 'user_id must be an UUID' });
    const old = await raw('GET', '/admin/users/not-a-uuid');
    expect(await old.json()).toEqual({ code: 400, error_code: 'validation_failed', msg: 'user_id must be an UUID' });
  });

  it('says 501 where the vendor has more than we do', async () => {
    expect((await raw('GET', '/factors')).status).toBe(501);
  });
});

describe('what the database refuses unexpectedly', () => {
  it('is a plain 500 that says nothing of the database', async () => {
    const user = await created('locked@acme.example');
    await instance.sql(`create function public.stop_sessions() returns trigger language plpgsql as $$
        begin raise exception 'inner workings'; end $$;
      create trigger stop_sessions before update on auth.users for each row execute function public.stop_sessions()`);
    const signIn = await raw('POST', '/token?grant_type=password', { email: user.email, password: 'first-password' });
    const update = await raw('PUT', `/admin/users/${user.id}`, { user_metadata: { a: 1 } });
    await instance.sql('drop trigger stop_sessions on auth.users');
    expect([signIn.status, await bodyOf(signIn)]).toMatchObject([500, { msg: 'Database error granting user' }]);
    expect([update.status, await bodyOf(update)]).toMatchObject([500, { msg: 'Error updating user' }]);
  });
});
