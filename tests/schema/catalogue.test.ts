import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgencyDatabase, openAgencyDatabase } from './agency-database.ts';

let database: AgencyDatabase;
beforeAll(async () => {
  database = await openAgencyDatabase();
});
afterAll(() => database.close());

const names = async (sql: string): Promise<string[]> => (await database.owner(sql)).map((row) => String(row.name));

const ourTables = "relkind = 'r' and relnamespace = 'public'::regnamespace";
const ourSchemas = "('public'::regnamespace, 'private'::regnamespace)";

describe('tables', () => {
  it('are those of a project-management app, none of which names an agency', async () => {
    expect(await names(`select relname as name from pg_class where ${ourTables} order by 1`)).toEqual([
      'activity',
      'clients',
      'comments',
      'files',
      'invoice_line_items',
      'invoices',
      'members',
      'projects',
      'tasks',
      'users',
    ]);
    const tenants = `select attname as name from pg_attribute where attname ~ 'agency|tenant' and attrelid in
      (select oid from pg_class where relnamespace in ${ourSchemas})`;
    expect(await names(tenants)).toEqual([]);
  });

  it('have row-level security on and at least one policy', async () => {
    const open = `select relname as name from pg_class where ${ourTables}
      and (not relrowsecurity or not exists (select from pg_policy where polrelid = pg_class.oid))`;
    expect(await names(open)).toEqual([]);
  });

  it('have policies for signed-in users only, each command by itself', async () => {
    const loose = `select schemaname || '.' || tablename || ' ' || policyname as name from pg_policies
      where roles <> '{authenticated}' or cmd = 'ALL' or permissive <> 'PERMISSIVE'`;
    expect(await names(loose)).toEqual([]);
  });

  it('never let an update leave what its policy covers: each has a WITH CHECK', async () => {
    const unchecked = `select policyname as name from pg_policies
      where cmd in ('UPDATE', 'INSERT') and with_check is null`;
    expect(await names(unchecked)).toEqual([]);
  });

  it('ask helpers and auth.uid() once per statement: every call in a policy stands in a sub-select', async () => {
    const perRow = `select policyname as name from pg_policies,
        lateral regexp_replace(
          coalesce(qual, '') || coalesce(with_check, ''), '\\( *SELECT +(private|auth)\\.\\w+\\(\\)', '', 'g'
        ) as rest
      where rest ~ '(private|auth)\\.\\w+\\('`;
    expect(await names(perRow)).toEqual([]);
  });

  it('have an index that begins with the columns of each foreign key', async () => {
    const unindexed = `select conrelid::regclass || ' ' || conname as name from pg_constraint
      where contype = 'f' and connamespace in ${ourSchemas} and not exists (
        select from pg_index
        where indrelid = conrelid and indpred is null
          and (indkey::int2[])[0:cardinality(conkey) - 1] @> conkey
      )`;
    expect(await names(unindexed)).toEqual([]);
  });

  it('say what happens to a reference when the row it names goes', async () => {
    const silent = `select conname as name from pg_constraint
      where contype = 'f' and connamespace in ${ourSchemas} and confdeltype = 'a'`;
    expect(await names(silent)).toEqual([]);
  });

  it('keep updated_at by a trigger wherever they have it', async () => {
    const stale = `select attrelid::regclass::text as name from pg_attribute
      where attname = 'updated_at' and attrelid in (select oid from pg_class where ${ourTables})
        and not exists (
          select from pg_trigger
          where tgrelid = attrelid and tgfoid = 'private.touch_updated_at'::regproc and tgenabled = 'O'
            and tgtype & 1 = 1 and tgtype & 2 = 2 and tgtype & 16 = 16
        )`;
    expect(await names(stale)).toEqual([]);
    const touched = `select count(*)::text as name from pg_attribute
      where attname = 'updated_at' and attrelid in (select oid from pg_class where ${ourTables})`;
    expect(await names(touched)).toEqual(['8']);
  });

  it('know the zone of every moment and the time of every row', async () => {
    const zoneless = `select table_name || '.' || column_name as name from information_schema.columns
      where table_schema in ('public', 'private')
        and data_type in ('timestamp without time zone', 'time without time zone', 'time with time zone')`;
    expect(await names(zoneless)).toEqual([]);
    const undated = `select relname as name from pg_class where ${ourTables} and not exists (
      select from pg_attribute where attrelid = pg_class.oid and attname = 'created_at' and attnotnull)`;
    expect(await names(undated)).toEqual([]);
  });

  it('count money in integers of the minor unit', async () => {
    const inexact = `select table_name || '.' || column_name as name from information_schema.columns
      where table_schema = 'public' and (column_name like '%cents' and data_type <> 'bigint'
        or data_type in ('money', 'real', 'double precision'))`;
    expect(await names(inexact)).toEqual([]);
  });
});

