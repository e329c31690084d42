import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase, type QueryResult } from './database.ts';
import { ensureTemplate, stampTemplate } from './template.ts';

let dir: string;
let database: Database;
const query = (sql: string, parameters?: unknown[]) => database.query(sql, parameters ? { parameters } : {});
const rows = async (sql: string, parameters?: unknown[]) => rowsOf(await query(sql, parameters));

function rowsOf(result: QueryResult) {
  if (!result.ok) throw new Error(result.message);
  return result.rows;
}

async function refusal(sql: string): Promise<string> {
  const result = await query(sql);
  if (result.ok) throw new Error(`${sql} was allowed`);
  return result.code;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'database-'));
  await stampTemplate(await ensureTemplate(), join(dir, 'postgres'));
  database = await openDatabase(join(dir, 'postgres'));
});

afterAll(async () => {
  await database.close();
  await rm(dir, { recursive: true, force: true });
});

describe('query', () => {
  it('returns the rows of the last statement', async () => {
    expect(await rows('select 1 as first; select 2 as second, 3 as third')).toEqual([{ second: 2, third: 3 }]);
  });

  it('runs as postgres, who is no superuser', async () => {
    const sql = "select current_user::text, session_user::text, current_setting('is_superuser') as super";
    expect(await rows(sql)).toEqual([{ current_user: 'postgres', session_user: 'postgres', super: 'off' }]);
  });

  it('takes parameters', async () => {
    expect(await rows('select $1::text as name, $2::int + 1 as next', ['Ann', 4])).toEqual([{ name: 'Ann', next: 5 }]);
  });

  it('prints an error as the vendor does, with the line it stands in', async () => {
    expect(await query('select 1;\nselect * from nowhere')).toEqual({
      ok: false,
      code: '42P01',
      message:
        'ERROR:  42P01: relation "nowhere" does not exist\nLINE 2: select * from nowhere\n                      ^\n',
    });
  });

  it('prints detail and hint', async () => {
    await rows('create table public.once (id int primary key); insert into public.once values (1)');
    const result = await query('insert into public.once values (1)');
    expect(result).toMatchObject({
      message:
        'ERROR:  23505: duplicate key value violates unique constraint "once_pkey"\nDETAIL:  Key (id)=(1) already exists.\n',
    });
  });

  it('gives int8 beyond 2^53 as text and times as PostgreSQL writes them', async () => {
    const sql = `select 9007199254740993::int8 as big, 12::int8 as small, 1.50::numeric as price,
      '2026-11-22 10:00:00+00'::timestamptz as at, '2026-11-22'::date as day, '{"a":[1]}'::jsonb as doc`;
    expect(await rows(sql)).toEqual([
      {
        big: '9007199254740993',
        small: 12,
        price: '1.50',
        at: '2026-11-22 10:00:00+00',
        day: '2026-11-22',
        doc: { a: [1] },
      },
    ]);
  });
});

describe('what a caller leaves behind', () => {
  it('is rolled back when a statement in the middle fails', async () => {
    expect(await refusal('begin; create table public.half (id int); select 1 / 0; commit')).toBe('22012');
    expect(await rows("select to_regclass('public.half') as half")).toEqual([{ half: null }]);
  });

  it('is kept when an explicit transaction commits', async () => {
    await rows('begin; create table public.whole (id int); insert into public.whole values (7); commit');
    expect(await rows('select id from public.whole')).toEqual([{ id: 7 }]);
  });

  it('is rolled back when a transaction is left open', async () => {
    await rows('begin; create table public.open (id int)');
    expect(await rows("select to_regclass('public.open') as open")).toEqual([{ open: null }]);
  });

  it('is no role, setting or temporary table', async () => {
    await rows("set role anon; set search_path = auth; set app.note = 'x'");
    await rows('create temporary table leftover (id int)');
    const sql =
      "select current_user::text as who, current_setting('app.note', true) as note, to_regclass('leftover') as t";
    expect(await rows(sql)).toEqual([{ who: 'postgres', note: expect.toBeOneOf([null, '']), t: null }]);
  });

  it('never mixes with a caller at the same time', async () => {
    const slow = query(
      "begin; set local app.who = 'first'; select pg_sleep(0.05); select current_setting('app.who') as who",
    );
    const fast = query("select current_setting('app.who', true) as who");
    expect(rowsOf(await slow)).toEqual([{ who: 'first' }]);
    expect(rowsOf(await fast)[0]?.who).not.toBe('first');
  });
});

