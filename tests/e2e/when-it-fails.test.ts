import { beforeAll, describe, expect, it, vi } from 'vitest';
import { octokitFor } from '../../local-cloud/github/testing.ts';
import type { JobRun } from '../../local-cloud/runner/runner.ts';
import { anAgency } from '../support/agency-manifest.ts';
import { aHostedCloud, type HostedCloud, NAME } from '../support/hosted-cloud.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const [owner = '', repo = ''] = NAME.split('/');
const good = anAgency('good-studio');
const bad = anAgency('bad-studio').with({}, { app: { ref: 'broken-build' } });
const ADMIN = 'admin@company.example';

let hosted: HostedCloud;
beforeAll(async () => {
  const mail = { from: 'Agency Platform <welcome@mail.example>', support: 'support@mail.example', admins: [ADMIN] };
  hosted = await aHostedCloud({ fleet: { mail } });
});

const rest = () => octokitFor(hosted.cloud.forge, hosted.cloud.forge.workflowToken).rest;
const issues = async (state: 'open' | 'closed') =>
  (await rest().issues.listForRepo({ owner, repo, state, labels: 'provisioner' })).data;
const mailsTo = async (address: string) =>
  (await hosted.state()).mails.filter((mail) => 'to' in mail && Array.isArray(mail.to) && mail.to.includes(address));

/** Merges it and applies: the job, the check on the merged commit, and the comment about it. */
async function merged(title: string, files: Readonly<Record<string, string>>) {
  const number = await hosted.propose(title, files);
  await hosted.runner.settle();
  const sha = await hosted.room.merge(number);
  const job = (await hosted.runner.settle()).find(({ workflow }) => workflow === 'apply');
  return { number, job, ...(await said(number, sha)) };
}

async function said(number: number, sha: string) {
  const { data } = await rest().checks.listForRef({ owner, repo, ref: sha, check_name: 'provisioner / apply' });
  const comments = await hosted.comments(number);
  return { check: data.check_runs[0], comment: comments.find((one) => one.includes('agency-provisioner apply')) ?? '' };
}

