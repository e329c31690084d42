import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestInstance } from '../../../local-cloud/instance/fixture.ts';
import { leaks } from '../../../tests/support/canaries.ts';
import { manualClock } from '../../../tests/support/clock.ts';
import {
  aCompany,
  COMPANY_URL,
  loseFirst,
  openCompany,
  REQUEST,
  type Road,
  requestSql,
  roadTo,
} from '../../../tests/support/company-database.ts';
import { BlockedError, ProviderError, type ProvisionerError } from '../engine/errors.ts';
import { Secret } from '../lib/secret.ts';
import type { ControlPlane, UnusableRequest } from './control-plane.ts';
import { supabaseControlPlane } from './supabase.ts';

const JOB = { id: '0b0e2c7e-0000-8000-8000-0000000000aa', requestId: REQUEST } as const;

let company: TestInstance;
let road: Road;
let plane: ControlPlane;

function planeOf(one: TestInstance, key = one.keys.secret, fetch = roadTo(one).fetch): ControlPlane {
  return supabaseControlPlane({ url: COMPANY_URL, secretKey: new Secret(key) }, { clock: manualClock(), fetch });
}

beforeAll(async () => {
  company = await openCompany('company');
});
afterAll(() => company.remove());
beforeEach(async () => {
  await company.sql('delete from public.agency_onboarding_requests; delete from public.provisioning_jobs');
  road = roadTo(company);
  plane = planeOf(company, company.keys.secret, road.fetch);
});

const add = (row: Readonly<Record<string, string>>) => company.sql(requestSql(row));
const requestRow = async () => (await company.sql('select * from public.agency_onboarding_requests'))[0];
const jobRows = () => company.sql('select * from public.provisioning_jobs order by id');

async function errorOf(asked: Promise<unknown>): Promise<ProvisionerError> {
  const thrown = await asked.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof ProviderError || thrown instanceof BlockedError) return thrown;
  throw new Error(`not an error of ours: ${inspect(thrown)}`);
}

describe('requests', () => {
  const idOf = (nr: number) => `0b0e2c7e-0000-4000-8000-${String(nr).padStart(12, '0')}`;

  it('come oldest first, in the wanted states only, with what they say', async () => {
    await add({ id: idOf(1), agency_name: 'Late', status: 'approved', created_at: '2026-02-02T00:00:00+02' });
    await add({ id: idOf(2), agency_name: 'Early', status: 'failed', created_at: '2026-02-01T23:00:00+02' });
    await add({ id: idOf(3), status: 'pending' });
    await add({
      id: idOf(4),
      status: 'deployed',
      owner_name: 'Ada',
      region: 'eu-west-1',
      slug: 'acme',
      pull_request_url: 'u',
    });
    const names = (await plane.requests(['approved', 'failed'])).map(({ agencyName }) => agencyName);
    expect(names).toEqual(['Early', 'Late']);
    expect(await plane.requests(['deployed'])).toEqual([
      {
        id: idOf(4),
        agencyName: 'Acme Studio',
        ownerEmail: 'owner@acme.example',
        ownerName: 'Ada',
        region: 'eu-west-1',
        slug: 'acme',
        pullRequestUrl: 'u',
        state: 'deployed',
      },
    ]);
    expect((await plane.request(idOf(3)))?.ownerName).toBe('Acme Studio');
  });

  it('are read to the end, although rows leave the wanted state meanwhile', async () => {
    await company.sql(`insert into public.agency_onboarding_requests (id, agency_name, owner_email, status)
      select ('0b0e2c7e-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Agency ' || n, 'a@a.example', 'approved'
      from generate_series(1, 1203) n`);
    road.before = async (call) => {
      if (call.includes('id=gt.')) {
        await company.sql(`update public.agency_onboarding_requests set status = 'provisioning'
          where id in (select id from public.agency_onboarding_requests where status = 'approved' order by id limit 50)`);
      }
      return undefined;
    };
    const found = await plane.requests(['approved']);
    expect(new Set(found.map(({ id }) => id)).size).toBe(1203);
    expect(road.sent).toHaveLength(4);
  });

  it('of no use are left out and told, one by one, and stop nobody', async () => {
    await add({ id: idOf(1), agency_name: '  ', status: 'approved' });
    await add({ id: idOf(2), owner_email: '', status: 'approved' });
    await add({ id: idOf(3), status: 'approved' });
    const told: UnusableRequest[] = [];
    const found = await plane.requests(['approved'], (row) => told.push(row));
    expect(found.map(({ id }) => id)).toEqual([idOf(3)]);
    expect(told).toEqual([
      {
        id: idOf(1),
        message: `the onboarding request ${idOf(1)} has no agency_name`,
        remedy: 'Fill agency_name in its row of agency_onboarding_requests.',
      },
      expect.objectContaining({ id: idOf(2), message: `the onboarding request ${idOf(2)} has no owner_email` }),
    ]);
    expect(await errorOf(plane.request(idOf(1)))).toBeInstanceOf(BlockedError);
  });

  it.each(['0b0e2c7e-0000-4000-8000-00000000ffff', 'no uuid at all', '', "x' or true --", '9'.repeat(64)])(
    'of the id %j are none of ours',
    async (id) => {
      await add({ status: 'approved' });
      expect(await plane.request(id)).toBeUndefined();
      await plane.tell(id, { state: 'deployed' });
      await plane.tellJob({ ...JOB, requestId: id, state: 'in_progress' });
      expect(await requestRow()).toMatchObject({ status: 'approved' });
      expect(await jobRows()).toEqual([]);
    },
  );
});

