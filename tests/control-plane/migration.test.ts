import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { supabaseControlPlane } from '../../action/src/control-plane/supabase.ts';
import { Secret } from '../../action/src/lib/secret.ts';
import { anInstance, type TestInstance } from '../../local-cloud/instance/fixture.ts';
import { manualClock } from '../support/clock.ts';
import { aCompany, COMPANY_URL, onboardingSql, REQUEST, roadTo } from '../support/company-database.ts';

const columnsSql = `select column_name || ' ' || data_type as it from information_schema.columns
  where table_schema = 'public' and table_name = 'agency_onboarding_requests' order by column_name`;

const columnsOf = async (company: TestInstance) => (await company.sql(columnsSql)).map(({ it }) => it);

const JOB = '0b0e2c7e-0000-8000-8000-0000000000aa';
const jobsTable = (columns: string) =>
  `create table public.provisioning_jobs (id uuid primary key, status text, ${columns})`;
const requestsTable = `create table public.agency_onboarding_requests (id uuid primary key, agency_name text,
  owner_email text, status text)`;
const asked = `insert into public.agency_onboarding_requests (id, agency_name, owner_email, status)
  values ('${REQUEST}', 'Acme', 'a@acme.example', 'approved')`;

/** The way in which the provisioner writes. */
function planeOf(company: TestInstance) {
  const access = { url: COMPANY_URL, secretKey: new Secret(company.keys.secret) };
  return supabaseControlPlane(access, { clock: manualClock(), fetch: roadTo(company).fetch });
}

describe('on an empty database', () => {
  it('makes both tables, and again changes nothing', async () => {
    const company = await aCompany('fresh');
    const shape = `select json_agg(c order by table_name, ordinal_position) as it from information_schema.columns c
      where table_name in ('agency_onboarding_requests', 'provisioning_jobs')`;
    const policies = 'select json_agg(p order by tablename, policyname) as it from pg_policies p';
    await company.sql(
      `insert into public.agency_onboarding_requests (agency_name, owner_email) values ('Acme', 'a@acme.example')`,
    );
    const look = async () => [
      await company.sql(shape),
      await company.sql(policies),
      await company.sql('select * from public.agency_onboarding_requests'),
    ];
    const once = await look();
    await company.sql(await onboardingSql());
    expect(await look()).toEqual(once);
    expect(await columnsOf(company)).toEqual([
      'agency_name text',
      'created_at timestamp with time zone',
      'error_message text',
      'id uuid',
      'instance_url text',
      'owner_email text',
      'owner_name text',
      'provisioning_completed_at timestamp with time zone',
      'provisioning_started_at timestamp with time zone',
      'pull_request_url text',
      'region text',
      'slug text',
      'status text',
      'supabase_project_id text',
      'updated_at timestamp with time zone',
      'vercel_project_id text',
    ]);
  });

  it('knows the five words of a request and the four of a job, and keeps updated_at', async () => {
    const company = await aCompany('words');
    await company.sql(`insert into public.agency_onboarding_requests (id, agency_name, owner_email, updated_at)
      values ('${REQUEST}', 'Acme', 'a@acme.example', '2020-01-01')`);
    for (const word of ['approved', 'provisioning', 'deployed', 'failed', 'pending']) {
      await company.sql(`update public.agency_onboarding_requests set status = '${word}'`);
    }
    const [row] = await company.sql(
      `select updated_at > '2026-01-01' as touched, status from agency_onboarding_requests`,
    );
    expect(row).toEqual({ touched: true, status: 'pending' });
    await expect(company.sql(`update public.agency_onboarding_requests set status = 'done'`)).rejects.toThrow(
      /agency_onboarding_requests_status/,
    );
    const job = `insert into public.provisioning_jobs (id, request_id, status) values (gen_random_uuid(), '${REQUEST}',`;
    for (const word of ['pending', 'in_progress', 'completed', 'failed']) await company.sql(`${job} '${word}')`);
    await expect(company.sql(`${job} 'deployed')`)).rejects.toThrow(/provisioning_jobs_status/);
  });
});

