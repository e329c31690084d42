import { beforeAll, describe, expect, it, vi } from 'vitest';
import { keyring } from '../../action/src/lib/keyring.ts';
import { Secret } from '../../action/src/lib/secret.ts';
import { octokitFor } from '../../local-cloud/github/testing.ts';
import type { JobRun } from '../../local-cloud/runner/runner.ts';
import { runCli } from '../../scripts/cli.ts';
import { leaks } from '../support/canaries.ts';
import { REQUEST, requestSql } from '../support/company-database.ts';
import { aServedCompany, type ServedCompany } from '../support/company-server.ts';
import { aHostedCloud, type HostedCloud, NAME } from '../support/hosted-cloud.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const [owner = '', repo = ''] = NAME.split('/');
const PROVISIONER_SECRET = 'canary/"doors"+secret&<0123456789>%';
const SWEPT = '0b0e2c7e-0000-4000-8000-000000000002';

let company: ServedCompany;
let hosted: HostedCloud;
const ran: JobRun[] = [];

beforeAll(async () => {
  company = await aServedCompany('companys-own-database');
  const { secret } = company.database.keys;
  hosted = await aHostedCloud({
    secrets: { PROVISIONER_SECRET, CONTROL_PLANE_SUPABASE_SECRET_KEY: secret },
    vars: { CONTROL_PLANE_SUPABASE_URL: company.url },
  });
  const swept = { id: SWEPT, agency_name: 'Swept & Clean', owner_email: 'owner@swept.example' };
  await company.database.sql(`${requestSql({ status: 'approved' })} ${requestSql({ ...swept, status: 'pending' })}`);
});

const rest = (as = 'example') => octokitFor(hosted.cloud.forge, hosted.cloud.forge.token({ as })).rest;
const row = async (id: string) =>
  (await company.database.sql(`select * from public.agency_onboarding_requests where id = '${id}'`))[0];

async function settle(): Promise<readonly JobRun[]> {
  const runs = await hosted.runner.settle();
  ran.push(...runs);
  const red = runs.find(({ code }) => code !== 0);
  expect(red?.log).toBeUndefined();
  return runs;
}

const pulls = async () => (await rest().pulls.list({ owner, repo, state: 'all' })).data;

describe('a request becomes one pull request', () => {
  it('when the company’s app dispatches it, however often', async () => {
    const dispatch = () =>
      rest().repos.createDispatchEvent({
        owner,
        repo,
        event_type: 'agency-approved',
        client_payload: { request_id: REQUEST },
      });
    await Promise.all([dispatch(), dispatch(), dispatch()]);
    await settle();
    const [pull, ...more] = await pulls();
    expect(more).toEqual([]);
    expect(pull?.head.ref).toBe(`onboard/${REQUEST}`);
    expect(await row(REQUEST)).toMatchObject({
      status: 'approved',
      pull_request_url: pull?.html_url,
      slug: 'acme-studio',
    });
    expect((await hosted.comments(pull?.number ?? 0)).join()).toContain('Merging makes 1 new agency');
  });

  it('when its row is approved and the dispatch was lost', async () => {
    await company.database.sql(
      `update public.agency_onboarding_requests set status = 'approved' where id = '${SWEPT}'`,
    );
    ran.push(...(await hosted.runner.start('intake', { event: 'schedule' })));
    await settle();
    expect((await pulls()).map(({ head }) => head.ref).sort()).toEqual([`onboard/${REQUEST}`, `onboard/${SWEPT}`]);
    expect(await row(SWEPT)).toMatchObject({ pull_request_url: expect.stringMatching(/\/pull\/\d+$/) });
  });

  it('when a maintainer approves an issue of the form', async () => {
    const answers = { 'Agency name': 'Form Studio', 'Owner name': 'Form Owner', 'Owner email': 'owner@form.example' };
    const body = Object.entries({ ...answers, Region: 'Default', Notes: '_No response_' })
      .map(([label, answer]) => `### ${label}\n\n${answer}`)
      .join('\n\n');
    const issue_number = await hosted.room.openIssue({ title: 'Agency: Form Studio', body });
    await settle();
    expect(await pulls()).toHaveLength(2);
    await rest().issues.addLabels({ owner, repo, issue_number, labels: ['agency-approved'] });
    await settle();
    expect((await pulls()).map(({ head }) => head.ref)).toContain(`onboard/issue-${issue_number}`);
    expect((await hosted.comments(issue_number)).join()).toMatch(/\/pull\/\d+/);
  });
});

describe('the command line', () => {
  it('opens one pull request for what somebody types, however often', async () => {
    const words = ['new', 'typed-studio', '--name', 'Typed & Co', '--owner', 'owner@typed.example', '--pull-request'];
    const variables = { ...hosted.cloud.environment(), GITHUB_REPOSITORY: NAME };
    const said: string[] = [];
    const write = (text: string) => void said.push(text);
    const type = () =>
      runCli(words, {
        variables,
        cwd: process.cwd(),
        signal: new AbortController().signal,
        stdout: { write },
        stderr: { write },
      });
    expect([await type(), await type()], said.join('')).toEqual([0, 0]);
    await settle();
    const mine = (await pulls()).filter(({ head }) => head.ref.includes('typed-studio'));
    expect(mine).toHaveLength(1);
    expect(said.join('')).toContain(mine[0]?.html_url);
  });
});

describe('what the company’s pages show', () => {
  it('follows the merge to the instance', async () => {
    const pull = (await pulls()).find(({ head }) => head.ref === `onboard/${REQUEST}`);
    await hosted.room.merge(pull?.number ?? 0);
    await settle();
    expect(await row(REQUEST)).toMatchObject({
      status: 'deployed',
      instance_url: expect.stringMatching(/^http/),
      supabase_project_id: expect.any(String),
      vercel_project_id: expect.stringMatching(/^prj_/),
      error_message: null,
    });
    const jobs = await company.database.sql(`select * from public.provisioning_jobs where request_id = '${REQUEST}'`);
    expect(jobs).toMatchObject([{ status: 'completed' }]);
  });
});

describe('no secret', () => {
  it('stands in anything that anybody but the owner can see', async () => {
    const files = await hosted.room.files();
    const texts = await Promise.all(files.map((file) => hosted.room.read(file)));
    const uid = /uid: "?([a-z0-9]{8})/.exec(texts.find((text) => text?.includes('acme-studio')) ?? '')?.[1] ?? '';
    expect(uid).not.toBe('');
    const password = keyring(new Secret(PROVISIONER_SECRET)).password(`owner:${uid}:1`).reveal();
    const secrets = { ...hosted.secrets, password };
    const seen = {
      jobs: ran.map(({ log, summary, outputs }) => [log, summary, outputs]),
      // Every comment, check, issue, pull request, deployment and label, with what it said before it was changed.
      forge: hosted.cloud.forge.events().map(({ payload }) => payload),
      commits: (await hosted.room.log()).map(({ message }) => message),
      texts,
      rows: await company.database.sql('select * from public.agency_onboarding_requests'),
      work: await company.database.sql('select * from public.provisioning_jobs'),
    };
    expect(seen.forge.length).toBeGreaterThan(20);
    for (const [where, what] of Object.entries(seen)) expect(leaks(JSON.stringify(what), secrets), where).toEqual([]);
    const { mails } = await hosted.state();
    expect(mails).toHaveLength(1);
  });
});
