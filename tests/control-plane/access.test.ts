import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SupabaseClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../local-cloud/instance/database.ts';
import type { TestInstance } from '../../local-cloud/instance/fixture.ts';
import { ensureTemplate, stampTemplate } from '../../local-cloud/instance/template.ts';
import { temporaryFolder } from '../../local-cloud/testing.ts';
import { onboardingSql, openCompany, REQUEST, requestSql, signedIn } from '../support/company-database.ts';

/** A table that let everybody do everything, and one that somebody left without row-level security. */
const open = `
  create table public.agency_onboarding_requests (id uuid primary key default gen_random_uuid(),
    agency_name text, owner_email text, status text not null default 'new');
  alter table public.agency_onboarding_requests enable row level security;
  create policy "anybody may do anything" on public.agency_onboarding_requests using (true) with check (true);
  create table public.provisioning_jobs (id uuid primary key, status text);
  grant all on public.agency_onboarding_requests, public.provisioning_jobs to anon, authenticated;`;

const JOB = '0b0e2c7e-0000-4000-8000-0000000000aa';
/** What the provisioner fills. */
const machine = {
  slug: 'acme',
  pull_request_url: 'https://evil.example',
  instance_url: 'https://evil.example',
  supabase_project_id: 'abcdefghijklmnopqrst',
  vercel_project_id: 'prj_1',
  error_message: 'Call 0900-1234',
  provisioning_started_at: '2026-11-25T10:00:00Z',
  provisioning_completed_at: '2026-11-25T10:00:00Z',
};

/** The policy that the documentation has for a form. */
const docs = await readFile(new URL('../../docs/control-plane.md', import.meta.url), 'utf8');
const formSql = docs.match(/```sql\n(.*?)```/s)?.[1] ?? '';

const tables = ['agency_onboarding_requests', 'provisioning_jobs'] as const;

describe.each([
  ['a fresh database', 'fresh-access', ''],
  ['a database that was open', 'open-access', open],
])('%s', (_, ref, before) => {
  let company: TestInstance;
  let callers: Record<'anon' | 'user' | 'pretender' | 'admin' | 'server', SupabaseClient>;
  beforeAll(async () => {
    company = await openCompany(ref, before);
    callers = {
      anon: company.client(company.keys.publishable),
      user: await signedIn(company, { provider: 'email' }),
      pretender: await signedIn(company, { role: 'user' }, { role: 'admin', app_metadata: { role: 'admin' } }),
      admin: await signedIn(company, { role: 'admin' }),
      server: company.client(company.keys.secret),
    };
  });
  afterAll(() => company.remove());
  beforeEach(async () => {
    await company.sql(`delete from public.agency_onboarding_requests; delete from public.provisioning_jobs;
      ${requestSql({ status: 'pending' })}
      insert into public.provisioning_jobs (id, request_id, status) values ('${JOB}', '${REQUEST}', 'pending');`);
  });
  const statuses = () => company.sql('select status from public.agency_onboarding_requests');

  it.each(['anon', 'user', 'pretender'] as const)('%s reads nothing', async (who) => {
    for (const table of tables) {
      const { data, error } = await callers[who].from(table).select();
      expect(error === null ? data : error.code, table).toEqual(error === null ? [] : '42501');
    }
  });

  it.each(['admin', 'server'] as const)('%s reads requests with their jobs', async (who) => {
    const { data } = await callers[who]
      .from('agency_onboarding_requests')
      .select('status, jobs:provisioning_jobs(status)')
      .eq('id', REQUEST);
    expect(data).toEqual([{ status: 'pending', jobs: [{ status: 'pending' }] }]);
    expect((await callers[who].from('provisioning_jobs').select('status')).data).toEqual([{ status: 'pending' }]);
  });

  it.each(['anon', 'user', 'pretender', 'admin'] as const)('%s approves, changes and removes nothing', async (who) => {
    const client = callers[who];
    for (const table of tables) {
      const id = table === 'provisioning_jobs' ? JOB : REQUEST;
      await client.from(table).update({ status: 'approved' }).eq('id', id);
      await client.from(table).delete().eq('id', id);
    }
    const asked = { agency_name: 'Evil', owner_email: 'e@evil.example' };
    const approved = await client.from('agency_onboarding_requests').insert({ ...asked, status: 'approved' });
    const linked = await client.from('agency_onboarding_requests').insert({ ...asked, status: 'pending', ...machine });
    const job = await client.from('provisioning_jobs').insert({ id: crypto.randomUUID(), request_id: REQUEST });
    expect([approved, linked, job].map(({ error }) => error?.code)).toEqual(['42501', '42501', '42501']);
    expect(await statuses()).toEqual([{ status: 'pending' }]);
    expect(await company.sql('select status from public.provisioning_jobs')).toEqual([{ status: 'pending' }]);
  });

  it('the server writes everything', async () => {
    const { error } = await callers.server
      .from('agency_onboarding_requests')
      .update({ status: 'approved' })
      .eq('id', REQUEST);
    expect(error).toBeNull();
    const job = await callers.server.from('provisioning_jobs').upsert({ id: JOB, status: 'completed' });
    expect(job.error).toBeNull();
    expect(await statuses()).toEqual([{ status: 'approved' }]);
  });

  it('a form of the company may ask, with a policy of the company', async () => {
    await company.sql(formSql);
    const requests = callers.anon.from('agency_onboarding_requests');
    const asked = { agency_name: 'Elm', owner_email: 'e@elm.example' };
    const plain = await requests.insert({ ...asked, owner_name: 'Ella', region: 'eu-west-1' });
    expect(plain.error).toBeNull();
    const others = { id: crypto.randomUUID(), created_at: '2000-01-01', status: 'pending', ...machine };
    for (const [column, value] of Object.entries(others)) {
      expect((await requests.insert({ ...asked, [column]: value })).error?.code, column).toBe('42501');
    }
    expect(await statuses()).toHaveLength(2);
  });

  it('a form that may set any column may not set the provisioner’s', async () => {
    await company.sql(`drop policy if exists "our form" on public.agency_onboarding_requests;
      grant insert on public.agency_onboarding_requests to anon;
      create policy "our form" on public.agency_onboarding_requests for insert to anon with check (true);`);
    const requests = callers.anon.from('agency_onboarding_requests');
    const asked = { agency_name: 'Elm', owner_email: 'e@elm.example', status: 'pending' };
    for (const [column, value] of Object.entries(machine)) {
      expect((await requests.insert({ ...asked, [column]: value })).error?.code, column).toBe('42501');
    }
    expect((await requests.insert(asked)).error).toBeNull();
    expect(await statuses()).toHaveLength(2);
  });
});

it('who loses a reach is told while the file runs', async () => {
  const dir = join(await temporaryFolder(), 'postgres');
  await stampTemplate(await ensureTemplate(), dir);
  const database = await openDatabase(dir);
  const guest = database.enter();
  const { postgres, release } = await guest.turn();
  const said: string[] = [];
  await postgres.exec(open);
  await postgres.exec(await onboardingSql(), {
    onNotice: ({ severity, message }) => {
      if (severity === 'WARNING') said.push(String(message));
    },
  });
  release();
  await guest.leave();
  await database.close();
  expect(said).toEqual([
    'row-level security was off for public.provisioning_jobs and is on now: from the browser nothing but what a policy allows',
    expect.stringMatching(/^the policy "anybody may do anything" of public.agency_onboarding_requests stays, but /),
  ]);
});
