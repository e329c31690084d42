import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { approve, type Company, status } from '../../docs/examples/approval-routes.ts';
import { aForge, CONTROL_ROOM, type ForgeRig } from '../../local-cloud/github/testing.ts';
import type { TestInstance } from '../../local-cloud/instance/fixture.ts';
import { COMPANY_URL, openCompany, REQUEST, requestSql, tokenOf } from '../support/company-database.ts';

let database: TestInstance;
let forge: ForgeRig;
let company: Company;
let isGitHubDown: boolean;
let isDatabaseDown: boolean;

beforeAll(async () => {
  database = await openCompany('approval');
  // As where the table was there already, with words of the company's own.
  await database.sql('alter table public.agency_onboarding_requests drop constraint agency_onboarding_requests_status');
});
afterAll(() => database.remove());
beforeEach(async () => {
  await database.sql(`delete from public.agency_onboarding_requests; ${requestSql({ status: 'pending' })}
    insert into public.provisioning_jobs (id, request_id, status, current_step)
      values (gen_random_uuid(), '${REQUEST}', 'in_progress', 'vercel.project: create');`);
  forge = await aForge();
  isGitHubDown = false;
  isDatabaseDown = false;
  const githubToken = forge.forge.token({ as: 'ops', repository: CONTROL_ROOM });
  company = {
    supabaseUrl: COMPANY_URL,
    publishableKey: database.keys.publishable,
    secretKey: database.keys.secret,
    controlRoom: CONTROL_ROOM,
    githubToken,
    githubApiUrl: forge.forge.apiUrl,
  };
  // Node 20 has none, and supabase-js wants one; the company's server is newer.
  vi.stubGlobal('WebSocket', class {});
  vi.stubGlobal('fetch', async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init);
    if (request.url.startsWith(COMPANY_URL)) {
      if (isDatabaseDown) return Response.json({ message: 'down' }, { status: 500 });
      return database.fetch(request);
    }
    if (isGitHubDown) throw new TypeError('fetch failed');
    return forge.forge.fetch(input, init);
  });
  return () => vi.unstubAllGlobals();
});

type Route = (request: Request, id: string, company: Company) => Promise<Response>;

async function ask(route: Route, appMetadata?: object, userMetadata?: object, id = REQUEST) {
  const authorization = appMetadata && `Bearer ${await tokenOf(database, appMetadata, userMetadata)}`;
  const request = new Request('https://company.example/onboarding', {
    headers: authorization === undefined ? {} : { authorization },
  });
  const response = await route(request, id, company);
  return { status: response.status, body: await response.json() };
}

const admin = { role: 'admin' };
const rowStatus = async () => (await database.sql('select status from public.agency_onboarding_requests'))[0]?.status;
const dispatches = () => forge.forge.events().filter(({ name }) => name === 'repository_dispatch');

describe('an admin', () => {
  it('approves: the row says so, and the control room hears of it', async () => {
    expect(await ask(approve, admin)).toEqual({ status: 202, body: { approved: true, dispatched: true } });
    expect(await rowStatus()).toBe('approved');
    expect(dispatches().map(({ payload }) => payload)).toEqual([
      expect.objectContaining({ action: 'agency-approved', client_payload: { request_id: REQUEST } }),
    ]);
  });

  it('approves although GitHub does not answer, or refuses the token', async () => {
    isGitHubDown = true;
    expect((await ask(approve, admin)).body).toEqual({ approved: true, dispatched: false });
    isGitHubDown = false;
    company = { ...company, githubToken: 'github_pat_wrong' };
    expect((await ask(approve, admin)).body).toEqual({ approved: true, dispatched: false });
    expect(await rowStatus()).toBe('approved');
  });

  it.each(['new', 'provisioning', 'deployed'])('does not approve what is %s, and is told so', async (further) => {
    await database.sql(`update public.agency_onboarding_requests set status = '${further}'`);
    expect(await ask(approve, admin)).toEqual({
      status: 409,
      body: { message: 'only a request that is pending or failed can be approved' },
    });
    expect(await rowStatus()).toBe(further);
    expect(dispatches()).toEqual([]);
  });

  it.each([status, approve])('is told that the database is down, and not that there is nothing: %o', async (route) => {
    isDatabaseDown = true;
    expect((await ask(route, admin)).status).toBe(502);
  });

  it.each([status, approve])('is told to sign in again once the token is of no use: %o', async (route) => {
    const headers = { authorization: `Bearer ${await tokenOf(database, admin)}x` };
    const response = await route(new Request('https://company.example', { headers }), REQUEST, company);
    expect(response.status).toBe(401);
  });

  it('sees how far it is', async () => {
    expect(await ask(status, admin)).toEqual({
      status: 200,
      body: expect.objectContaining({
        agency_name: 'Acme Studio',
        status: 'pending',
        jobs: [expect.objectContaining({ status: 'in_progress', current_step: 'vercel.project: create' })],
      }),
    });
    expect((await ask(status, admin, {}, 'no such id')).status).toBe(404);
  });
});

it.each([
  ['nobody', undefined, undefined],
  ['a user', {}, undefined],
  ['a user who calls themself admin', { role: 'user' }, { role: 'admin' }],
])('%s sees nothing and approves nothing', async (_, appMetadata, userMetadata) => {
  for (const route of [status, approve]) {
    expect(await ask(route, appMetadata, userMetadata)).toEqual({ status: 404, body: { message: 'not found' } });
  }
  expect(await rowStatus()).toBe('pending');
  expect(dispatches()).toEqual([]);
});

it('a database that cannot read jobs with their request is no request that is not there', async () => {
  await database.sql('alter table public.provisioning_jobs drop constraint provisioning_jobs_request_id_fkey');
  const answers = [await ask(status, admin), await ask(approve, admin)];
  await database.sql(`alter table public.provisioning_jobs add constraint provisioning_jobs_request_id_fkey
    foreign key (request_id) references public.agency_onboarding_requests (id) on delete cascade`);
  expect(answers).toEqual([
    { status: 502, body: { message: 'it could not be read' } },
    { status: 502, body: { message: 'it could not be read' } },
  ]);
});

it('the control room’s token is of no use for another repository', async () => {
  company = { ...company, controlRoom: 'example/app' };
  expect((await ask(approve, admin)).body).toEqual({ approved: true, dispatched: false });
});
