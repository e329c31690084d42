import { afterAll, describe, expect, it } from 'vitest';
import { type AgencyDatabase, migrationFiles, openAgencyDatabase } from './agency-database.ts';

const files = await migrationFiles();
const open: AgencyDatabase[] = [];
const remember = (database: AgencyDatabase): AgencyDatabase => {
  open.push(database);
  return database;
};
afterAll(() => Promise.all(open.map((database) => database.close())));

/** The statements' own text: no comments, no quoted bodies. */
const bare = (sql: string): string =>
  sql
    .replaceAll(/--[^\n]*/g, '')
    .replaceAll(/(\$\w*\$)[\s\S]*?\1/g, "''")
    .replaceAll(/'(?:[^']|'')*'/g, "''");

describe('the files', () => {
  it('are named so that text order is the order of release', () => {
    for (const file of files) expect(file.name).toMatch(/^\d{14}_[a-z_]+\.sql$/);
    const versions = files.map((file) => file.name.slice(0, 14));
    expect(new Set(versions).size).toBe(files.length);
    expect(files.length).toBeGreaterThan(3);
  });

  it.each(files)('$name can run in the transaction that records it', ({ sql }) => {
    const text = bare(sql);
    expect(text).not.toMatch(/\b(begin|commit|rollback|savepoint|start\s+transaction|vacuum|concurrently)\b/i);
    expect(text).not.toMatch(/^\s*\\/m);
    expect(text).not.toMatch(/\b(alter|create)\s+(role|system|database|extension|event\s+trigger)\b/i);
    expect(text).not.toMatch(/\b(create|drop|alter)\s+(or\s+replace\s+)?(table|function|index)\s+(auth|storage)\./i);
    expect(text.trim()).toMatch(/;$/);
  });

  it.each(files)('$name leaves nothing behind when it fails at its end', async ({ name }) => {
    const position = files.findIndex((file) => file.name === name);
    const database = remember(await openAgencyDatabase({ files: files.slice(0, position) }));
    const objects = () =>
      database.owner(`select (select count(*)::int from pg_class) as tables, (select count(*)::int from pg_proc) as functions,
        (select count(*)::int from pg_policy) as policies, (select count(*)::int from pg_trigger) as triggers`);
    const before = await objects();
    await expect(database.owner(`begin; ${files[position]?.sql}; select 1 / 0; commit`)).rejects.toThrow('22012');
    expect(await objects()).toEqual(before);
  });
});

describe('on a project as the platform made them before', () => {
  const older = `
    alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
    alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
    alter default privileges in schema public grant execute on functions to anon, authenticated, service_role;
    create function public.rls_auto_enable() returns int language sql security definer as $$ select 1 $$;
    grant execute on function public.rls_auto_enable() to anon, authenticated;`;

  it('the files apply and close what was open', async () => {
    const database = remember(await openAgencyDatabase({ before: older }));
    const held = await database.owner(`
      select relname as name from pg_class where relnamespace = 'public'::regnamespace
        and relkind = 'r' and has_table_privilege('anon', oid, 'select, insert, update, delete, truncate')
      union all
      select proname from pg_proc where pronamespace in ('public'::regnamespace, 'private'::regnamespace)
        and has_function_privilege('anon', oid, 'execute')`);
    expect(held).toEqual([]);
    expect(await database.attempt('anon', 'select from public.users')).toMatchObject({ ok: false, code: '42501' });
  });

  it('a table that a later file adds is closed there too, until it says otherwise', async () => {
    const database = remember(await openAgencyDatabase({ before: older }));
    await database.owner('create table public.later (id bigint generated always as identity)');
    const held = await database.owner(`select role from unnest(array['anon', 'authenticated']) as role
      where has_table_privilege(role, 'public.later', 'select, insert, update, delete, truncate')
        or has_sequence_privilege(role, 'public.later_id_seq', 'usage, select, update')`);
    expect(held).toEqual([]);
  });

  it('every role of the API holds the same as on a new one', async () => {
    const grants = `select table_name, grantee, string_agg(privilege_type, ' ' order by privilege_type) as privileges
      from information_schema.role_table_grants
      where table_schema = 'public' and grantee in ('anon', 'authenticated', 'service_role')
      group by 1, 2 order by 1, 2`;
    const [old, fresh] = await Promise.all([openAgencyDatabase({ before: older }), openAgencyDatabase()]);
    remember(old);
    remember(fresh);
    expect(await old.owner(grants)).toEqual(await fresh.owner(grants));
  });
});
