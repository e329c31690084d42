import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestInstance } from '../../../local-cloud/instance/fixture.ts';
import { leaks } from '../../../tests/support/canaries.ts';
import {
  COMPANY_URL,
  loseFirst,
  openCompany,
  REQUEST,
  type Road,
  requestSql,
  roadTo,
} from '../../../tests/support/company-database.ts';
import { supabaseControlPlane } from '../control-plane/supabase.ts';
import { BlockedError, ProviderError, WaitingError } from '../engine/errors.ts';
import type { Event, Stamped } from '../engine/events.ts';
import { systemClock } from '../lib/clock.ts';
import { Secret } from '../lib/secret.ts';
import type { Status } from '../manifest/schema.ts';
import type { AgencyReport, RunReport } from '../outcome.ts';
import type { Followed } from '../ports.ts';
import { controlPlaneFollower } from './control-plane.ts';
import { jobIdOf, type Resident } from './onboarding.ts';

const OTHER = '0b0e2c7e-0000-4000-8000-000000000002';
/** Five seconds between two steps pass in fifty milliseconds. */
const clock = systemClock(0.01);

const begun: Status = {
  startedAt: '2026-11-25T10:00:00Z',
  conditions: [],
  outputs: {},
  resources: { 'supabase.project': { id: 'abcdefghijklmnopqrst' } },
};
const well: Status = {
  startedAt: '2026-11-25T10:00:00Z',
  completedAt: '2026-11-25T10:06:00Z',
  conditions: [
    { type: 'Ready', status: 'True', reason: 'Accepted', message: 'x', lastTransitionTime: '2026-11-25T10:06:00Z' },
  ],
  outputs: { instanceUrl: 'https://acme.example' },
  resources: { 'supabase.project': { id: 'abcdefghijklmnopqrst' }, 'vercel.project': { id: 'prj_1' } },
};
const stalled = {
  ...well.conditions[0],
  type: 'Stalled',
  status: 'True',
  reason: 'Blocked',
} as Status['conditions'][0];
const resting = (reason: string, over: Partial<Status> = {}): Status => ({
  ...begun,
  conditions: [
    { type: 'Ready', status: 'False', reason, message: 'x', lastTransitionTime: '2026-11-25T10:06:00Z' },
    {
      type: 'Notified',
      status: 'False',
      reason: 'NotReached',
      message: 'x',
      lastTransitionTime: '2026-11-25T10:06:00Z',
    },
  ],
  ...over,
});
const deployedRow = {
  status: 'deployed',
  slug: 'acme',
  instance_url: 'https://acme.example',
  supabase_project_id: 'abcdefghijklmnopqrst',
  vercel_project_id: 'prj_1',
  error_message: null,
  provisioning_started_at: '2026-11-25 10:00:00+00',
  provisioning_completed_at: '2026-11-25 10:06:00+00',
};

let company: TestInstance;
let road: Road;
let notices: string[];
beforeAll(async () => {
  company = await openCompany('followed');
});
afterAll(() => company.remove());
beforeEach(async () => {
  await company.sql(`delete from public.agency_onboarding_requests; delete from public.provisioning_jobs;
    ${requestSql({ status: 'approved' })}`);
  road = roadTo(company);
  notices = [];
});

const agency = (over: Partial<Followed> = {}): Followed => ({
  slug: 'acme',
  uid: 'k7c1e4b9',
  file: 'agencies/acme.yaml',
  requestId: REQUEST,
  lifecycle: 'active',
  before: undefined,
  ...over,
});

function follow({ runId = '1', room = [] as Resident[], attempts = 5, deadlineMs = 30_000 } = {}) {
  const access = { url: COMPANY_URL, secretKey: new Secret(company.keys.secret) };
  const plane = supabaseControlPlane(access, { clock, fetch: road.fetch, attempts, deadlineMs });
  return controlPlaneFollower({
    plane,
    runId,
    room: async () => room,
    clock,
    emit: (event: Event) => notices.push(event.type === 'notice' ? event.message : event.type),
  });
}

