import { describe, expect, test } from 'vitest';
import { aControlForge } from '../../../tests/support/control-forge.ts';
import { ProviderError, WaitingError } from '../engine/errors.ts';
import type { Event, Stamped } from '../engine/events.ts';
import { forgeOf } from '../forge/connect.ts';
import type { AgencyReport, RunReport } from '../outcome.ts';
import type { Followed } from '../ports.ts';
import type { Mail } from '../providers/resend/client.ts';
import { adminMail } from './admin-mail.ts';
import { deploymentRecords } from './deployment-records.ts';
import { driftIssue } from './drift-issue.ts';
import { type Failure, failureIssues, type Known } from './failure-issues.ts';
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
  return { slug, uid: `uid-${slug}`, file: `agencies/${slug}.yaml`, requestId: undefined, before: undefined };
};
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
  async function aReporter(known: readonly Known[] = []) {
    const stage = await aStage();
    const told: string[] = [];
    const mail = async ({ key }: Failure) => void told.push(`${key} after ${(await stage.openIssues()).length} issues`);
    const run = async (agencies: readonly Followed[], ended: RunReport) => {
      const { forge, emit } = stage;
      const follower = failureIssues({ issues: forge.issues, emit, runUrl: RUN, known: () => known, mail });
      await follower.begin(agencies);
      await follower.end(ended);
    };
    return { ...stage, told, run };
  }

  test('tell of each failure once, after the admins were', async () => {
    const { run, told, openIssues } = await aReporter([{ uid: 'uid-acme', isWell: false }]);
    for (let time = 0; time < 2; time += 1) await run([followed('acme')], report(failed('acme', trouble(HOSTILE))));
    expect(told).toEqual(['agency/uid-acme after 0 issues']);
    const [issue, ...others] = await openIssues();
    expect(others).toEqual([]);
    expect(issue?.body).not.toMatch(/<script|!\[x\]|\$\{\{/);
  });

  test('are closed by a run that finds the agency well, by one that left it alone as it is well, and when it is gone', async () => {
    const wellLater: Known[] = [{ uid: 'uid-well', isWell: true }];
    const { run, openIssues } = await aReporter(wellLater);
    const all = ['done', 'well', 'gone'].map(followed);
    await run(all, report(...all.map(({ slug }) => failed(slug))));
    expect(await openIssues()).toHaveLength(3);
    await run([followed('done')], report(done('done')));
    expect(await openIssues()).toEqual([]);
  });

  test('stay open while nobody has looked, or the run itself failed', async () => {
    const { run, openIssues } = await aReporter([{ uid: 'uid-acme', isWell: false }]);
    await run([followed('acme')], report(failed('acme')));
    await run([], report());
    await run([], { result: 'failed', agencies: [], error: trouble('the token is wrong') });
    expect((await openIssues()).map(({ title }) => title).sort()).toEqual([
      'The provisioner does not get to work',
      'acme failed',
    ]);
    await run([], report());
    expect((await openIssues()).map(({ title }) => title)).toEqual(['acme failed']);
  });

  test('are one when more than twenty fail, and none where it only takes time', async () => {
    const { run, told, openIssues } = await aReporter();
    const many = slugs(21);
    await run(many.map(followed), report(...many.map((slug) => failed(slug))));
    expect((await openIssues()).map(({ title }) => title)).toEqual(['21 agencies failed']);
    expect(told).toHaveLength(1);
    await run(many.map(followed), report(...many.map(done)));
    const waiting = new WaitingError('the build takes longer', 'Run again.');
    await run([followed('acme')], report({ slug: 'acme', why: 'due', result: 'waiting', error: waiting }));
    expect(await openIssues()).toEqual([]);
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

  test('are one for the fleet beyond twenty agencies', async () => {
    const stage = await aStage();
    await follow(stage, slugs(21));
    expect(await environments(stage)).toEqual(['fleet']);
  });
});

describe('drift', () => {
  const moved: AgencyReport = { slug: 'acme', why: 'settled', result: 'changes' };

  test('is one issue, closed once nothing moved and everything could be seen', async () => {
    const { forge, emit, openIssues } = await aStage();
    const follower = driftIssue({ issues: forge.issues, emit, runUrl: RUN });
    for (let time = 0; time < 2; time += 1) await follower.end(report(moved));
    expect((await openIssues()).map(({ title }) => title)).toEqual(['Drift: 1 agency moved at the vendors']);
    await follower.end(report(failed('acme')));
    expect(await openIssues()).toHaveLength(1);
    await follower.end(report(done('acme')));
    expect(await openIssues()).toEqual([]);
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
