import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgencyDatabase, migrationFiles, openAgencyDatabase } from './agency-database.ts';

let database: AgencyDatabase;
beforeAll(async () => {
  database = await openAgencyDatabase();
});
afterAll(() => database.close());

interface Account {
  email?: string | null;
  app?: unknown;
  user?: unknown;
}

async function signUp({ email = `${randomUUID()}@x.example`, app = null, user = null }: Account = {}): Promise<string> {
  const id = randomUUID();
  await database.auth((run) =>
    run('insert into auth.users (id, email, raw_app_meta_data, raw_user_meta_data) values ($1, $2, $3, $4)', [
      id,
      email,
      app,
      user,
    ]),
  );
  return id;
}

const write = (id: string, app: unknown) =>
  database.auth((run) => run('update auth.users set raw_app_meta_data = $2 where id = $1', [id, app]));

async function profile(id: string, from = database) {
  return (await from.owner(`select email, full_name, role from public.users where id = '${id}'`))[0];
}
const roleOf = async (id: string) => (await profile(id))?.role;

const owner = { provisioner: { role: 'owner', uid: '7c1e4b90' } };

describe('a new account', () => {
  it('gets a profile with its address and name, as a client: the least of all roles', async () => {
    const id = await signUp({ email: 'ann@x.example', user: { full_name: 'Ann Example' } });
    expect(await profile(id)).toEqual({ email: 'ann@x.example', full_name: 'Ann Example', role: 'client' });
  });

  it('is admin when app_metadata says that it is the owner', async () => {
    expect(await roleOf(await signUp({ app: { provider: 'email', ...owner } }))).toBe('admin');
  });

  it.each(['admin', 'project_manager', 'employee', 'client'])('is %s when a server invited it so', async (role) => {
    expect(await roleOf(await signUp({ app: { role } }))).toBe(role);
  });

  it.each([
    { role: 'admin' },
    { provisioner: { role: 'owner' } },
    { app_metadata: { provisioner: { role: 'owner' } }, is_admin: true, raw_app_meta_data: { role: 'admin' } },
  ])('is not raised by user_metadata %j', async (user) => {
    expect(await roleOf(await signUp({ app: { provider: 'email' }, user }))).toBe('client');
  });

  it.each([
    { role: 'owner' },
    { role: 'superuser' },
    { role: ['admin'] },
    { role: { admin: true } },
    { provisioner: 'owner' },
    { provisioner: ['owner'] },
    { provisioner: { role: 'admin' } },
    { provisioner: { role: 'OWNER' } },
    { provisioner: { role: ['owner'] } },
    { owner: true },
    ['admin'],
    'admin',
    7,
  ])('is a client for app_metadata that means nothing: %j', async (app) => {
    expect(await roleOf(await signUp({ app: JSON.stringify(app) }))).toBe('client');
  });

  it('without address, name or metadata still gets in: sign-up must never fail here', async () => {
    expect(await profile(await signUp({ email: null }))).toEqual({ email: null, full_name: '', role: 'client' });
    const wordy = await profile(await signUp({ user: { name: 'x'.repeat(5000) } }));
    expect(wordy?.full_name).toBe('x'.repeat(200));
  });

  it('that is not a person but a list of things keeps its place too', async () => {
    expect(await profile(await signUp({ user: JSON.stringify(['a']) }))).toMatchObject({ full_name: '' });
  });
});

describe('an account that changes', () => {
  it('passes a new address on', async () => {
    const id = await signUp({ email: 'old@x.example', app: owner });
    await database.auth((run) => run("update auth.users set email = 'new@x.example' where id = $1", [id]));
    expect(await profile(id)).toMatchObject({ email: 'new@x.example', role: 'admin' });
  });

  it('becomes admin when app_metadata comes to say so', async () => {
    const id = await signUp();
    await write(id, owner);
    expect(await roleOf(id)).toBe('admin');
  });

  it('stops being admin when app_metadata stops saying so', async () => {
    const id = await signUp({ app: owner });
    await write(id, { provider: 'email' });
    expect(await roleOf(id)).toBe('client');
  });

  it('falls to the role that is left in app_metadata', async () => {
    const id = await signUp({ app: { role: 'employee', ...owner } });
    await write(id, { role: 'employee' });
    expect(await roleOf(id)).toBe('employee');
  });

  it('keeps what an admin decided when other things are written to app_metadata', async () => {
    const id = await signUp({ app: { role: 'employee' } });
    await database.owner(`update public.users set role = 'project_manager' where id = '${id}'`);
    await write(id, { role: 'employee', provider: 'email', seen: true });
    expect(await roleOf(id)).toBe('project_manager');
  });

  it('stays the owner through the marks that the provisioner writes', async () => {
    const id = await signUp({ app: owner });
    await write(id, { provisioner: { ...owner.provisioner, mail: { generation: 1 } } });
    expect(await roleOf(id)).toBe('admin');
  });

  it('gets back the role of admin that app_metadata grants, should it have been lost', async () => {
    const id = await signUp({ app: owner });
    await database.owner(`update public.users set role = 'client' where id = '${id}'`);
    await write(id, { ...owner, seen: true });
    expect(await roleOf(id)).toBe('admin');
  });

  it('gains nothing from what it writes about itself', async () => {
    const id = await signUp();
    await database.auth((run) =>
      run('update auth.users set raw_user_meta_data = $2 where id = $1', [id, { role: 'admin', ...owner }]),
    );
    expect(await roleOf(id)).toBe('client');
  });

  it('keeps the name that was set in the profile', async () => {
    const id = await signUp({ user: { full_name: 'First' } });
    await database.owner(`update public.users set full_name = 'Second' where id = '${id}'`);
    await write(id, { seen: true });
    expect(await profile(id)).toMatchObject({ full_name: 'Second' });
  });

  it('finds its profile again should it have gone missing', async () => {
    const id = await signUp({ email: 'lost@x.example' });
    await database.owner(`delete from public.users where id = '${id}'`);
    await write(id, { role: 'employee' });
    expect(await profile(id)).toMatchObject({ email: 'lost@x.example', role: 'employee' });
  });

  it('takes its profile with it when it is deleted', async () => {
    const id = await signUp();
    await database.auth((run) => run('delete from auth.users where id = $1', [id]));
    expect(await profile(id)).toBeUndefined();
  });
});

describe('accounts older than the schema', () => {
  it('get their profiles when it arrives', async () => {
    const boss = randomUUID();
    const other = randomUUID();
    const before = `insert into auth.users (id, email, raw_app_meta_data, raw_user_meta_data) values
      ('${boss}', 'boss@x.example', '${JSON.stringify(owner)}', '{"full_name": "Boss"}'),
      ('${other}', 'other@x.example', null, '{"role": "admin"}')`;
    const old = await openAgencyDatabase({ before, files: await migrationFiles() });
    expect(await profile(boss, old)).toEqual({ email: 'boss@x.example', full_name: 'Boss', role: 'admin' });
    expect(await profile(other, old)).toEqual({ email: 'other@x.example', full_name: '', role: 'client' });
    await old.close();
  });
});