describe('what postgres may not do', () => {
  it.each([
    'create table auth.mine (id int)',
    'create function auth.mine() returns int language sql as $$ select 1 $$',
    'create or replace function auth.uid() returns uuid language sql as $$ select null::uuid $$',
    'alter table auth.users add column mine int',
    'drop table auth.identities',
    'create index mine on auth.users (email)',
    'create table storage.mine (id int)',
    'create table realtime.mine (id int)',
    'alter system set work_mem = 1000',
    "select pg_read_file('/etc/passwd')",
    "copy (select 1) to program 'true'",
    'set role supabase_admin',
    'set session authorization supabase_admin',
    'SET /* quietly */ SESSION\n-- over two lines\nAUTHORIZATION supabase_admin',
    "select set_config('session_authorization', 'supabase_admin', false)",
  ])('%s', async (sql) => {
    expect(await refusal(sql)).toBe('42501');
  });

  it('leaves the closed schemas as they were', async () => {
    await query('alter table auth.users add column mine int');
    expect(
      await rows("select 1 from information_schema.columns where table_schema = 'auth' and column_name = 'mine'"),
    ).toEqual([]);
    expect(await rows("select to_regclass('auth.identities') is not null as there")).toEqual([{ there: true }]);
  });
});

describe('what postgres may do in closed schemas', () => {
  it('puts foreign keys, triggers and policies there, and takes them off again', async () => {
    await rows(`create table public.person (id uuid primary key references auth.users (id));
      create function public.noop() returns trigger language plpgsql as $$ begin return new; end $$;
      create trigger noop after insert on auth.users for each row execute function public.noop();
      create policy mine on storage.objects for select to authenticated using (owner_id = auth.uid()::text)`);
    expect(await rows("select tgname from pg_trigger where tgname = 'noop'")).toEqual([{ tgname: 'noop' }]);
    await rows(`drop trigger if exists noop on auth.users;
      drop policy mine on storage.objects;
      drop function public.noop();
      drop table public.person`);
    expect(await rows("select tgname from pg_trigger where tgname = 'noop'")).toEqual([]);
  });
});

describe('new tables in public', () => {
  it.each(['anon', 'authenticated', 'service_role'])('give %s nothing until it is granted', async (role) => {
    await rows('create table if not exists public.closed (id int)');
    expect(await refusal(`set role ${role}; select * from public.closed`)).toBe('42501');
  });
});

describe('read-only queries', () => {
  it('read every schema and write none', async () => {
    await rows('create table public.readable (id int); insert into public.readable values (1)');
    expect(rowsOf(await database.query('select id from public.readable', { readOnly: true }))).toEqual([{ id: 1 }]);
    const write = 'set transaction read write; insert into public.readable values (2)';
    expect(await database.query(write, { readOnly: true })).toMatchObject({ ok: false, code: '42501' });
    const create = await database.query('create temporary table t (id int)', { readOnly: true });
    expect(create).toMatchObject({ ok: false, code: '25006' });
  });
});

describe('transaction', () => {
  it('rolls back what was written when the work rejects', async () => {
    await rows('create table public.ledger (id int)');
    const work = database.transaction('postgres', async (run) => {
      await run('insert into public.ledger values (1)');
      throw new Error('stopped');
    });
    await expect(work).rejects.toThrow('stopped');
    expect(await rows('select id from public.ledger')).toEqual([]);
  });
});
