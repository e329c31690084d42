import { describe, expect, test } from 'vitest';
import { aControlForge } from '../../../tests/support/control-forge.ts';
import { ProviderError, WaitingError } from '../engine/errors.ts';
import type { Event, Stamped } from '../engine/events.ts';
import { forgeOf } from '../forge/connect.ts';
import { Secret } from '../lib/secret.ts';
import type { AgencyReport, RunReport } from '../outcome.ts';
import type { Followed } from '../ports.ts';
import type { Mail } from '../providers/resend/client.ts';
import { adminMail } from './admin-mail.ts';
import { deploymentRecords } from './deployment-records.ts';
import { driftIssue } from './drift-issue.ts';
import { type Failure, type FailureIssuesOptions, failureIssues, type Known } from './failure-issues.ts';
import { githubProgress } from './github-progress.ts';

const RUN = 'https://github.test/example/control-room/actions/runs/1';
const HOSTILE = '<script>alert(1)</script> ![x](https://evil.example/x.png) @everybody `rm` $' + '{{ secrets.X }} |';

async function aStage() {
  const rig = await aControlForge();
  await rig.room.push('add', { 'agencies/beta.yaml': 'spec: {}\n' });
  const pull = await rig.room.openPullRequest({ head: 'add', title: 'Add' });
  const forge = forgeOf(rig.repository, rig.forge.serverUrl);
  const notices: string[] = [];
  const emit = (event: Event) => {
    if (event.type === 'notice') notices.push(event.message);
  };
  const [owner = '', repo = ''] = rig.room.name.split('/');
  const { rest } = rig.octokit();
  const at = { owner, repo };
  const comments = async (issue_number: number) =>
    (await rest.issues.listComments({ ...at, issue_number })).data.map(({ body = '' }) => body);
  const openIssues = async () => (await rest.issues.listForRepo({ ...at, labels: 'provisioner' })).data;
  return { ...rig, forge, pull, notices, emit, rest, at, comments, openIssues, sha: (await rig.room.head()) ?? '' };
}

const stamped = (event: Event): Stamped => ({ v: 1, at: '2026-11-25T10:00:05Z', ...event });
const followed = (slug: string): Followed => {
  const file = `agencies/${slug}.yaml`;
  return { slug, uid: `uid-${slug}`, file, requestId: undefined, lifecycle: 'active', before: undefined };
};
const known = (slug: string, isWell: boolean): Known => ({ slug, uid: `uid-${slug}`, isWell });
const trouble = (message = 'it broke') =>
  new ProviderError(
    { vendor: 'vercel', operation: 'deploy', transient: false, ambiguous: false },
    message,
    'Mend it, and run again.',
  );
const failed = (slug: string, error = trouble()): AgencyReport => ({ slug, why: 'due', result: 'failed', error });
const done = (slug: string): AgencyReport => ({ slug, why: 'due', result: 'done', url: `https://${slug}.test` });
const report = (...agencies: AgencyReport[]): RunReport => ({
  result: agencies.some(({ result }) => result === 'failed') ? 'failed' : 'done',
  agencies,
});
const slugs = (number: number) => Array.from({ length: number }, (_, at) => `agency-${at}`);