describe('an agency that fails', () => {
  let first: Awaited<ReturnType<typeof merged>>;

  it('makes the run red, with cause and remedy in the first line of check and comment', async () => {
    first = await merged('Add both', { [good.file]: good.text(), [bad.file]: bad.text() });
    const { job, check, comment } = first;
    expect(job?.code, job?.log).toBe(1);
    expect(check?.conclusion).toBe('failure');
    expect(check?.output.title).toMatch(/^Failed: bad-studio: .* Next: /);
    expect(comment.split('\n')[1]).toMatch(/^### Failed&#58; .* Next&#58; /);
    expect(comment).toContain('```mermaid\ngantt');
  });

  it('leaves the other one done and recorded', async () => {
    expect((await hosted.status(good))?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True' }),
    );
    expect((await hosted.status(bad))?.resources['supabase.project']?.id).toBeDefined();
  });

  it('has an issue of its own, and the admins a mail, one each', async () => {
    const [issue, ...others] = await issues('open');
    expect(others).toEqual([]);
    expect(issue).toMatchObject({ title: 'bad-studio failed' });
    expect(issue?.body).toContain('**What to do:**');
    expect(await mailsTo(ADMIN)).toHaveLength(1);
  });

  it('has the same issue, comment and mail after more runs', async () => {
    if (!first.job) throw new Error('it was not applied');
    let job: JobRun = first.job;
    for (let run = 0; run < 3; run += 1) job = await hosted.runner.rerun(job);
    expect(job.code).toBe(1);
    expect(await issues('open')).toHaveLength(1);
    expect(await mailsTo(ADMIN)).toHaveLength(1);
    expect(
      (await hosted.comments(first.number)).filter((one) => one.includes('agency-provisioner apply')),
    ).toHaveLength(1);
  });

  it('has deployment records that tell which one answers', async () => {
    const stateOf = async (slug: string) => {
      const { data } = await rest().repos.listDeployments({ owner, repo, environment: `agency/${slug}` });
      const { data: statuses } = await rest().repos.listDeploymentStatuses({
        owner,
        repo,
        deployment_id: data[0]?.id ?? 0,
      });
      return statuses[0];
    };
    expect(await stateOf(good.slug)).toMatchObject({
      state: 'success',
      environment_url: expect.stringMatching(/^http/),
    });
    expect(await stateOf(bad.slug)).toMatchObject({ state: 'failure' });
  });

  it('is looked at alone when that is asked for', async () => {
    const [again] = await hosted.runner.start('apply', { inputs: { failed: 'true' } });
    expect(again?.outputs.summary).toContain('bad-studio');
    expect(again?.log).not.toContain('good-studio');
  });

  it('has its issue closed by the run that finds it mended', async () => {
    const { job } = await merged('Mend bad', { [bad.file]: await mendedText() });
    expect(job?.code, job?.log).toBe(0);
    expect(await issues('open')).toEqual([]);
    const [closed] = await issues('closed');
    expect((await hosted.comments(closed?.number ?? 0)).join()).toContain('It is over');
  });
});

/** The manifest with its status as it is recorded. */
async function mendedText(): Promise<string> {
  const text = (await hosted.room.read(bad.file)) ?? '';
  return text.replace('broken-build', 'v1.4.0');
}

describe('what all agencies share', () => {
  const titles = async () => (await issues('open')).map(({ title }) => title);

  it('has an issue while fleet.yaml cannot be used, and no other issue is closed for it', async () => {
    const fleet = (await hosted.room.read('fleet.yaml')) ?? '';
    const broken = await merged('Break the fleet', { 'fleet.yaml': fleet.replace('spec:', 'spek:') });
    expect(broken.job?.code, broken.job?.log).toBe(1);
    expect(broken.check?.conclusion).toBe('failure');
    expect(broken.check?.output.title).toMatch(/^Failed: fleet\.yaml:\d+:\d+ .* Next: Mend it: /);
    expect(broken.comment).toContain('nothing is done for anybody');
    expect(await titles()).toEqual(['The provisioner does not get to work']);
    const again = broken.job && (await hosted.runner.rerun(broken.job));
    expect(again?.code).toBe(1);
    expect(await titles()).toEqual(['The provisioner does not get to work']);
    const { job } = await merged('Mend the fleet', { 'fleet.yaml': fleet });
    expect(job?.code, job?.log).toBe(0);
    expect(await titles()).toEqual([]);
  });

  it('has one, too, when a secret of the environment is missing', async () => {
    const { VERCEL_TOKEN, ...others } = hosted.secrets;
    const poor = hosted.runnerWith({ secrets: others });
    const [job] = await poor.start('apply', {});
    expect(job?.code, job?.log).toBe(1);
    expect(VERCEL_TOKEN && job?.log).toContain('VERCEL_TOKEN');
    expect(await titles()).toEqual(['The provisioner does not get to work']);
    await hosted.runner.start('apply', {});
    expect(await titles()).toEqual([]);
  });
});

describe('a reviewed plan that no longer fits', () => {
  it('does nothing dangerous, and the comment shows why', async () => {
    const id = (await hosted.status(good))?.resources['vercel.project']?.id ?? '';
    await protect(id);
    const text = (await hosted.room.read(good.file)) ?? '';
    const renamed = text.replace('The good-studio agency', 'Another good name');
    const { job, comment, check } = await merged('Rename good', { [good.file]: renamed });
    expect(job?.code, job?.log).toBe(1);
    expect(check?.conclusion).toBe('action_required');
    expect(comment).toContain('nobody agreed to this dangerous change&#58; lower&#45;protection vercel&#46;project');
    expect(comment).toContain('DANGEROUS');
    expect(await isProtected(id)).toBe(true);
  });
});

/** Somebody turns on Vercel's protection in its dashboard. */
async function protect(id: string): Promise<void> {
  const answer = await vercel(id, {
    method: 'PATCH',
    body: JSON.stringify({ ssoProtection: { deploymentType: 'all' } }),
  });
  expect(answer.status).toBe(200);
}

async function isProtected(id: string): Promise<boolean> {
  return ((await (await vercel(id)).json()) as { ssoProtection?: unknown }).ssoProtection !== null;
}

function vercel(id: string, init: RequestInit = {}): Promise<Response> {
  const { VERCEL_API_URL: url, VERCEL_TOKEN: token, VERCEL_TEAM_ID: team } = hosted.cloud.environment();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return fetch(`${url}/v9/projects/${id}?teamId=${team}`, { ...init, headers });
}
