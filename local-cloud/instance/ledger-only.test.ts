import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Instance, InstanceOptions } from './instance.ts';
import { signJwt } from './jwt.ts';
import { ledgerOnlyInstances } from './ledger-only.ts';

const READ = `select l.version, to_jsonb(l) ->> 'digest' as digest from supabase_migrations.schema_migrations l order by l.version`;
const TABLES = `select c.relname as name, '' as granted
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public'`;
const PREPARE = 'create schema if not exists supabase_migrations;\n';
const expecting = (...versions: string[]) =>
  `  if (select 1) is distinct from array[${versions.map((one) => `'${one}'`).join(', ')}]::text[] then\n`;
const entering = (version: string, digest: string) =>
  `insert into supabase_migrations.schema_migrations (version, name, statements, digest) values ('${version}', 'it''s', array['create table a', 'x']::text[], '${digest}');\n`;
const [FIRST, SECOND] = ['20260101000000', '20260101000100'];

let options: InstanceOptions;
let instance: Instance;

beforeEach(async () => {
  const jwtSecret = 'a-secret-that-is-long-enough-for-hs256';
  options = {
    ref: 'aaaaaaaaaaaaaaaaaaaa',
    dir: await mkdtemp(join(tmpdir(), 'ledger-only-')),
    keys: {
      publishable: 'sb_publishable_key',
      secret: 'sb_secret_key',
      jwtSecret,
      anonJwt: await signJwt({ role: 'anon' }, jwtSecret),
      serviceRoleJwt: await signJwt({ role: 'service_role' }, jwtSecret),
    },
    auth: () => ({ site_url: '', uri_allow_list: '', disable_signup: true, password_min_length: 8, jwt_exp: 3600 }),
    clock: { now: () => Date.now(), speed: 1, sleep: async () => undefined },
    url: () => 'http://cloud.test',
  };
  instance = await ledgerOnlyInstances()(options);
});
afterEach(() => rm(options.dir, { recursive: true }));

describe('its ledger', () => {
  const read = () => instance.query(READ, { readOnly: true });

  it('is not there before the first migration', async () => {
    expect(await read()).toMatchObject({ ok: false, code: '42P01', message: expect.stringContaining('42P01') });
  });

  it('holds what was entered, oldest first, and goes on from there', async () => {
    await instance.query(PREPARE + expecting() + entering(FIRST, 'sha256:a'));
    await instance.query(PREPARE + expecting(FIRST) + entering(SECOND, 'sha256:b'));
    const rows = [
      { version: FIRST, digest: 'sha256:a' },
      { version: SECOND, digest: 'sha256:b' },
    ];
    expect(await read()).toEqual({ ok: true, rows });
  });

  it('refuses a batch that expects another ledger, and keeps the files before it', async () => {
    const batch = PREPARE + expecting() + entering(FIRST, 'sha256:a') + expecting() + entering(SECOND, 'sha256:b');
    expect(await instance.query(batch)).toMatchObject({ ok: false, code: 'P0PRV' });
    expect(await read()).toEqual({ ok: true, rows: [{ version: FIRST, digest: 'sha256:a' }] });
  });

  it('remembers the tables that migrations create', async () => {
    const body = 'create table public.users (\n  id uuid\n);\ncreate table private.hidden (id int);\n';
    await instance.query(PREPARE + expecting() + body + entering(FIRST, 'sha256:a'));
    expect(await instance.query(TABLES, { readOnly: true })).toEqual({
      ok: true,
      rows: [{ name: 'users', granted: '' }],
    });
  });

  it('admits that it is no Postgres', async () => {
    expect(await instance.query('select 1')).toMatchObject({ ok: false, code: '0A000' });
    expect(await instance.query(PREPARE, { readOnly: true })).toMatchObject({ ok: false, code: '0A000' });
    await expect(instance.postgresUrl()).rejects.toThrow('ledger only');
  });
});

describe('its accounts', () => {
  const client = (key: string): SupabaseClient =>
    createClient('http://cloud.test', key, {
      auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
      global: { fetch: (input, init) => instance.fetch(new Request(input, init)) },
      realtime: { transport: class {} as never },
    });
  const admin = () => client(options.keys.secret).auth.admin;
  const owner = { email: 'Owner@acme.example', password: 'first-password', email_confirm: true };
  const anOwner = async () => {
    const { data } = await admin().createUser({ ...owner, app_metadata: { provisioner: { uid: 'u1' } } });
    return data.user?.id ?? '';
  };

  it('are made once for an address, listed, read and changed by whoever has the secret key', async () => {
    const id = await anOwner();
    expect((await admin().createUser(owner)).error).toMatchObject({ code: 'email_exists', status: 422 });
    expect((await admin().listUsers()).data.users.map((user) => user.id)).toEqual([id]);
    await admin().updateUserById(id, { app_metadata: { provisioner: { uid: 'u2' } } });
    const { data } = await admin().getUserById(id);
    expect(data.user).toMatchObject({ email: 'owner@acme.example', app_metadata: { provisioner: { uid: 'u2' } } });
    expect(await instance.users()).toEqual([{ id, email: 'owner@acme.example' }]);
  });

  it('are nobody else’s to administer', async () => {
    const { error } = await client(options.keys.publishable).auth.admin.listUsers();
    expect(error).toMatchObject({ code: 'not_admin', status: 403 });
    const unknown = await client('sb_secret_of_another').auth.admin.listUsers();
    expect(unknown.error?.status).toBe(401);
  });

  it('sign in with their password alone, see their own profile, and sign out once', async () => {
    const id = await anOwner();
    await instance.query(`${PREPARE}${expecting()}create table public.users (\n${entering(FIRST, 'sha256:a')}`);
    const visitor = client(options.keys.publishable);
    const wrong = await visitor.auth.signInWithPassword({ email: owner.email, password: 'wrong' });
    expect(wrong.error).toMatchObject({ code: 'invalid_credentials', status: 400 });
    await visitor.auth.signInWithPassword(owner);
    expect((await visitor.from('users').select('role').eq('id', id)).data).toEqual([{ role: 'admin' }]);
    expect((await visitor.from('users').select('role').eq('id', 'another')).data).toEqual([]);
    expect((await visitor.auth.signOut({ scope: 'local' })).error).toBeNull();
    expect((await admin().getUserById(id)).data.user?.last_sign_in_at).toBeDefined();
  });

  it('keep strangers from tables, and say which there are not', async () => {
    await instance.query(`${PREPARE}${expecting()}create table public.users (\n${entering(FIRST, 'sha256:a')}`);
    const stranger = client(options.keys.publishable);
    expect((await stranger.from('users').select('*')).status).toBe(401);
    expect((await stranger.from('nothing').select('*')).status).toBe(404);
  });

  it('live as long as their opener, however often the instance is closed', async () => {
    const open = ledgerOnlyInstances();
    instance = await open(options);
    const id = await anOwner();
    await instance.close();
    instance = await open(options);
    expect(await instance.users()).toMatchObject([{ id }]);
  });

  it('answer 501 for what is not understood', async () => {
    const headers = { apikey: options.keys.secret };
    const request = new Request('http://cloud.test/auth/v1/signup', { method: 'POST', headers });
    expect((await instance.fetch(request)).status).toBe(501);
  });
});