describe('what is told of a request', () => {
  it('is set; the rest stays, and null empties', async () => {
    await add({ status: 'approved', region: 'eu-west-1', error_message: 'old' });
    await plane.tell(REQUEST, { state: 'provisioning', slug: 'acme', startedAt: '2026-11-25T10:00:00Z' });
    await plane.tell(REQUEST, { errorMessage: null, instanceUrl: 'https://acme.example' });
    await plane.tell(REQUEST, {});
    expect(await requestRow()).toMatchObject({
      status: 'provisioning',
      slug: 'acme',
      region: 'eu-west-1',
      error_message: null,
      instance_url: 'https://acme.example',
      provisioning_started_at: '2026-11-25 10:00:00+00',
      agency_name: 'Acme Studio',
    });
    expect(road.sent).toHaveLength(2);
  });

  it.each([
    `'; drop table public.provisioning_jobs; --`,
    `<script>alert(1)</script> ![x](https://evil.example/x.png) @everyone $\{{ secrets.X }}`,
    '\u202egnp.exe &anchor *anchor "quoted" \\ \u2028 🇦🇶',
  ])('is text, whatever it says: %j', async (hostile) => {
    await add({ agency_name: hostile, status: 'approved' });
    expect((await plane.request(REQUEST))?.agencyName).toBe(hostile);
    await plane.tell(REQUEST, { errorMessage: hostile, state: 'failed' });
    await plane.tellJob({ ...JOB, state: 'failed', currentStep: hostile });
    expect(await requestRow()).toMatchObject({ error_message: hostile });
    expect(await jobRows()).toMatchObject([{ current_step: hostile }]);
  });

  it('never fails for what PostgreSQL cannot hold, or for its length', async () => {
    await add({ status: 'provisioning' });
    await plane.tell(REQUEST, { errorMessage: `\u0000a\ud83db${'🎈'.repeat(2_000)}` });
    const { error_message: stored } = (await requestRow()) ?? {};
    expect(String(stored)).toMatch(/^a\ufffdb(🎈){996}…$/u);
  });
});

