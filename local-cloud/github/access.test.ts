import { getOctokit } from '@actions/github';
import { App, Octokit } from 'octokit';
import { describe, expect, test } from 'vitest';
import { aCloud, ManualClock, temporaryFolder } from '../testing.ts';
import {
  aForge,
  CONTROL_ROOM,
  octokitFor,
  octokitOptions,
  openForge,
  owner,
  refusal,
  repo,
  rigOf,
  seedFiles,
  TOKEN,
} from './testing.ts';

describe('who may do what', () => {
  test('no token sees a public repository and changes nothing; a private one is not there', async () => {
    const open = await aForge({ private: false });
    const ask = (rig: typeof open, method: string, path: string, body?: unknown) => {
      const request = new Request(`${rig.forge.apiUrl}/repos/${CONTROL_ROOM}${path}`, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return rig.forge.fetch(request).then(({ status }) => status);
    };
    expect(await ask(open, 'GET', '/commits/main')).toBe(200);
    expect(await ask(open, 'POST', '/issues', { title: 'x' })).toBe(401);
    expect(await ask(await aForge(), 'GET', '/commits/main')).toBe(404);
  });

  test('a wrong token, a wrong scheme and an expired token are bad credentials', async () => {
    const rig = await aForge();
    const lasting = rig.forge.token({ as: 'actions', lifetimeMs: 1_000 });
    expect(
      (await rig.call('GET', `/repos/${CONTROL_ROOM}`, undefined, { authorization: `token ${lasting}` })).status,
    ).toBe(200);
    rig.clock.advance(1_000);
    for (const authorization of [`token ${lasting}`, 'Bearer ghs_wrong', `Basic ${TOKEN}`]) {
      const response = await rig.call('GET', `/repos/${CONTROL_ROOM}`, undefined, { authorization });
      expect(response.status, authorization).toBe(401);
      expect(await response.json()).toMatchObject({ message: 'Bad credentials', status: '401' });
    }
  });

  test('a job’s token does what its permissions say', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit({ as: 'actions', permissions: { contents: 'read', pull_requests: 'write' } });
    await rig.room.push('x', { x: '1' });
    const issue_number = await rig.room.openIssue({ title: 'Talk' });
    const pull = await rest.pulls.create({ owner, repo, head: 'x', base: 'main', title: 'X' });
    await rest.issues.createComment({ owner, repo, issue_number: pull.data.number, body: 'on a pull request' });
    const sha = String(await rig.room.head());
    const message = 'Resource not accessible by integration';
    for (const refused of [
      rest.git.createRef({ owner, repo, ref: 'refs/heads/y', sha }),
      rest.issues.createComment({ owner, repo, issue_number, body: 'on an issue' }),
      rest.checks.create({ owner, repo, name: 'plan', head_sha: sha }),
      rest.repos.createDispatchEvent({ owner, repo, event_type: 'e' }),
    ]) {
      expect(await refusal(refused)).toMatchObject({ status: 403, message });
    }
  });

  test('a token of one repository does not reach another', async () => {
    const rig = await aForge();
    await rig.forge.seed('example/other', { a: '1' });
    const { rest } = rig.octokit({ as: 'actions', repository: CONTROL_ROOM });
    expect((await rest.repos.get({ owner, repo })).data.full_name).toBe(CONTROL_ROOM);
    expect(await refusal(rest.repos.get({ owner, repo: 'other' }))).toMatchObject({ status: 404 });
  });

  test('people are themselves, bots are not users', async () => {
    const rig = await aForge();
    expect((await rig.octokit({ as: 'ops' }).rest.users.getAuthenticated()).data.login).toBe('ops');
    expect(await refusal(rig.octokit().rest.users.getAuthenticated())).toMatchObject({ status: 403 });
    const bot = await rig.octokit().rest.users.getByUsername({ username: 'github-actions[bot]' });
    expect(bot.data).toMatchObject({ id: 41_898_282, type: 'Bot' });
  });

  test('an App gets tokens by its key, for an hour', async () => {
    const rig = await aForge();
    const { id, privateKey, installationId } = rig.forge.app();
    const Own = Octokit.defaults(octokitOptions(rig.forge));
    const app = new App({ appId: id, privateKey, Octokit: Own });
    const octokit = await app.getInstallationOctokit(installationId);
    const { data } = await octokit.rest.issues.create({ owner, repo, title: 'by the App' });
    expect(data.user?.login).toBe('agency-provisioner[bot]');
    const scoped = await app.octokit.rest.apps.createInstallationAccessToken({
      installation_id: installationId,
      repositories: [repo],
      permissions: { contents: 'read' },
    });
    const { rest } = octokitFor(rig.forge, scoped.data.token);
    expect((await rest.repos.listBranches({ owner, repo })).data).toMatchObject([{ name: 'main', protected: false }]);
    expect(await refusal(rest.issues.create({ owner, repo, title: 'x' }))).toMatchObject({ status: 403 });
    const more = { installation_id: installationId, permissions: { administration: 'write' } } as const;
    expect(await refusal(app.octokit.rest.apps.createInstallationAccessToken(more))).toMatchObject({ status: 422 });
    const { data: installation } = await app.octokit.rest.apps.getRepoInstallation({ owner, repo });
    expect(installation.id).toBe(installationId);
    rig.clock.advance(3_600_000);
    expect(await refusal(octokit.rest.issues.create({ owner, repo, title: 'too late' }))).toMatchObject({
      status: 401,
    });
    const stranger = new App({ appId: 1, privateKey, Octokit: Own });
    await expect(
      stranger.getInstallationOctokit(installationId).then((one) => one.rest.repos.get({ owner, repo })),
    ).rejects.toThrow();
  });
});