describe('functions', () => {
  const functions = `from pg_proc where pronamespace in ${ourSchemas}`;

  it('have a fixed, empty search_path', async () => {
    const loose = `select proname as name ${functions}
      and not coalesce('search_path=""' = any (proconfig), false)`;
    expect(await names(loose)).toEqual([]);
    expect(Number((await names(`select count(*)::text as name ${functions}`))[0])).toBeGreaterThan(15);
  });

  it('live in private: public, which the API serves, has none', async () => {
    expect(await names("select proname as name from pg_proc where pronamespace = 'public'::regnamespace")).toEqual([]);
  });

  it('can be executed by signed-in users only where a policy needs it', async () => {
    const executable = `select proname as name ${functions}
      and has_function_privilege('authenticated', oid, 'execute') order by 1`;
    expect(await names(executable)).toEqual([
      'is_admin',
      'is_employee',
      'is_manager',
      'own_client_ids',
      'own_company',
      'own_project_ids',
      'own_team_ids',
      'role',
    ]);
  });

  it('cannot be called by name from outside: the schema is closed', async () => {
    for (const role of ['anon', 'authenticated', 'service_role']) {
      const held = `select has_schema_privilege('${role}', 'private', 'usage, create')::text as name`;
      expect(await names(held), role).toEqual(['false']);
    }
    const closed = await database.attempt('service_role', 'select * from private.invoice_counter');
    expect(closed).toMatchObject({ ok: false, code: '42501' });
  });
});

describe('grants', () => {
  it('are explicit for the server on every table', async () => {
    const missing = `select relname || ' ' || privilege as name
      from pg_class, unnest(array['select', 'insert', 'update', 'delete']) as privilege
      where ${ourTables} and not has_table_privilege('service_role', pg_class.oid, privilege)`;
    expect(await names(missing)).toEqual(['activity update']);
  });

  it('give signed-in users nothing beyond rows: no truncate, references or triggers', async () => {
    const excess = `select relname as name from pg_class where ${ourTables}
      and has_table_privilege('authenticated', oid, 'truncate, references, trigger')`;
    expect(await names(excess)).toEqual([]);
  });

  it('name every table that signed-in users write, and how', async () => {
    const written = `select relname || ': ' || string_agg(privilege, ' ' order by privilege) as name
      from pg_class, unnest(array['insert', 'update', 'delete']) as privilege
      where ${ourTables} and has_table_privilege('authenticated', pg_class.oid, privilege)
      group by relname order by relname`;
    expect(await names(written)).toEqual([
      'clients: delete insert update',
      'comments: delete insert update',
      'files: delete insert update',
      'invoice_line_items: delete insert update',
      'invoices: delete insert update',
      'members: delete insert',
      'projects: delete insert update',
      'tasks: delete insert update',
    ]);
    const columns = `select attname as name from pg_attribute
      where attrelid = 'public.users'::regclass and attnum > 0
        and has_column_privilege('authenticated', attrelid, attnum, 'update') order by 1`;
    expect(await names(columns)).toEqual(['client_id', 'deactivated_at', 'full_name', 'job_title', 'phone', 'role']);
  });

  it('are nothing for tables that later files add without saying so', async () => {
    await database.owner(
      'create table public.later (id int); create function public.later() returns int language sql as $$ select 1 $$',
    );
    const held = await names(`select role as name from unnest(array['anon', 'authenticated', 'service_role']) as role
      where has_table_privilege(role, 'public.later', 'select, insert, update, delete')`);
    await database.owner('drop table public.later; drop function public.later()');
    expect(held).toEqual([]);
  });
});