/** What companies may have had before, each with a row that must still be there afterwards. */
const before: Record<string, { readonly sql: string; readonly row: Record<string, unknown>; readonly id: string }> = {
  'numbers as ids, other words, other columns': {
    sql: `create table public.agency_onboarding_requests (
        id bigint generated always as identity primary key, company text not null, budget numeric(10, 2) not null,
        status varchar(20) not null default 'new', notes jsonb default '{}', created_at timestamp not null default now());
      insert into public.agency_onboarding_requests (company, budget, status, created_at)
        values ('Alte "Agentur"', 12.5, 'rejected', '2020-01-01');
      comment on column public.agency_onboarding_requests.status is 'our own words'`,
    row: { company: 'Alte "Agentur"', budget: '12.50', status: 'rejected', created_at: '2020-01-01 00:00:00' },
    id: 'bigint',
  },
  'uuids, a check that allows more, open policies and no row-level security': {
    sql: `create table public.agency_onboarding_requests (
        id uuid primary key default gen_random_uuid(), agency_name text not null, owner_email text not null unique,
        status text constraint theirs check (status in
          ('draft', 'pending', 'approved', 'provisioning', 'deployed', 'failed', 'archived')),
        user_id uuid, updated_at timestamptz, instance_url text unique);
      create policy "anybody may do anything" on public.agency_onboarding_requests using (true) with check (true);
      grant all on public.agency_onboarding_requests to anon, authenticated;
      insert into public.agency_onboarding_requests (agency_name, owner_email, status)
        values ('Birch', 'b@birch.example', 'archived')`,
    row: { agency_name: 'Birch', owner_email: 'b@birch.example', status: 'archived', updated_at: null },
    id: 'uuid',
  },
  'an enum that knows our words, and names as ids': {
    sql: `create type public.stage as enum ('asked', 'pending', 'approved', 'provisioning', 'deployed', 'failed');
      create table public.agency_onboarding_requests (id text primary key, agency_name text, status public.stage,
        error_message varchar(2000));
      insert into public.agency_onboarding_requests values ('req-1', 'Cedar', 'asked')`,
    row: { id: 'req-1', agency_name: 'Cedar', status: 'asked' },
    id: 'text',
  },
  'no status at all, and a name that is made from another column': {
    sql: `create table public.agency_onboarding_requests (id serial primary key, company text not null,
        agency_name text generated always as (upper(company)) stored);
      insert into public.agency_onboarding_requests (company) values ('dawn')`,
    row: { id: 1, company: 'dawn', agency_name: 'DAWN', status: 'pending' },
    id: 'integer',
  },
};

describe('on a database that has the table already', () => {
  let nr = 0;
  it.each(Object.entries(before))('%s: everything that was there stays', async (_, { sql, row, id }) => {
    nr += 1;
    const company = await aCompany(`before-${nr}`, sql);
    await company.sql(await onboardingSql());
    const rows = await company.sql('select * from public.agency_onboarding_requests');
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject(row);
    expect(rows[0]).toMatchObject({ slug: null, pull_request_url: null, supabase_project_id: null });
    const [column] = await company.sql(`select data_type as type from information_schema.columns
      where table_name = 'provisioning_jobs' and column_name = 'request_id'`);
    expect(column).toEqual({ type: id });
    await company.sql(`insert into public.provisioning_jobs (id, request_id, status)
      select gen_random_uuid(), id, 'in_progress' from public.agency_onboarding_requests`);
    await company.sql('delete from public.agency_onboarding_requests');
    expect(await company.sql('select id from public.provisioning_jobs')).toEqual([]);
  });

  it('the words of the company stay possible', async () => {
    const company = await aCompany('own-words', before['numbers as ids, other words, other columns']?.sql);
    await company.sql(`insert into public.agency_onboarding_requests (company, budget) values ('Elm', 1)`);
    await company.sql(`update public.agency_onboarding_requests set status = 'rejected'`);
    expect(await company.sql('select distinct status from public.agency_onboarding_requests')).toEqual([
      { status: 'rejected' },
    ]);
    const remark = `select count(*) as nr from pg_description where description = 'our own words'`;
    expect(await company.sql(remark)).toEqual([{ nr: 1 }]);
  });

  it('jobs of the same shape are taken as they are', async () => {
    const company = await aCompany(
      'jobs',
      `create table public.provisioning_jobs (id text primary key, kind text not null default 'agency', status text,
         number int generated always as identity, code text not null generated always as (upper(id)) stored);
       insert into public.provisioning_jobs (id, kind, status) values ('mine', 'backup', 'running')`,
    );
    const rows = () => company.sql('select id, kind, status, current_step from public.provisioning_jobs order by id');
    expect(await rows()).toEqual([{ id: 'mine', kind: 'backup', status: 'running', current_step: null }]);
    await company.sql(asked);
    await planeOf(company).tellJob({ id: JOB, requestId: REQUEST, state: 'pending' });
    expect(await rows()).toMatchObject([{ id: JOB, kind: 'agency', status: 'pending' }, { id: 'mine' }]);
  });

  it.each([
    ['no foreign key', `${requestsTable}; ${jobsTable('request_id uuid not null')}`],
    [
      'one of its own',
      `${requestsTable}; ${jobsTable('request_id uuid references public.agency_onboarding_requests')}`,
    ],
    [
      'a type that holds every id',
      `${requestsTable.replace('id uuid', 'id int')}; ${jobsTable('request_id bigint')}`,
      '7',
    ],
  ])('jobs that name their request, with %s, are read with it', async (_, sql, id = REQUEST) => {
    nr += 1;
    const company = await aCompany(`jobs-${nr}`, sql);
    await company.sql(await onboardingSql());
    await company.sql(asked.replace(REQUEST, id));
    await planeOf(company).tellJob({ id: JOB, requestId: id, state: 'in_progress', startedAt: '2026-11-25T10:00:00Z' });
    const { data } = await company
      .client(company.keys.secret)
      .from('agency_onboarding_requests')
      .select('agency_name, jobs:provisioning_jobs(status)');
    expect(data).toEqual([{ agency_name: 'Acme', jobs: [{ status: 'in_progress' }] }]);
  });
});