describe('how it answers', () => {
  test('unknown routes are 501, wrong bodies 422, broken JSON 400', async () => {
    const rig = await aForge();
    const at = `/repos/${CONTROL_ROOM}`;
    for (const path of ['/graphql', `${at}/hooks`, `${at}/actions/secrets/public-key`]) {
      expect((await rig.call('POST', path, {})).status, path).toBe(501);
    }
    const unknown = await rig.call('POST', `${at}/issues`, { title: 'x', milestones: 1 });
    expect(unknown.status).toBe(422);
    expect(await unknown.json()).toMatchObject({
      message: 'Invalid request.\n\n"milestones" is not a permitted key.',
      documentation_url: 'https://docs.github.com/rest',
    });
    const missing = await rig.call('POST', `${at}/pulls`, { title: 'x', base: 'main' });
    expect(await missing.json()).toMatchObject({ message: 'Invalid request.\n\n"head" wasn\'t supplied.' });
    const broken = await rig.call('POST', `${at}/issues`, '{"title"');
    expect([broken.status, await broken.json()]).toMatchObject([400, { message: 'Problems parsing JSON' }]);
    expect((await rig.call('GET', `${at}/issues/%E0%A4%A`)).status).toBe(400);
  });

  test('every answer has an id and the limits; what did not change is 304', async () => {
    const rig = await aForge();
    const first = await rig.call('GET', `/repos/${CONTROL_ROOM}`);
    expect(first.headers.get('x-github-request-id')).toMatch(/^[0-9A-F]{24}$/);
    expect(first.headers.get('x-ratelimit-limit')).toBe('1000');
    expect(first.headers.get('x-ratelimit-remaining')).toBe('999');
    const etag = String(first.headers.get('etag'));
    const again = () => rig.call('GET', `/repos/${CONTROL_ROOM}/issues`, undefined, { 'if-none-match': etag });
    expect((await again()).status).toBe(200);
    const same = await rig.call('GET', `/repos/${CONTROL_ROOM}`, undefined, { 'if-none-match': etag });
    expect([same.status, await same.text()]).toEqual([304, '']);
  });

  test('octokit pages to the end of a list', async () => {
    const rig = await aForge();
    for (let at = 0; at < 7; at++) await rig.room.openIssue({ title: `issue ${at}` });
    const octokit = rig.octokit();
    const page = await octokit.rest.issues.listForRepo({ owner, repo, per_page: 3, page: 2 });
    expect(page.data).toHaveLength(3);
    for (const rel of ['prev', 'next', 'last', 'first']) expect(page.headers.link).toContain(`rel="${rel}"`);
    expect(await octokit.paginate(octokit.rest.issues.listForRepo, { owner, repo, per_page: 3 })).toHaveLength(7);
  });

  test('who asks too often is told when to come back', async () => {
    const rig = await aForge({ limits: true });
    const octokit = rig.octokit();
    const create = () => octokit.rest.repos.createDispatchEvent({ owner, repo, event_type: 'e' });
    for (let at = 0; at < 80; at++) await create();
    const response = await rig.call('POST', `/repos/${CONTROL_ROOM}/dispatches`, { event_type: 'e' });
    expect(response.status).toBe(403);
    expect(response.headers.get('retry-after')).toBe('60');
    expect(await response.json()).toMatchObject({ message: expect.stringContaining('secondary rate limit') });
    rig.clock.advance(60_000);
    expect((await create()).status).toBe(204);
  });
});