const reportOf = (over: Partial<AgencyReport>) => {
  const report: AgencyReport = { slug: 'acme', why: 'it was never completed', result: 'done', ...over };
  return { result: 'done', agencies: [report] } as const;
};
const started = (address: string): Stamped => ({
  v: 1,
  at: '2026-11-25T10:00:00Z',
  type: 'started',
  agency: 'acme',
  address,
  action: 'create',
});
const requestRow = async () => (await company.sql('select * from public.agency_onboarding_requests'))[0];
const jobs = (runId = '1') =>
  company.sql(`select * from public.provisioning_jobs where id = '${jobIdOf(REQUEST, runId)}'`);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** Waits until the rows say so, as a page that polls would. */
const comes = (look: () => Promise<unknown>, wanted: object) =>
  expect.poll(look, { interval: 5, timeout: 5_000 }).toMatchObject(wanted);

describe('a request that is followed', () => {
  it('is provisioning, step by step, and deployed', async () => {
    const follower = follow();
    await follower.begin([agency(), agency({ slug: 'walk-in', requestId: undefined })]);
    await comes(requestRow, { status: 'provisioning', slug: 'acme', provisioning_completed_at: null });
    await comes(jobs, [{ status: 'in_progress', current_step: null, request_id: REQUEST }]);
    follower.event(started('supabase.project'));
    await comes(jobs, [{ current_step: 'supabase.project: create' }]);
    const { v, at } = started('');
    follower.event({ v, at, type: 'waiting', agency: 'acme', address: 'supabase.project', on: 'its\nhealth' });
    await comes(jobs, [{ current_step: 'supabase.project: waiting for its health' }]);
    await follower.end(reportOf({ status: well }));
    expect(await requestRow()).toMatchObject(deployedRow);
    expect(await jobs()).toMatchObject([{ status: 'completed', current_step: null, error_message: null }]);
    expect(notices).toEqual([]);
  });

  it('is told no more than one step every five seconds, and the last of them', async () => {
    const follower = follow();
    await follower.begin([agency()]);
    await comes(jobs, [{ status: 'in_progress' }]);
    const before = road.sent.length;
    for (let nr = 0; nr < 100; nr += 1) {
      follower.event(started(`step.number-${nr}`));
      await pause(1);
    }
    await comes(jobs, [{ current_step: 'step.number-99: create' }]);
    const steps = road.sent.slice(before);
    expect(steps.length).toBeLessThan(20);
    expect(new Set(steps.map(({ call }) => call.split('?')[0]))).toEqual(new Set(['POST /rest/v1/provisioning_jobs']));
    await follower.end(reportOf({ status: well }));
  });

  it('fails with cause and remedy, without what is secret, and keeps what is there already', async () => {
    const canary = new Secret('canary-of-a-token-0123456789');
    const error = new ProviderError(
      { vendor: 'vercel', operation: 'create project', transient: false, ambiguous: false },
      `vercel: <b>refused</b> ${canary.reveal()} ${'x'.repeat(3_000)}`,
      'Check VERCEL_TOKEN.',
    );
    const follower = follow();
    await follower.begin([agency({ before: begun })]);
    await follower.end(reportOf({ result: 'failed', error, status: begun }));
    const row = await requestRow();
    expect(row).toMatchObject({ status: 'failed', supabase_project_id: 'abcdefghijklmnopqrst', slug: 'acme' });
    expect(row?.error_message).toMatch(/^vercel: <b>refused<\/b> \*\*\* x+…\nCheck VERCEL_TOKEN\.$/);
    expect(row?.provisioning_started_at).toBe('2026-11-25 10:00:00+00');
    expect(await jobs()).toMatchObject([{ status: 'failed', error_message: row?.error_message }]);
    expect(JSON.stringify(road.sent)).not.toContain('canary');
  });

  it('fails with what stopped the whole run, and with what stands in an outcome', async () => {
    const follower = follow();
    await follower.begin([agency()]);
    const refused = new BlockedError('the record was refused', 'Let it in.');
    await follower.end({ ...reportOf({ status: well }), result: 'blocked', error: refused });
    expect(await requestRow()).toMatchObject({ status: 'failed', error_message: 'the record was refused\nLet it in.' });
    const again = follow({ runId: '2' });
    await again.begin([agency()]);
    const outcome = { address: 'acceptance', condition: 'Ready', result: 'failed', ms: 1, error: refused } as const;
    await again.end(reportOf({ result: 'blocked', execution: { outcomes: [outcome], outputs: new Map() } }));
    expect(await jobs('2')).toMatchObject([{ status: 'failed', error_message: 'the record was refused\nLet it in.' }]);
  });

  it('stays provisioning while the run only waits; the next run goes on and the job that waited is ended', async () => {
    const first = follow();
    await first.begin([agency()]);
    const error = new WaitingError('another run took over', 'Run again.');
    await first.end({ result: 'waiting', agencies: [], error });
    expect(await requestRow()).toMatchObject({ status: 'provisioning', error_message: null });
    expect(await jobs()).toMatchObject([{ status: 'pending', current_step: 'another run took over' }]);
    const second = follow({ runId: '2' });
    await second.begin([agency({ before: begun })]);
    await second.end(reportOf({ status: well }));
    expect(await requestRow()).toMatchObject(deployedRow);
    expect(await jobs()).toMatchObject([{ status: 'failed', error_message: expect.stringContaining('a later one') }]);
    expect(await jobs('2')).toMatchObject([{ status: 'completed' }]);
  });

  it('is tried again after a failure in the same run’s row, when that run is run again', async () => {
    const error = new BlockedError('no', 'Yes.');
    for (const report of [reportOf({ result: 'blocked', error }), reportOf({ status: well })]) {
      const follower = follow();
      await follower.begin([agency()]);
      await follower.end(report);
    }
    expect(await requestRow()).toMatchObject(deployedRow);
    expect(await company.sql('select status, error_message from public.provisioning_jobs')).toEqual([
      { status: 'completed', error_message: null },
    ]);
  });
});

