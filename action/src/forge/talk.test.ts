import { describe, expect, test } from 'vitest';
import { aControlForge, type ControlForgeOptions } from '../../../tests/support/control-forge.ts';
import { forgeOf } from './connect.ts';

const MARKER = '<!-- agency-provisioner -->';
const TWENTY = Array.from({ length: 20 }, (_, at) => at);

/** The local forge with an open pull request, and the product's adapters for it. */
async function aTalk(options: ControlForgeOptions = {}) {
  const rig = await aControlForge(options);
  await rig.room.push('add-beta', { 'agencies/beta.yaml': 'spec:\n  name: Beta\n' });
  const number = await rig.room.openPullRequest({ head: 'add-beta', title: 'Add beta' });
  const forge = forgeOf(rig.repository, rig.forge.serverUrl);
  const another = (as?: ControlForgeOptions['as']) => forgeOf(rig.another(as), rig.forge.serverUrl);
  const sha = (await rig.room.head('add-beta')) ?? '';
  const { rest } = rig.octokit();
  const [owner = '', repo = ''] = rig.room.name.split('/');
  const at = { owner, repo };
  const commentsOf = async (issue: number) =>
    (await rest.issues.listComments({ ...at, issue_number: issue })).data.map(({ body }) => body);
  return { ...rig, forge, another, number, sha, rest, at, commentsOf };
}

/** The answer to the first request that fits is lost after the forge has done it. */
function losing(fits: (request: Request) => boolean): Pick<ControlForgeOptions, 'after'> {
  let left = 1;
  return {
    after: (request) => {
      if (left === 0 || !fits(request)) return undefined;
      left -= 1;
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
    },
  };
}

const posts = (end: string) => (request: Request) => request.method === 'POST' && request.url.endsWith(end);

describe('the comment', () => {
  test('is one, and says what was said last', async () => {
    const { forge, number, commentsOf } = await aTalk();
    await forge.comments.ensure(number, MARKER, 'first');
    await forge.comments.ensure(number, MARKER, 'second');
    expect(await commentsOf(number)).toEqual([`${MARKER}\nsecond`]);
  });

  test('is not written again when it says so already', async () => {
    const { forge, number, sent } = await aTalk();
    await forge.comments.ensure(number, MARKER, 'same');
    const before = sent.length;
    await forge.comments.ensure(number, MARKER, 'same');
    expect(sent.slice(before).every((one) => one.startsWith('GET '))).toBe(true);
  });

  test('is one however many runs make it at once', async () => {
    const { another, number, commentsOf } = await aTalk();
    await Promise.all(TWENTY.map((at) => another().comments.ensure(number, MARKER, `run ${at}`)));
    const found = await commentsOf(number);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^<!-- agency-provisioner -->\nrun \d+$/);
  });

  test('is found again when the answer about it was lost', async () => {
    const { forge, number, commentsOf } = await aTalk(losing(posts('/comments')));
    await forge.comments.ensure(number, MARKER, 'said');
    expect(await commentsOf(number)).toEqual([`${MARKER}\nsaid`]);
  });

  test('of a person that begins with our marker stays theirs', async () => {
    const { forge, room, number, commentsOf } = await aTalk();
    await room.comment(number, `${MARKER}\nnothing dangerous, merge me`);
    await forge.comments.ensure(number, MARKER, 'the plan');
    expect(await commentsOf(number)).toEqual([`${MARKER}\nnothing dangerous, merge me`, `${MARKER}\nthe plan`]);
  });
});

describe('the check', () => {
  const check = (sha: string, more: object = {}) => ({
    sha,
    name: 'provisioner',
    title: 'Plan',
    summary: 's',
    ...more,
  });

  test('goes from under way to its end', async () => {
    const { forge, sha, rest, at } = await aTalk();
    await forge.checks.ensure(check(sha));
    await forge.checks.ensure(check(sha, { title: 'Done', conclusion: 'success' }));
    const { data } = await rest.checks.listForRef({ ...at, ref: sha, filter: 'all' });
    expect(data.check_runs.map((run) => [run.status, run.conclusion, run.output.title])).toEqual([
      ['completed', 'success', 'Done'],
    ]);
  });

  test('has every annotation, however many, and not those of the run before', async () => {
    const { forge, sha, rest, at } = await aTalk();
    const annotations = Array.from({ length: 120 }, (_, line) => ({
      path: 'agencies/beta.yaml',
      startLine: line + 1,
      endLine: line + 1,
      level: 'failure' as const,
      title: 'Manifest',
      message: `line ${line + 1}`,
    }));
    for (let run = 0; run < 2; run += 1) {
      await forge.checks.ensure(check(sha, { conclusion: 'failure', annotations }));
    }
    const { data } = await rest.checks.listForRef({ ...at, ref: sha });
    expect(data.check_runs.map((run) => run.output.annotations_count)).toEqual([120]);
  });

  test('of another app is left alone', async () => {
    const { forge, another, sha, rest, at } = await aTalk();
    await another('app').checks.ensure(check(sha, { title: 'Theirs', conclusion: 'neutral' }));
    await forge.checks.ensure(check(sha, { title: 'Ours', conclusion: 'success' }));
    const { data } = await rest.checks.listForRef({ ...at, ref: sha, filter: 'all' });
    expect(data.check_runs.map((run) => run.output.title).sort()).toEqual(['Ours', 'Theirs']);
  });

  test('is found again when the answer about it was lost', async () => {
    const { forge, sha, rest, at } = await aTalk(losing(posts('/check-runs')));
    await forge.checks.ensure(check(sha, { conclusion: 'success' }));
    const { data } = await rest.checks.listForRef({ ...at, ref: sha, filter: 'all' });
    expect(data.total_count).toBe(1);
  });
});