test('everything is there after a restart', async () => {
  const dir = await temporaryFolder();
  const clock = new ManualClock();
  const before = openForge(dir, clock);
  const room = await before.forge.seed(CONTROL_ROOM, seedFiles);
  const { privateKey } = before.forge.app();
  const token = before.forge.token({ as: 'ops' });
  await room.push('x', { x: '1' });
  const number = await room.openPullRequest({ head: 'x', title: 'X' });
  await rigOf(before).octokit().rest.issues.createComment({ owner, repo, issue_number: number, body: 'plan' });
  const saved: unknown = JSON.parse(JSON.stringify(before.save()));
  const events = before.forge.events();
  await before.close();

  const after = openForge(dir, clock, { saved });
  const { rest } = rigOf(after).octokit();
  expect((await rest.pulls.get({ owner, repo, pull_number: number })).data).toMatchObject({ title: 'X', comments: 1 });
  expect((await rest.pulls.merge({ owner, repo, pull_number: number })).data.merged).toBe(true);
  expect(after.forge.app().privateKey).toBe(privateKey);
  expect((await octokitFor(after.forge, token).rest.users.getAuthenticated()).data.login).toBe('ops');
  expect(after.forge.events().slice(0, events.length)).toEqual(events);
  expect(new Set(after.forge.events().map(({ id }) => id)).size).toBe(after.forge.events().length);
});

test('a pull request whose push was not saved any more catches up with its branch', async () => {
  const dir = await temporaryFolder();
  const before = openForge(dir, new ManualClock());
  const room = await before.forge.seed(CONTROL_ROOM, seedFiles);
  await room.push('x', { x: '1' });
  const pull_number = await room.openPullRequest({ head: 'x', title: 'X' });
  const saved: unknown = JSON.parse(JSON.stringify(before.save()));
  const sha = await room.push('x', { x: '2' });
  const { rest } = rigOf(openForge(dir, new ManualClock(), { saved })).octokit();
  expect((await rest.pulls.get({ owner, repo, pull_number })).data.head.sha).toBe(sha);
  expect((await rest.git.getRef({ owner, repo, ref: `pull/${pull_number}/head` })).data.object.sha).toBe(sha);
});

test('two forges that are treated alike are alike', async () => {
  const play = async () => {
    const rig = await aForge();
    await rig.room.push('x', { x: '1' });
    const number = await rig.room.openPullRequest({ head: 'x', title: 'X' });
    await rig.octokit().rest.pulls.merge({ owner, repo, pull_number: number });
    return JSON.stringify(rig.service.save());
  };
  expect(await play()).toBe(await play());
});

test('inside the cloud it is reached over HTTP by the runner’s own client, under the cloud’s faults and log', async () => {
  const dir = await temporaryFolder();
  const cloud = await aCloud({ dir });
  const { GITHUB_TOKEN = '', GITHUB_API_URL: baseUrl = '' } = cloud.environment();
  const room = await cloud.forge.seed(CONTROL_ROOM, seedFiles);
  const { rest } = getOctokit(GITHUB_TOKEN, { baseUrl });
  await rest.repos.createDispatchEvent({ owner, repo, event_type: 'approved' });
  const { data } = await rest.repos.getContent({ owner, repo, path: 'agencies' });
  expect(data).toMatchObject([{ name: 'acme.yaml' }]);
  const requests = await (await cloud.fetch(new Request(`${cloud.origin}/_cloud/requests`))).json();
  expect(requests).toMatchObject([
    { service: 'github', method: 'POST', path: `/repos/${CONTROL_ROOM}/dispatches`, status: 204 },
    { service: 'github', method: 'GET', status: 200 },
  ]);
  const page = await fetch(`${cloud.origin}/github/${CONTROL_ROOM}`);
  expect(await page.text()).toContain('Begin');
  await cloud.close();
  const again = await aCloud({ dir });
  expect(await again.forge.repository(CONTROL_ROOM).head()).toBe(await room.head());
  expect(again.forge.events().at(-1)?.name).toBe('repository_dispatch');
});