describe('a request whose agency is put to rest before it was ever ready', () => {
  beforeEach(() =>
    company.sql(`update public.agency_onboarding_requests set status = 'failed', error_message = 'old'`),
  );
  const retired = agency({ lifecycle: 'retired', before: begun });

  it.each([
    ['Retired', 'retired', 'If it is still wanted, merge lifecycle: active in its manifest.'],
    ['Suspended', 'suspended', 'If it is still wanted, merge lifecycle: active in its manifest.'],
    ['Destroyed', 'destroyed', 'Whoever still wants it asks anew.'],
  ])('%s: it fails and says so, is never provisioning, and the job is completed', async (reason, word, remedy) => {
    const follower = follow();
    await follower.begin([retired]);
    follower.event(started('supabase.auth'));
    await comes(jobs, [{ status: 'in_progress' }]);
    expect(await requestRow()).toMatchObject({ status: 'failed', error_message: 'old' });
    await follower.end(reportOf({ status: resting(reason) }));
    expect(await requestRow()).toMatchObject({
      status: 'failed',
      error_message: `put to rest before it was ever ready: ${word}\n${remedy}`,
      supabase_project_id: 'abcdefghijklmnopqrst',
      provisioning_completed_at: null,
    });
    expect(await jobs()).toMatchObject([{ status: 'completed', current_step: null, error_message: null }]);
    expect(road.sent.some(({ body }) => body.includes('provisioning"'))).toBe(false);
  });

  it('is told even if nothing had to be done for it, and then no more', async () => {
    const told = { status: 'failed', error_message: expect.stringContaining('put to rest') };
    const report = reportOf({ result: 'unchanged', status: resting('Retired') });
    const first = follow();
    await first.begin([retired]);
    await first.end(report);
    expect(await requestRow()).toMatchObject(told);
    const sent = road.sent.length;
    const again = follow({ runId: '2', room: [{ slug: 'acme', requestId: REQUEST, status: resting('Retired') }] });
    await again.begin([agency({ lifecycle: 'retired', before: resting('Retired') })]);
    await again.end(report);
    expect(road.sent.slice(sent).filter(({ call }) => !call.startsWith('GET'))).toEqual([]);
    expect(await requestRow()).toMatchObject(told);
  });

  it('comes to its end in the next run where that word was lost', async () => {
    await company.sql(`update public.agency_onboarding_requests set status = 'provisioning', error_message = null`);
    await follow({ room: [{ slug: 'acme', requestId: REQUEST, status: resting('Retired') }] }).end({
      result: 'done',
      agencies: [],
    });
    expect(await requestRow()).toMatchObject({ status: 'failed', error_message: expect.stringContaining('retired') });
  });

  it('goes on when it is woken, whatever is recorded of its rest', async () => {
    const follower = follow({ room: [{ slug: 'acme', requestId: REQUEST, status: resting('Suspended') }] });
    await follower.begin([agency({ before: resting('Suspended') })]);
    await comes(requestRow, { status: 'provisioning', error_message: null });
    await follower.end({ result: 'waiting', agencies: [], error: new WaitingError('another run took over', 'Wait.') });
    expect(await requestRow()).toMatchObject({ status: 'provisioning', error_message: null });
  });

  it('that was fulfilled before stays deployed', async () => {
    await company.sql(`update public.agency_onboarding_requests set status = 'deployed', error_message = null`);
    const follower = follow();
    await follower.begin([agency({ lifecycle: 'retired', before: well })]);
    follower.event(started('vercel.project'));
    await follower.end(reportOf({ status: resting('Retired', { completedAt: '2026-11-25T10:06:00Z' }) }));
    expect(await requestRow()).toMatchObject({ status: 'deployed', error_message: null });
  });
});