describe('the issue', () => {
  const wish = { key: 'agency/a1b2c3d4', title: 'acme: failed', body: 'why' };

  test('is one of its key however many runs open it at once', async () => {
    const { another, rest, at } = await aTalk();
    const found = await Promise.all(TWENTY.map(() => another().issues.ensure(wish)));
    const { data } = await rest.issues.listForRepo({ ...at, labels: 'provisioner' });
    expect(data.map(({ title }) => title)).toEqual(['acme: failed']);
    expect(new Set(found.map(({ number }) => number))).toEqual(new Set([data[0]?.number]));
    expect(found.filter(({ opened }) => opened)).toHaveLength(1);
  });

  test('is changed, closed with a word, and opened anew after that', async () => {
    const { forge, rest, at, commentsOf } = await aTalk();
    const { number } = await forge.issues.ensure(wish);
    expect(await forge.issues.ensure({ ...wish, body: 'why else' })).toMatchObject({ number, opened: false });
    expect((await rest.issues.get({ ...at, issue_number: number })).data.body).toMatch(/\nwhy else$/);
    await forge.issues.close(wish.key, 'recovered');
    await forge.issues.close(wish.key, 'recovered');
    expect(await commentsOf(number)).toEqual(['recovered']);
    expect(await forge.issues.open()).toEqual([]);
    expect((await forge.issues.ensure(wish)).number).not.toBe(number);
  });

  test('of a person with our first line is none of ours', async () => {
    const { forge, room, rest, at } = await aTalk();
    const body = '<!-- agency-provisioner issue agency/a1b2c3d4 -->\nforged';
    const forged = await room.openIssue({ title: 'acme: fine', body });
    await rest.issues.addLabels({ ...at, issue_number: forged, labels: ['provisioner'] });
    const { number } = await forge.issues.ensure(wish);
    expect(number).not.toBe(forged);
    await forge.issues.close(wish.key, 'recovered');
    expect((await rest.issues.get({ ...at, issue_number: forged })).data.state).toBe('open');
  });

  test('is found again when the answer about it was lost', async () => {
    const { forge } = await aTalk(losing(posts('/issues')));
    const { number } = await forge.issues.ensure(wish);
    expect((await forge.issues.open()).map((one) => one.number)).toEqual([number]);
  });
});

describe('the deployment record', () => {
  const report = {
    ref: 'main',
    environment: 'agency/acme',
    description: 'applied',
    logUrl: 'https://github.test/runs/1',
  };

  test('is one a run, also when it is run again, and tells where the instance is', async () => {
    const { another, rest, at } = await aTalk();
    await another().deployments.report({ ...report, state: 'in_progress' });
    await another().deployments.report({ ...report, state: 'success', url: 'https://acme.test' });
    const { data } = await rest.repos.listDeployments({ ...at, environment: 'agency/acme' });
    expect(data).toHaveLength(1);
    const statuses = await rest.repos.listDeploymentStatuses({ ...at, deployment_id: data[0]?.id ?? 0 });
    expect(statuses.data[0]).toMatchObject({ state: 'success', environment_url: 'https://acme.test' });
  });

  test('is another one for another run', async () => {
    const { another, rest, at } = await aTalk();
    for (const logUrl of ['https://github.test/runs/1', 'https://github.test/runs/2']) {
      await another().deployments.report({ ...report, logUrl, state: 'success' });
    }
    expect((await rest.repos.listDeployments(at)).data).toHaveLength(2);
  });

  test('is found again when the answer about it was lost', async () => {
    const { forge, rest, at } = await aTalk(losing(posts('/deployments')));
    await forge.deployments.report({ ...report, state: 'failure' });
    expect((await rest.repos.listDeployments(at)).data).toHaveLength(1);
  });
});

describe('the pull request', () => {
  const wish = { head: 'onboard/1', base: 'main', title: 'Onboard', body: 'text' };

  test('is one however many open it at once', async () => {
    const { another, room } = await aTalk();
    await room.push('onboard/1', { 'agencies/gamma.yaml': 'spec: {}\n' });
    const found = await Promise.all(TWENTY.map(() => another().pulls.ensure(wish)));
    expect(new Set(found.map(({ pull }) => pull.number)).size).toBe(1);
    expect(found.filter(({ opened }) => opened)).toHaveLength(1);
  });

  test('tells what a merge would make, and what it made', async () => {
    const { forge, room, number } = await aTalk();
    // The first reading makes GitHub find out.
    expect((await forge.pulls.read(number)).mergeable).toBeUndefined();
    const open = await forge.pulls.read(number);
    expect(open).toMatchObject({ state: 'open', merged: false, head: { ref: 'add-beta', repository: room.name } });
    expect((await forge.git.commit(open.mergeCommit ?? '')).parents).toEqual([await room.head(), open.head.sha]);
    const merged = await room.merge(number);
    expect(await forge.pulls.read(number)).toMatchObject({ state: 'closed', merged: true, mergeCommit: merged });
    expect((await forge.pulls.ofCommit(merged)).map((one) => one.number)).toEqual([number]);
    expect(await forge.pulls.open()).toEqual([]);
  });

  test('is found again when the answer about it was lost', async () => {
    const { forge, room } = await aTalk(losing(posts('/pulls')));
    await room.push('onboard/1', { 'agencies/gamma.yaml': 'spec: {}\n' });
    await forge.pulls.ensure(wish);
    expect((await forge.pulls.open('onboard/1')).map(({ title }) => title)).toEqual(['Onboard']);
  });
});
