import type { ChildProcess } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { octokitFor } from '../../local-cloud/github/testing.ts';
import type { JobRun } from '../../local-cloud/runner/runner.ts';
import { anAgency } from '../support/agency-manifest.ts';
import { REQUEST, requestSql } from '../support/company-database.ts';
import { aServedCompany } from '../support/company-server.ts';
import { aHostedCloud, NAME } from '../support/hosted-cloud.ts';
import { until } from './cases.ts';
import { isRead, type Logged, nameOf, type Site, sitesOf } from './sites.ts';

const [owner = '', repo = ''] = NAME.split('/');
const acme = anAgency('acme-studio').with({}, { requestId: REQUEST });

const READS = 3;

/** How the process or the answer ends at a call site. */
type End = 'killed before' | 'killed after' | 'answer lost';

/**
 * An apply by the action, disturbed at each of its calls to GitHub and to the company's database. One control room serves
 * all cases of a lane: each merges a small change of its agency, lets the run end at one call, runs the same job again,
 * and looks whether everything is there once. What is thinned: of the calls that only read every third is ended, and before
 * it alone, because nothing can come of them; all calls meet each of three faults in one run.
 */
export async function hostedLane(number: number, lanes: number): Promise<void> {
  const company = await aServedCompany('companys-own-database');
  let child: ChildProcess | undefined;
  const hosted = await aHostedCloud({
    secrets: { CONTROL_PLANE_SUPABASE_SECRET_KEY: company.database.keys.secret },
    vars: { CONTROL_PLANE_SUPABASE_URL: company.url },
    runner: {
      onProcess: (process) => {
        child = process;
      },
    },
  });
  await company.database.sql(requestSql({ status: 'approved' }));
  const { cloud, room, runner } = hosted;
  const { rest } = octokitFor(cloud.forge, cloud.forge.workflowToken);
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return (await cloud.fetch(new Request(`${cloud.origin}/_cloud/${path}`, init))).json();
  };
  let change = 0;

  /** Merges a small change, and applies it. */
  async function apply(): Promise<{ number: number; sha: string; job: JobRun }> {
    change += 1;
    const text = (await room.read(acme.file)) ?? acme.text();
    const number = await hosted.propose(`Change ${change}`, {
      [acme.file]: text.replace(/displayName: .*/, `displayName: "Name ${change}"`),
    });
    const sha = await room.merge(number, { method: 'squash' });
    const job = (await runner.settle(['apply'])).find(({ workflow }) => workflow === 'apply');
    if (!job) throw new Error('nothing was applied');
    return { number, sha, job };
  }

  /** The same job again, until it ends well; then once more, which must change nothing. */
  async function expectSettled({ number, sha, job }: Awaited<ReturnType<typeof apply>>): Promise<void> {
    let again = job;
    if (job.code !== 0) {
      again = await runner.rerun(job);
      expect(again.code, again.log).toBe(0);
    }
    const head = await room.head();
    const last = await runner.rerun(again);
    expect([last.code, last.outputs.changed], last.log).toEqual([0, 'false']);
    expect(await room.head()).toBe(head);

    const status = await hosted.status(acme);
    expect(status?.conditions).toMatchObject([
      { type: 'Ready', status: 'True' },
      { type: 'Notified', status: 'True' },
    ]);
    const state = await hosted.state();
    const { projects, vercelProjects, mails } = state;
    expect([projects, vercelProjects, mails].map((things) => things.length)).toEqual([1, 1, 1]);
    const ours = (await hosted.comments(number)).filter((one) => one.startsWith('<!-- agency-provisioner apply -->'));
    expect(ours.map((one) => one.includes('### Done'))).toEqual([true]);
    const { data } = await rest.checks.listForRef({ owner, repo, ref: sha, check_name: 'provisioner / apply' });
    expect(data.check_runs.map(({ conclusion }) => conclusion)).toEqual(['success']);
    const deployments = (await rest.repos.listDeployments({ owner, repo, environment: `agency/${acme.slug}` })).data;
    for (const { id } of deployments) {
      const told = await rest.repos.listDeploymentStatuses({ owner, repo, deployment_id: id });
      expect(told.data[0]?.state).toBe('success');
    }
    const issues = await rest.issues.listForRepo({ owner, repo, labels: 'provisioner', state: 'open' });
    expect(issues.data).toEqual([]);
    const log = await room.log();
    expect(log.every(({ parents }) => parents.length <= 1)).toBe(true);
    expect(log.filter(({ message }) => message.startsWith('Change '))).toHaveLength(change);
    const [row] = await company.database.sql('select status from public.agency_onboarding_requests');
    expect(row?.status).toBe('deployed');
    const open = await company.database.sql("select id from public.provisioning_jobs where status = 'in_progress'");
    expect(open).toEqual([]);
  }

  /** Ends the process while GitHub holds its request, or loses the answer. */
  async function atGitHub(site: Site, end: End): Promise<void> {
    const { service, method, path, nth } = site;
    const effect =
      end === 'answer lost'
        ? { effect: 'drop-after-commit' }
        : { effect: 'hold', when: end === 'killed before' ? 'before' : 'after' };
    await ask('POST', 'faults', { service, method, path, nth, ...effect });
    const running = apply();
    let isOver = false;
    const over = running.finally(() => {
      isOver = true;
    });
    if (end !== 'answer lost') {
      const holds = async () => ((await ask('GET', 'holds')) as unknown[]).length > 0;
      await until(async () => isOver || (await holds()));
      child?.kill('SIGKILL');
    }
    const applied = await over;
    const faults = (await ask('GET', 'faults')) as { fired: number }[];
    await ask('DELETE', 'faults');
    expect(faults.map(({ fired }) => fired > 0)).toEqual([true]);
    await expectSettled(applied);
  }

  /** The same at the company's database. */
  async function atCompany(call: string, end: End): Promise<void> {
    let hit = false;
    company.between = async (one, when) => {
      if (hit || one !== call || (end === 'killed before') !== (when === 'before')) return undefined;
      hit = true;
      if (end === 'answer lost') return 'lose';
      child?.kill('SIGKILL');
      return 'lose';
    };
    const applied = await apply();
    company.between = () => undefined;
    expect(hit, `${call} was called`).toBe(true);
    await expectSettled(applied);
  }

  const first = await apply();
  if (first.job.code !== 0) throw new Error(first.job.log);
  const before = ((await ask('GET', 'requests')) as Logged[]).length;
  company.calls.length = 0;
  await apply();
  const sites = sitesOf(githubOnly(((await ask('GET', 'requests')) as Logged[]).slice(before))).filter(isSteady);
  const calls = [...new Set(company.calls)];
  const cases: [string, () => Promise<void>][] = [
    ...sites.flatMap((site, at): [string, () => Promise<void>][] => {
      if (isRead(site) && at % READS !== 0) return [];
      const ends: End[] = isRead(site) ? ['killed before'] : ['killed before', 'killed after', 'answer lost'];
      return ends.map((end) => [`${nameOf(site)} ${end}`, () => atGitHub(site, end)]);
    }),
    ...calls.flatMap((call): [string, () => Promise<void>][] => {
      const ends: End[] = call.startsWith('GET') ? ['killed before'] : ['killed before', 'killed after', 'answer lost'];
      return ends.map((end) => [`company ${call} ${end}`, () => atCompany(call, end)]);
    }),
    ...STUMBLES.map((effect): [string, () => Promise<void>] => [
      `every call to GitHub once: ${effect.name}`,
      async () => {
        for (const { service, method, path, nth } of sites) {
          await ask('POST', 'faults', { service, method, path, nth, ...effect.effect });
        }
        const applied = await apply();
        await ask('DELETE', 'faults');
        await expectSettled(applied);
      },
    ]),
  ];

  describe(`an apply by the action, disturbed (lane ${number})`, () => {
    it('has call sites at both', () => {
      expect(sites.length).toBeGreaterThan(20);
      expect(calls.length).toBeGreaterThan(3);
    });
    it.each(cases.filter((_, at) => at % lanes === number - 1))('%s', async (_, run) => run());
  });
}

const STUMBLES = [
  { name: '500', effect: { effect: 'status', status: 500, body: { message: 'Internal Server Error' } } },
  {
    name: '403 for its frequency',
    effect: {
      effect: 'status',
      status: 403,
      headers: { 'retry-after': '1' },
      body: { message: 'You have exceeded a secondary rate limit.' },
    },
  },
  { name: '502 after the work was done', effect: { effect: 'status', status: 502, when: 'after', body: '<html>' } },
];

/** How often the comment and the check are edited depends on how long a run takes. */
function isSteady({ method, path, nth }: Site): boolean {
  return !(method === 'PATCH' && /comments|check-runs/.test(path)) || nth === 1;
}

/** Shas and numbers differ from run to run. */
function githubOnly(log: readonly Logged[]): Logged[] {
  return log
    .filter(({ service }) => service === 'github')
    .map((one) => ({
      ...one,
      path: one.path.replace(/\b[0-9a-f]{40}\b/g, MADE_UP).replace(/\/\d+(?=\/|$)/g, `/${MADE_UP}`),
    }));
}

/** What `sitesOf` takes for made up by a vendor. */
const MADE_UP = 'abcdefghijklmnopqrst';