describe('a request that is fulfilled', () => {
  beforeEach(() => company.sql(`update public.agency_onboarding_requests set status = 'deployed'`));

  it('is written nothing by a run that changes nothing', async () => {
    const follower = follow({ room: [{ slug: 'acme', requestId: REQUEST, status: well }] });
    await follower.begin([agency({ before: well })]);
    await follower.end(reportOf({ result: 'unchanged', status: well }));
    expect(road.sent.map(({ call }) => call.split('?')[0])).toEqual([
      'GET /rest/v1/provisioning_jobs',
      'GET /rest/v1/agency_onboarding_requests',
    ]);
  });

  it('stays deployed while later runs show in their jobs, good or bad', async () => {
    const follower = follow();
    await follower.begin([agency({ before: well })]);
    follower.event(started('vercel.deployment'));
    await comes(jobs, [{ status: 'in_progress', current_step: 'vercel.deployment: create' }]);
    expect(await requestRow()).toMatchObject({ status: 'deployed' });
    await follower.end(reportOf({ result: 'failed', error: new BlockedError('its build broke', 'Mend it.') }));
    expect(await requestRow()).toMatchObject({ status: 'deployed', error_message: null });
    expect(await jobs()).toMatchObject([{ status: 'failed', error_message: 'its build broke\nMend it.' }]);
  });
});

describe('what was lost is said by the next run', () => {
  const room = [{ slug: 'acme', requestId: REQUEST.toUpperCase(), status: well }];

  it.each(['approved', 'provisioning', 'failed'])(
    'a well agency’s request that is still %s becomes deployed',
    async (was) => {
      await company.sql(`update public.agency_onboarding_requests set status = '${was}', error_message = 'old'`);
      await follow({ room }).end({ result: 'done', agencies: [] });
      expect(await requestRow()).toMatchObject(deployedRow);
    },
  );

  it('a request that nobody approved, or whose agency is not well, stays as it is', async () => {
    await company.sql(`update public.agency_onboarding_requests set status = 'pending'`);
    await follow({ room }).end({ result: 'done', agencies: [] });
    expect(await requestRow()).toMatchObject({ status: 'pending' });
    await company.sql(`update public.agency_onboarding_requests set status = 'approved'`);
    await follow({ room: [{ slug: 'acme', requestId: REQUEST, status: begun }] }).end({ result: 'done', agencies: [] });
    expect(await requestRow()).toMatchObject({ status: 'approved', supabase_project_id: null });
  });

  it('an agency that could not even be begun with makes its request fail, with the reason', async () => {
    const error = new BlockedError('its app could not be found', 'Name another.');
    const unserved = [{ slug: 'acme', requestId: REQUEST, status: undefined }];
    await follow({ room: unserved }).end(reportOf({ result: 'blocked', error }));
    expect(await requestRow()).toMatchObject({
      status: 'failed',
      error_message: 'its app could not be found\nName another.',
    });
  });

  it('requests of others are left alone', async () => {
    await company.sql(requestSql({ id: OTHER, status: 'approved' }));
    await follow({ room }).end({ result: 'done', agencies: [] });
    const sql = `select status, slug from public.agency_onboarding_requests where id = '${OTHER}'`;
    expect(await company.sql(sql)).toEqual([{ status: 'approved', slug: null }]);
  });
});