describe('jobs', () => {
  beforeEach(() => add({ status: 'approved' }));

  it('are one row for each id, told as often as one likes', async () => {
    await plane.tellJob({
      ...JOB,
      state: 'in_progress',
      startedAt: '2026-11-25T10:00:00Z',
      currentStep: 'vercel.project',
    });
    await plane.tellJob({ ...JOB, state: 'completed', currentStep: null, completedAt: '2026-11-25T10:05:00Z' });
    expect(await jobRows()).toMatchObject([
      {
        id: JOB.id,
        request_id: REQUEST,
        status: 'completed',
        current_step: null,
        started_at: '2026-11-25 10:00:00+00',
        completed_at: '2026-11-25 10:05:00+00',
      },
    ]);
  });

  it('of dead runs are ended; the one that goes on and those that ended stay as they are', async () => {
    const other = (nr: number) => ({ id: `0b0e2c7e-0000-8000-8000-0000000000b${nr}`, requestId: REQUEST });
    await plane.tellJob({ ...JOB, state: 'in_progress' });
    await plane.tellJob({ ...other(1), state: 'in_progress' });
    await plane.tellJob({ ...other(2), state: 'completed' });
    await plane.endJobs([other(1).id, other(2).id], {
      state: 'failed',
      errorMessage: 'its run ended without a word',
    });
    expect((await jobRows()).map(({ status, error_message }) => [status, error_message])).toEqual([
      ['in_progress', null],
      ['failed', 'its run ended without a word'],
      ['completed', null],
    ]);
  });
});

describe('open jobs', () => {
  const idOf = (nr: number) => `0b0e2c7e-0000-8000-8000-${String(nr).padStart(12, '0')}`;
  beforeEach(() => add({ status: 'approved' }));

  it('are those that nothing says the end of; rows without a request are the company’s', async () => {
    const states = ['pending', 'in_progress', 'completed', 'failed'] as const;
    for (const [nr, state] of states.entries()) await plane.tellJob({ id: idOf(nr), requestId: REQUEST, state });
    await company.sql(`insert into public.provisioning_jobs (id, status) values ('${idOf(9)}', 'in_progress')`);
    expect(await plane.openJobs()).toEqual([
      { id: idOf(0), requestId: REQUEST, state: 'pending' },
      { id: idOf(1), requestId: REQUEST, state: 'in_progress' },
    ]);
  });

  it('are read and ended to the last', async () => {
    await company.sql(`insert into public.provisioning_jobs (id, request_id, status, current_step, error_message)
      select ('0b0e2c7e-0000-8000-8000-' || lpad(n::text, 12, '0'))::uuid, '${REQUEST}', 'in_progress', 'x', 'y'
      from generate_series(1, 1203) n`);
    const jobs = await plane.openJobs();
    expect(jobs).toHaveLength(1203);
    const [first, second, ...others] = jobs.map(({ id }) => id);
    await company.sql(`update public.provisioning_jobs set status = 'failed' where id = '${second}'`);
    await plane.endJobs(others, { state: 'completed' });
    await plane.endJobs([String(second)], { state: 'completed' });
    expect(await plane.openJobs()).toMatchObject([{ id: first }]);
    const ended = `select status, current_step, error_message, count(*)::int as nr, count(completed_at)::int as dated
      from public.provisioning_jobs group by 1, 2, 3 order by 1`;
    expect(await company.sql(ended)).toEqual([
      { status: 'completed', current_step: null, error_message: null, nr: 1201, dated: 1201 },
      { status: 'failed', current_step: 'x', error_message: 'y', nr: 1, dated: 0 },
      { status: 'in_progress', current_step: 'x', error_message: 'y', nr: 1, dated: 0 },
    ]);
  });

  it('that are none are asked for once, and ending none asks nothing', async () => {
    expect(await plane.openJobs()).toEqual([]);
    await plane.endJobs([], { state: 'completed' });
    expect(road.sent).toHaveLength(1);
  });
});