describe('progress on the pull request', () => {
  test('moves with the run, at most every ten seconds, and ends with cause and remedy', async () => {
    const { forge, pull, sha, clock, emit, comments, rest, at, sent } = await aStage();
    const follower = githubProgress({ ...forge, clock, emit, pull, sha, runUrl: RUN });
    await follower.begin([followed('acme')]);
    for (let step = 0; step < 50; step += 1) {
      follower.event(stamped({ type: 'started', agency: 'acme', address: `step.${step}`, action: 'create' }));
    }
    follower.event(
      stamped({ type: 'outcome', agency: 'acme', address: 'vercel.project', outcome: 'created', ms: 3_000 }),
    );
    follower.event(
      stamped({
        type: 'agency',
        agency: 'acme',
        result: 'failed',
        message: 'x',
        error: { class: 'provider', message: HOSTILE, remedy: 'Mend it.' },
      }),
    );
    await follower.end(report(failed('acme')));
    const [comment = '', ...others] = await comments(pull);
    expect(others).toEqual([]);
    expect(comment.split('\n')[1]).toMatch(/^### Failed.*Next&#58; Mend it&#46;$/);
    expect(comment).toContain('section acme');
    expect(comment).not.toMatch(/<script|!\[x\]|\$\{\{|(?<![\w;&-])@everybody/);
    const edits = sent.filter((one) => one.includes('/issues/comments') || one.endsWith(`/issues/${pull}/comments`));
    expect(edits.filter((one) => !one.startsWith('GET')).length).toBeLessThanOrEqual(3);
    const { data } = await rest.checks.listForRef({ ...at, ref: sha });
    expect(data.check_runs.map((run) => [run.conclusion, run.output.title])).toEqual([
      ['failure', expect.stringMatching(/^Failed: acme: .* Next: Mend it\.$/)],
    ]);
  });

  test('says nothing of a run that found nothing to do', async () => {
    const { forge, pull, sha, clock, emit, comments } = await aStage();
    const follower = githubProgress({ ...forge, clock, emit, pull, sha, runUrl: RUN });
    await follower.begin([]);
    await follower.end(report());
    expect(await comments(pull)).toEqual([]);
  });

  test('of an attempt that died without its last word is ended by the next one, and nothing else is', async () => {
    const { forge, pull, sha, clock, emit, comments, rest, at } = await aStage();
    const about = { ...forge, clock, emit, pull, sha, runUrl: RUN };
    const dying = githubProgress(about);
    await dying.begin([followed('acme')]);
    const checks = async () => (await rest.checks.listForRef({ ...at, ref: sha })).data.check_runs.length;
    const said = async () => [(await comments(pull)).length, await checks()];
    await expect.poll(said, { timeout: 20_000 }).toEqual([1, 1]);
    const next = async () => {
      const follower = githubProgress(about);
      await follower.begin([]);
      await follower.end(report());
    };
    await next();
    const [ended] = await comments(pull);
    expect(ended).toContain('Done: nothing is left to do');
    const { data } = await rest.checks.listForRef({ ...at, ref: sha });
    expect(data.check_runs.map(({ conclusion }) => conclusion)).toEqual(['success']);
    await forge.comments.ensure(pull, '<!-- agency-provisioner apply -->', '### Done: 2 agencies');
    await next();
    expect((await comments(pull))[0]).toContain('Done: 2 agencies');
  });

  test('that cannot be told is a notice, and no more', async () => {
    const { another, clock, notices, emit, pull, sha } = await aStage();
    const mute = forgeOf(another({ as: 'actions', permissions: { contents: 'read' } }), 'https://github.test');
    const follower = githubProgress({ ...mute, clock, emit, pull, sha, runUrl: RUN });
    await follower.begin([followed('acme')]);
    await follower.end(report(done('acme')));
    expect(notices.join()).toContain('the pull request was not told');
  });
});

describe('issues', () => {
  async function aReporter(all: readonly Known[] = []) {
    const stage = await aStage();
    const told: string[] = [];
    const mail = async ({ key }: Failure) => void told.push(`${key} after ${(await stage.openIssues()).length} issues`);
    const { issues } = stage.forge;
    const run = async (ended: RunReport, more: Partial<FailureIssuesOptions> = {}) => {
      const follower = failureIssues({ issues, emit: stage.emit, runUrl: RUN, known: () => all, mail, ...more });
      await follower.begin(ended.agencies.map(({ slug }) => followed(slug)));
      await follower.end(ended);
    };
    const titles = async () => (await stage.openIssues()).map(({ title }) => title).sort();
    return { ...stage, told, run, titles };
  }

  test('tell of each failure once, after the admins were', async () => {
    const { run, told, openIssues } = await aReporter([known('acme', false)]);
    for (let time = 0; time < 2; time += 1) await run(report(failed('acme', trouble(HOSTILE))));
    expect(told).toEqual(['agency/uid-acme after 0 issues']);
    const [issue, ...others] = await openIssues();
    expect(others).toEqual([]);
    expect(issue?.body).not.toMatch(/<script|!\[x\]|\$\{\{/);
  });

  test('are closed by a run that finds the agency well, by one that left it alone as it is well, and when it is gone', async () => {
    const { run, openIssues } = await aReporter([known('done', false), known('well', true)]);
    await run(report(...['done', 'well', 'gone'].map((slug) => failed(slug))));
    expect(await openIssues()).toHaveLength(3);
    await run(report(done('done')));
    expect(await openIssues()).toEqual([]);
  });

  test('stay open while nobody has looked, or the run itself failed', async () => {
    const { run, openIssues } = await aReporter([known('acme', false)]);
    await run(report(failed('acme')));
    await run(report());
    await run({ result: 'failed', agencies: [], error: trouble('the token is wrong') });
    expect((await openIssues()).map(({ title }) => title).sort()).toEqual([
      'The provisioner does not get to work',
      'acme failed',
    ]);
    await run(report());
    expect((await openIssues()).map(({ title }) => title)).toEqual(['acme failed']);
  });

  test('are one when more than twenty fail, and none where it only takes time', async () => {
    const { run, told, openIssues } = await aReporter();
    const many = slugs(21);
    await run(report(...many.map((slug) => failed(slug))));
    expect((await openIssues()).map(({ title }) => title)).toEqual(['21 agencies failed']);
    expect(told).toHaveLength(1);
    await run(report(...many.map(done)));
    const waiting = new WaitingError('the build takes longer', 'Run again.');
    await run(report({ slug: 'acme', why: 'due', result: 'waiting', error: waiting }));
    expect(await openIssues()).toEqual([]);
  });

  test('of others stay as they are when a run was over some agencies only', async () => {
    const many = slugs(21);
    const all = [...many.map((slug) => known(slug, false)), known('other', true), known('broken', false)];
    const { run, titles } = await aReporter(all);
    await run(report(...many.map((slug) => failed(slug))));
    await run(report(failed('broken')));
    await run(report(done('other')));
    expect(await titles()).toEqual(['21 agencies failed', 'broken failed']);
    await run(report(...many.map((slug) => (slug === 'agency-3' ? failed(slug) : done(slug))), failed('broken')));
    expect(await titles()).toEqual(['agency-3 failed', 'broken failed']);
  });

  test('are one of an agency, whether its manifest is the trouble or its app', async () => {
    const { run, titles, openIssues } = await aReporter([known('acme', false)]);
    await run(report(failed('acme')));
    const { error: _, ...broken } = failed('acme');
    await run(report(broken));
    expect(await titles()).toEqual(['acme failed']);
    expect((await openIssues())[0]?.body).toContain('its manifest has problems');
  });

  test('say whom the admins were not told of, and the next run tells them', async () => {
    const { run, told, notices, titles } = await aReporter([known('acme', false)]);
    const mail = async () => Promise.reject(trouble('the mails are down'));
    await run(report(failed('acme')), { mail });
    expect(await titles()).toEqual(['acme failed']);
    expect(notices).toEqual(['the admins were not mailed: the mails are down']);
    for (let time = 0; time < 2; time += 1) await run(report(failed('acme')));
    expect(told).toEqual(['agency/uid-acme after 1 issues']);
  });

  test('that cannot be opened keep no other from being opened', async () => {
    const { run, forge, notices, titles } = await aReporter(['acme', 'beta'].map((slug) => known(slug, false)));
    const { issues } = forge;
    const ensure: typeof issues.ensure = async (issue) =>
      issue.title.startsWith('acme') ? Promise.reject(trouble('GitHub says no')) : issues.ensure(issue);
    await run(report(failed('acme'), failed('beta')), { issues: { ...issues, ensure } });
    expect(await titles()).toEqual(['beta failed']);
    expect(notices).toEqual(['the issue about acme failed was not kept: GitHub says no']);
  });
});

describe('deployment records', () => {
  const environments = async ({ rest, at }: Awaited<ReturnType<typeof aStage>>) =>
    (await rest.repos.listDeployments(at)).data.map(({ environment }) => environment).sort();

  async function follow(
    stage: Awaited<ReturnType<typeof aStage>>,
    all: readonly string[],
    untouched: readonly string[] = [],
  ) {
    const { forge, emit, sha } = stage;
    const follower = deploymentRecords({ deployments: forge.deployments, emit, ref: sha, runUrl: RUN });
    await follower.begin([...all, ...untouched].map(followed));
    for (const agency of all) follower.event(stamped({ type: 'started', agency, address: 'a', action: 'create' }));
    await follower.end(report(...[...all, ...untouched].map(done)));
  }

  test('are one for each agency that something was done for', async () => {
    const stage = await aStage();
    await follow(stage, ['acme', 'beta'], ['left-alone']);
    expect(await environments(stage)).toEqual(['agency/acme', 'agency/beta']);
  });

  test('of an attempt that died are ended by the next one, as it finds the agencies', async () => {
    const stage = await aStage();
    const { forge, emit, sha, rest, at } = stage;
    const ends = async () => {
      const { data } = await rest.repos.listDeployments(at);
      const all = data.map(async ({ id, environment }) => {
        const { data: told } = await rest.repos.listDeploymentStatuses({ ...at, deployment_id: id });
        return [environment, told[0]?.state, told[0]?.environment_url];
      });
      return (await Promise.all(all)).sort();
    };
    const about = { deployments: forge.deployments, emit, ref: sha, runUrl: RUN };
    const dying = deploymentRecords(about);
    const all = ['well', 'unwell', 'again'];
    await dying.begin(all.map(followed));
    for (const agency of all) dying.event(stamped({ type: 'started', agency, address: 'a', action: 'create' }));
    const underWay = async () => (await ends()).filter(([, state]) => state === 'in_progress');
    await expect.poll(underWay, { timeout: 20_000 }).toHaveLength(3);
    const other = deploymentRecords({ ...about, runUrl: `${RUN}1`, earlier: () => [] });
    await other.end(report());
    const well = { slug: 'well', isWell: true, url: 'https://well.test' };
    const next = deploymentRecords({ ...about, earlier: () => [well, { slug: 'unwell', isWell: false }] });
    await next.begin([followed('again')]);
    await next.end(report(failed('again')));
    expect(await ends()).toEqual([
      ['agency/again', 'failure', ''],
      ['agency/unwell', 'failure', ''],
      ['agency/well', 'success', 'https://well.test'],
    ]);
    expect(stage.notices).toEqual([]);
  });

  test('that cannot be looked at are a notice, and no more', async () => {
    const { forge, emit, sha, notices } = await aStage();
    const deployments = { ...forge.deployments, underWay: () => Promise.reject(trouble('GitHub is down')) };
    const earlier = () => [{ slug: 'acme', isWell: true }];
    await deploymentRecords({ deployments, emit, ref: sha, runUrl: RUN, earlier }).end(report());
    expect(notices).toEqual(['the deployment records were not looked at: GitHub is down']);
  });

  test('of an attempt over a fleet are ended by how all are, and by nobody who has not read the control room', async () => {
    const stage = await aStage();
    const { forge, emit, sha, rest, at } = stage;
    const about = { deployments: forge.deployments, emit, ref: sha, runUrl: RUN };
    const stateNow = async () => {
      const [record] = (await rest.repos.listDeployments({ ...at, environment: 'fleet' })).data;
      return (await rest.repos.listDeploymentStatuses({ ...at, deployment_id: record?.id ?? 0 })).data[0]?.state;
    };
    const dying = deploymentRecords(about);
    await dying.begin(slugs(21).map(followed));
    dying.event(stamped({ type: 'started', agency: 'agency-1', address: 'a', action: 'create' }));
    await expect.poll(stateNow, { timeout: 20_000 }).toBe('in_progress');
    await deploymentRecords({ ...about, earlier: () => [] }).end({ ...report(), result: 'failed', error: trouble() });
    expect(await stateNow()).toBe('in_progress');
    const well = slugs(21).map((slug) => ({ slug, isWell: true }));
    await deploymentRecords({ ...about, earlier: () => well }).end(report());
    expect(await stateNow()).toBe('success');
  });

  test('are one for the fleet beyond twenty agencies', async () => {
    const stage = await aStage();
    await follow(stage, slugs(21));
    expect(await environments(stage)).toEqual(['fleet']);
  });
});

describe('drift', () => {
  const moved: AgencyReport = { slug: 'acme', why: 'settled', result: 'changes' };

  async function aWatch(...agencies: readonly string[]) {
    const { forge, emit, openIssues } = await aStage();
    const follower = driftIssue({ issues: forge.issues, emit, runUrl: RUN, known: () => new Set(agencies) });
    const titles = async () => (await openIssues()).map(({ title }) => title);
    return { end: follower.end, openIssues, titles };
  }

  test('is one issue, closed once nothing moved and everything could be seen', async () => {
    const { end, titles } = await aWatch('acme');
    for (let time = 0; time < 2; time += 1) await end(report(moved));
    expect(await titles()).toEqual(['Drift: 1 agency moved at the vendors']);
    await end(report(failed('acme')));
    expect(await titles()).toHaveLength(1);
    await end(report(done('acme')));
    expect(await titles()).toEqual([]);
  });

  test('stays open over an agency that could not be looked at because it is due', async () => {
    const { end, titles, openIssues } = await aWatch('acme', 'beta');
    await end(report(moved));
    await end(report());
    await end(report(done('beta')));
    expect(await titles()).toHaveLength(1);
    await end(report({ ...moved, slug: 'beta' }));
    expect((await openIssues())[0]?.body).toContain('not looked at this time because they are due: acme.');
    await end(report(done('beta')));
    expect(await titles()).toHaveLength(1);
    await end(report(done('acme'), done('beta')));
    expect(await titles()).toEqual([]);
  });

  test('is over for an agency that is gone, and shows no secret that stands at a vendor', async () => {
    const { end, titles, openIssues } = await aWatch('other');
    const secret = new Secret('the-vendor-shows-this-secret');
    const change = { address: 'supabase.auth', kind: 'supabase.auth', action: 'update', danger: 'none' } as const;
    const differences = [{ path: 'site_url', before: secret.reveal(), after: 'https://acme.test' }];
    const changes = [{ ...change, differences, knownAfter: [], after: [] }];
    await end(report({ ...moved, plan: { version: 1, agency: 'acme', targetDigest: 'sha256:0', changes } }));
    expect((await openIssues())[0]?.body).toContain('***');
    expect((await openIssues())[0]?.body).not.toContain(secret.reveal());
    await end(report());
    expect(await titles()).toEqual([]);
  });
});

describe('mail to the admins', () => {
  const failure: Failure = { key: 'agency/1', title: 'acme failed', cause: HOSTILE, remedy: 'Mend it.' };

  test('is the same for the same failure, under the same key, and escaped', async () => {
    const sent: { mail: Mail; key: string }[] = [];
    const send = async (mail: Mail, key: string) => {
      sent.push({ mail, key });
      return 'id';
    };
    const about = { resend: { send }, from: 'a@b.example', support: 'help@b.example', runUrl: RUN };
    const tell = adminMail({ ...about, admins: ['one@company.example', 'two@company.example'] });
    await tell(failure);
    await tell(failure);
    await tell({ ...failure, cause: 'another' });
    expect(sent.map(({ mail }) => mail.to)).toEqual(
      ['one', 'two', 'one', 'two', 'one', 'two'].map((name) => `${name}@company.example`),
    );
    expect(new Set(sent.map(({ key }) => key)).size).toBe(4);
    expect(sent[0]?.mail.html).not.toMatch(/<script|<img/);
  });
});