describe('a job that its run left open', () => {
  const nobody: RunReport = { result: 'done', agencies: [] };
  const down = () => Response.json({ message: 'down' }, { status: 503 });
  const roomOf = (status: Status | undefined): Resident[] => [
    { slug: 'acme', requestId: REQUEST.toUpperCase(), status },
  ];
  const died = { status: 'failed', error_message: expect.stringContaining('ended before') };
  const completed = { status: 'completed', current_step: null, error_message: null };

  /** A run that says its beginning and a step, and then no more. */
  async function leftOpen(over: Partial<Followed> = {}, runId = '1') {
    const follower = follow({ runId, attempts: 1 });
    await follower.begin([agency(over)]);
    await comes(() => jobs(runId), [{ status: 'in_progress' }]);
    follower.event(started('vercel.deployment'));
    await comes(() => jobs(runId), [{ current_step: 'vercel.deployment: create' }]);
    return follower;
  }
  const runOver = async (room: Resident[], agencies: Followed[] = [], report = nobody, runId = '2') => {
    const follower = follow({ runId, room });
    await follower.begin(agencies);
    await follower.end(report);
  };

  it('is completed by the next run, over nothing, where the database was down when all had gone well', async () => {
    const unheard = await leftOpen();
    road.before = down;
    await unheard.end(reportOf({ status: well }));
    road.before = () => undefined;
    await runOver(roomOf(well));
    expect(await jobs()).toMatchObject([completed]);
    expect(await requestRow()).toMatchObject(deployedRow);
    const sent = road.sent.length;
    await runOver(roomOf(well), [], nobody, '3');
    expect(road.sent.slice(sent).map(({ call }) => call.split(' ')[0])).toEqual(['GET', 'GET']);
  });

  it('is completed, and not failed, where its agency is worked on again first', async () => {
    await leftOpen();
    const later = follow({ runId: '2' });
    await later.begin([agency({ before: well })]);
    later.event(started('vercel.env'));
    await comes(jobs, [completed]);
    await later.end(reportOf({ status: well }));
    expect(await jobs('2')).toMatchObject([completed]);
  });

  it('is completed by a rerun that goes on with another agency alone', async () => {
    await company.sql(requestSql({ id: OTHER, status: 'approved' }));
    await leftOpen();
    const birch = agency({ slug: 'birch', requestId: OTHER });
    const report = {
      result: 'done',
      agencies: [{ ...reportOf({ status: well }).agencies[0], slug: 'birch' }],
    } as const;
    await runOver([...roomOf(well), { slug: 'birch', requestId: OTHER, status: undefined }], [birch], report, '1');
    expect(await jobs()).toMatchObject([completed]);
    expect(await company.sql('select distinct status from public.provisioning_jobs')).toEqual([
      { status: 'completed' },
    ]);
  });

  it.each([
    ['whose agency is not well', roomOf(begun)],
    ['whose agency waits for a person', roomOf({ ...well, conditions: [...well.conditions, stalled] })],
    ['whose agency is no more', []],
  ])('%s has failed', async (_, room) => {
    await leftOpen();
    await runOver(room);
    expect(await jobs()).toMatchObject([died]);
  });

  it('as it waits for a later run stays so until that has come, or its agency needs none', async () => {
    const waiting = await leftOpen();
    const error = new WaitingError('its quota is used up', 'Wait.');
    await waiting.end({ ...nobody, result: 'waiting', error });
    await runOver(roomOf(begun));
    expect(await jobs()).toMatchObject([{ status: 'pending', current_step: 'its quota is used up' }]);
    await runOver(roomOf(resting('Retired')));
    expect(await jobs()).toMatchObject([completed]);
  });

  it('is not ended by a run that may not act, nor are the company’s own rows by any', async () => {
    await company.sql(`insert into public.provisioning_jobs (id, status) values (gen_random_uuid(), 'in_progress');
      insert into public.provisioning_jobs (id, request_id, status)
        values (gen_random_uuid(), '${REQUEST}', 'in_progress')`);
    await leftOpen();
    const error = new WaitingError('another run is at work', 'Wait.');
    await follow({ runId: '2', room: roomOf(well) }).end({ ...nobody, result: 'waiting', error });
    expect(await jobs()).toMatchObject([{ status: 'in_progress' }]);
    await runOver(roomOf(well));
    const own = await company.sql(`select status from public.provisioning_jobs where id <> '${jobIdOf(REQUEST, '1')}'`);
    expect(own).toEqual([{ status: 'in_progress' }, { status: 'in_progress' }]);
  });
});