describe('what cannot fit stops it before anything changed', () => {
  const table = (columns: string) => `create table public.agency_onboarding_requests (${columns})`;
  let company: TestInstance;
  beforeAll(async () => {
    company = await anInstance('odd');
  });
  afterAll(() => company.remove());
  beforeEach(() => company.sql('drop schema public cascade; create schema public'));

  it.each([
    ['a view', `create view public.agency_onboarding_requests as select 1 as id`, /is not a table/],
    ['no id', table('name text'), /has no column id that is unique/],
    ['an id that is not unique', table('id uuid'), /has no column id that is unique/],
    [
      'a check that lacks a word',
      table(`id int primary key, status text constraint theirs check (status in ('pending', 'approved', 'rejected'))`),
      /status provisioning: .*"theirs"/,
    ],
    ['a status of numbers', table('id int primary key, status int'), /status approved: invalid input syntax/],
    ['a status of yes and no', table('id int primary key, status boolean'), /status approved: invalid input syntax/],
    [
      'an enum that lacks a word',
      `create type public.stage as enum ('pending', 'approved'); ${table('id int primary key, status public.stage')}`,
      /invalid input value for enum/,
    ],
    ['a short column', table('id int primary key, error_message varchar(80)'), /status failed: value too long/],
    ['ids of another form', table('id int primary key, supabase_project_id uuid'), /status deployed: invalid input/],
    ['a field that is never empty', table('id int primary key, instance_url text not null'), /"instance_url"/],
    ['jobs without ids', 'create table public.provisioning_jobs (name text)', /provisioning_jobs is there already/],
    [
      'jobs of another kind',
      'create table public.provisioning_jobs (id bigint primary key)',
      /provisioning_jobs refuses/,
    ],
    [
      'a check of jobs that lacks a word',
      `${jobsTable(`check (status in ('in_progress', 'completed', 'failed'))`)}`,
      /provisioning_jobs refuses what the provisioner writes with status pending/,
    ],
    [
      'an enum of jobs that lacks a word',
      `create type public.work as enum ('in_progress', 'completed', 'failed');
       create table public.provisioning_jobs (id uuid primary key, status public.work)`,
      /status pending: invalid input value for enum/,
    ],
    ['a column of jobs that nobody fills', jobsTable('kind text not null'), /provisioning_jobs refuses .*"kind"/],
    [
      'jobs that name requests by another type',
      jobsTable('request_id bigint'),
      /request_id is bigint, and public.agency_onboarding_requests.id is uuid/,
    ],
    [
      'jobs that name something else',
      `create table public.orders (id uuid primary key); ${jobsTable('request_id uuid references public.orders')}`,
      /request_id refers to (public\.)?orders and not/,
    ],
    [
      'jobs that name requests which are no more',
      `${jobsTable('request_id uuid')}; insert into public.provisioning_jobs (id, request_id) values ('${JOB}', '${JOB}')`,
      /request_id cannot refer to public.agency_onboarding_requests.id: .*violates foreign key/,
    ],
  ])('%s', async (_, sql, message) => {
    await company.sql(sql);
    const shape = `select json_agg(c order by table_name, ordinal_position)::text as it from information_schema.columns c
      where table_schema = 'public'`;
    const untouched = await company.sql(shape);
    await expect(company.sql(await onboardingSql())).rejects.toThrow(message);
    expect(await company.sql(shape)).toEqual(untouched);
  });
});