describe('a lost answer', () => {
  it.each([
    ['PATCH /rest/v1/agency', () => plane.tell(REQUEST, { state: 'provisioning' })],
    ['POST /rest/v1/provisioning_jobs', () => plane.tellJob({ ...JOB, state: 'in_progress' })],
    ['GET /rest/v1/agency', () => plane.request(REQUEST)],
    ['PATCH /rest/v1/provisioning_jobs', () => plane.endJobs([JOB.id], { state: 'completed' })],
  ])('to %s is asked for again, and all is there once', async (call, work) => {
    await add({ status: 'approved' });
    loseFirst(road, call);
    await work();
    expect(road.sent).toHaveLength(2);
    expect((await jobRows()).length).toBe(call.startsWith('POST') ? 1 : 0);
    expect(await company.sql('select count(*) as nr from public.agency_onboarding_requests')).toEqual([{ nr: 1 }]);
  });
});

describe('numbers as ids', () => {
  it('keep every digit', async () => {
    const one = await aCompany(
      'numbers',
      `create table public.agency_onboarding_requests (id bigint primary key, agency_name text, owner_email text,
         status varchar(20))`,
    );
    await one.sql(`insert into public.agency_onboarding_requests values
      (9007199254740993, 'Big', 'b@b.example', 'approved'), (7, 'Small', 's@s.example', 'approved'),
      (8, 'Odd', 'o@o.example', 'rejected')`);
    const numbers = planeOf(one);
    expect((await numbers.requests(['approved'])).map(({ id }) => id).sort()).toEqual(['7', '9007199254740993']);
    await numbers.tell('9007199254740993', { state: 'provisioning' });
    await numbers.tellJob({ ...JOB, requestId: '9007199254740993', state: 'in_progress' });
    expect(await one.sql('select request_id::text, status from public.provisioning_jobs')).toEqual([
      { request_id: '9007199254740993', status: 'in_progress' },
    ]);
    expect(await numbers.request('0b0e2c7e-not-a-number')).toBeUndefined();
    expect((await errorOf(numbers.request('8'))).message).toBe('the onboarding request 8 has the status "rejected"');
  });
});

describe('what goes wrong says what to do', () => {
  const KEY = 'CONTROL_PLANE_SUPABASE_SECRET_KEY';

  it.each([
    ['a wrong key', () => 'sb_secret_wrong-0123456789', 'Invalid API key'],
    ['the publishable key', () => company.keys.publishable, 'permission denied'],
  ])('%s', async (_, key, message) => {
    const error = await errorOf(planeOf(company, key()).requests(['approved']));
    expect(error.message).toContain(message);
    expect(error.remedy).toContain(`Check ${KEY}`);
    expect(error.remedy).toContain('sb_secret_');
    expect(leaks(inspect(error, { depth: 12, showHidden: true }), { key: key() })).toEqual([]);
  });

  it.each([
    ['no table', 'drop table public.provisioning_jobs'],
    ['no column', 'alter table public.provisioning_jobs drop column current_step'],
  ])('%s: apply the migration', async (what, sql) => {
    const one = await aCompany(`lacks-${what.replace(' ', '-')}`);
    await one.sql(sql);
    const error = await errorOf(planeOf(one).tellJob({ ...JOB, state: 'in_progress', currentStep: 'x' }));
    expect(error.remedy).toMatch(/^Apply migrations\/control-plane .* docs\/control-plane\.md/);
  });

  it('a database that does not answer is transient, and its key stays unseen', async () => {
    road.before = () => Response.json({ message: `upstream ${company.keys.secret}` }, { status: 503 });
    const error = await errorOf(plane.tell(REQUEST, { state: 'failed' }));
    expect(error).toMatchObject({ failure: { transient: true, status: 503 } });
    expect(leaks(inspect(error, { depth: 12, showHidden: true }), { key: company.keys.secret })).toEqual([]);
  });
});