describe('whatever becomes of a call', () => {
  const calls = [
    'PATCH /rest/v1/agency_onboarding_requests',
    'POST /rest/v1/provisioning_jobs',
    'PATCH /rest/v1/provisioning_jobs',
    'GET /rest/v1/agency_onboarding_requests',
    'GET /rest/v1/provisioning_jobs',
  ];
  beforeEach(() =>
    company.sql(`insert into public.provisioning_jobs (id, request_id, status)
      values ('${jobIdOf(REQUEST, '0')}', '${REQUEST}', 'in_progress')`),
  );
  const whole = async (room: Resident[] = []) => {
    const follower = follow({ attempts: 1, room });
    await follower.begin([agency()]);
    follower.event(started('supabase.project'));
    await follower.end(reportOf({ status: well }));
  };

  it.each(calls)('one answer to %s is lost: the row is right in the end', async (call) => {
    loseFirst(road, call);
    await whole([{ slug: 'acme', requestId: REQUEST, status: well }]);
    road.after = () => undefined;
    await whole([{ slug: 'acme', requestId: REQUEST, status: well }]);
    expect(await requestRow()).toMatchObject(deployedRow);
    expect(await jobs()).toMatchObject([{ status: 'completed' }]);
    expect(await jobs('0')).toMatchObject([{ status: 'failed' }]);
  });

  it.each(calls)(
    '%s never succeeds: the run goes on, one notice says so, and the next run puts it right',
    async (call) => {
      road.before = (one) => (one.startsWith(call) ? Response.json({ message: 'down' }, { status: 503 }) : undefined);
      await whole([{ slug: 'acme', requestId: REQUEST, status: well }]);
      expect(notices.length).toBeGreaterThan(0);
      expect(new Set(notices).size).toBe(notices.length);
      expect(leaks(notices.join('\n'), { key: company.keys.secret })).toEqual([]);
      road.before = () => undefined;
      await whole([{ slug: 'acme', requestId: REQUEST, status: well }]);
      expect(await requestRow()).toMatchObject(deployedRow);
      expect(await jobs()).toMatchObject([{ status: 'completed' }]);
      expect(await jobs('0')).toMatchObject([{ status: 'failed' }]);
    },
  );

  it('a database that does not answer is not asked by every agency, and the run does not wait for it', async () => {
    road.before = () => new Promise<Response>(() => undefined);
    const follower = follow({ attempts: 1, deadlineMs: 200 });
    const agencies = Array.from({ length: 40 }, (_, nr) => agency({ slug: `a-${nr}`, requestId: crypto.randomUUID() }));
    const before = performance.now();
    await follower.begin(agencies);
    for (const { slug } of agencies) follower.event({ ...started('x'), agency: slug } as Stamped);
    expect(performance.now() - before).toBeLessThan(150);
    await follower.end({ result: 'done', agencies: [] });
    expect(road.sent.length).toBeLessThanOrEqual(16);
    expect(notices).toEqual([expect.stringMatching(/^the company’s database was not told of .* got no answer/)]);
  });

  it('a row that is refused by itself stops no other', async () => {
    await company.sql(`${requestSql({ id: OTHER, status: 'approved' })}
      create function public.odd() returns trigger language plpgsql as $$ begin
        if new.id = '${REQUEST}' then raise exception 'the company says no'; end if; return new; end $$;
      create trigger odd before update on public.agency_onboarding_requests for each row execute function public.odd();`);
    const follower = follow();
    await follower.begin([agency(), agency({ slug: 'birch', requestId: OTHER })]);
    const both = [reportOf({ status: well }).agencies[0], { ...reportOf({ status: well }).agencies[0], slug: 'birch' }];
    await follower.end({ result: 'done', agencies: both });
    await company.sql('drop function public.odd() cascade');
    expect(await company.sql('select status, slug from public.agency_onboarding_requests order by id')).toEqual([
      { status: 'approved', slug: null },
      { status: 'deployed', slug: 'birch' },
    ]);
    expect(notices).toEqual([expect.stringMatching(/not told of acme: .*the company says no.*; Mend what supabase/)]);
  });
});
