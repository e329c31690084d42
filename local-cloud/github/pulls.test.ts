import { describe, expect, test } from 'vitest';
import { aForge, type ForgeRig, owner, refusal, repo } from './testing.ts';

const lines = (...changed: [number, string][]) =>
  Array.from({ length: 12 }, (_, at) => `${new Map(changed).get(at) ?? `line ${at}`}\n`).join('');

async function aPull(rig: ForgeRig, branch = 'new-agency'): Promise<number> {
  await rig.room.push(branch, { 'agencies/new.yaml': 'spec: {}\n' }, { by: 'ops' });
  return rig.room.openPullRequest({ head: branch, title: 'Add new', by: 'ops' });
}

describe('opening', () => {
  test('a branch with commits becomes a pull request that octokit can list, filter and read', async () => {
    const rig = await aForge();
    const octokit = rig.octokit();
    const head = await rig.room.push('intake/new', { 'agencies/new.yaml': 'a\n' });
    const wish = { owner, repo, head: 'intake/new', base: 'main', title: 'Add new', body: 'Please' };
    const { data, status } = await octokit.rest.pulls.create(wish);
    expect(status).toBe(201);
    expect(data).toMatchObject({
      number: 1,
      state: 'open',
      title: 'Add new',
      body: 'Please',
      user: { login: 'github-actions[bot]', type: 'Bot' },
      head: { ref: 'intake/new', sha: head, label: 'example:intake/new' },
      base: { ref: 'main', sha: await rig.room.head() },
      changed_files: 1,
      commits: 1,
      html_url: 'http://cloud.test/github/example/control-room/pull/1',
    });
    const found = await octokit.rest.pulls.list({ owner, repo, head: 'example:intake/new' });
    expect(found.data.map(({ number }) => number)).toEqual([1]);
    expect((await octokit.rest.pulls.list({ owner, repo, head: 'example:other' })).data).toEqual([]);
  });

  test('a second one for the same branches, none with nothing in it, none from or into nowhere', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    await aPull(rig);
    const wish = { owner, repo, head: 'new-agency', base: 'main', title: 'Again' };
    expect(await refusal(rest.pulls.create(wish))).toMatchObject({
      status: 422,
      message: 'Validation Failed',
      errors: [{ message: 'A pull request already exists for example:new-agency.' }],
    });
    await rest.git.createRef({ owner, repo, ref: 'refs/heads/same', sha: String(await rig.room.head()) });
    expect(await refusal(rest.pulls.create({ ...wish, head: 'same' }))).toMatchObject({
      status: 422,
      errors: [{ message: 'No commits between main and same' }],
    });
    expect(await refusal(rest.pulls.create({ ...wish, head: 'none' }))).toMatchObject({ errors: [{ field: 'head' }] });
    expect(await refusal(rest.pulls.create({ ...wish, base: 'none' }))).toMatchObject({ errors: [{ field: 'base' }] });
  });

  test('GITHUB_TOKEN opens none where the repository does not let it', async () => {
    const rig = await aForge({ actionsMayOpenPulls: false });
    await rig.room.push('x', { a: '1' });
    const wish = { owner, repo, head: 'x', base: 'main', title: 'X' };
    expect(await refusal(rig.octokit().rest.pulls.create(wish))).toMatchObject({
      status: 403,
      message: 'GitHub Actions is not permitted to create or approve pull requests.',
    });
    expect((await rig.octokit({ as: 'app' }).rest.pulls.create(wish)).status).toBe(201);
  });

  test('twenty at once for one branch make one', async () => {
    const rig = await aForge();
    await rig.room.push('x', { a: '1' });
    const { rest } = rig.octokit();
    const wish = { owner, repo, head: 'x', base: 'main', title: 'X' };
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => rest.pulls.create(wish)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await rest.pulls.list({ owner, repo, state: 'all' })).data).toHaveLength(1);
  });
});

describe('its content', () => {
  test('files come with status, counts and hunks, against where it left main', async () => {
    const rig = await aForge({ files: { kept: lines(), gone: 'x\n', old: lines([0, 'old']) } });
    await rig.room.push('x', { kept: lines([2, 'two']), gone: null, old: null, new: lines([0, 'old']), added: 'a\n' });
    const number = await rig.room.openPullRequest({ head: 'x', title: 'X' });
    await rig.room.push('main', { elsewhere: 'not of this pull request\n' });
    const { data } = await rig.octokit().rest.pulls.listFiles({ owner, repo, pull_number: number });
    expect(data.map(({ filename, status, additions, deletions }) => [filename, status, additions, deletions])).toEqual([
      ['added', 'added', 1, 0],
      ['gone', 'removed', 0, 1],
      ['kept', 'modified', 1, 1],
      ['new', 'renamed', 0, 0],
    ]);
    expect(data[2]?.patch).toContain('-line 2\n+two\n');
    expect(data[3]?.previous_filename).toBe('old');
  });

  test('head.sha follows pushes, and its commits are listed oldest first', async () => {
    const rig = await aForge();
    const number = await aPull(rig);
    const sha = await rig.room.push('new-agency', { 'agencies/new.yaml': 'changed\n' }, { message: 'second' });
    const { rest } = rig.octokit();
    const { data } = await rest.pulls.get({ owner, repo, pull_number: number });
    expect(data.head.sha).toBe(sha);
    const commits = await rest.pulls.listCommits({ owner, repo, pull_number: number });
    expect(commits.data.at(-1)).toMatchObject({ sha, commit: { message: 'second' } });
    const { data: ref } = await rest.git.getRef({ owner, repo, ref: `pull/${number}/head` });
    expect(ref.object.sha).toBe(sha);
  });

  test('mergeable is not known at first, then it is the truth, and it changes with main', async () => {
    const rig = await aForge();
    await rig.room.push('x', { 'agencies/acme.yaml': 'spec:\n  name: Branch\n' });
    const number = await rig.room.openPullRequest({ head: 'x', title: 'X' });
    const look = async () => (await rig.octokit().rest.pulls.get({ owner, repo, pull_number: number })).data.mergeable;
    expect([await look(), await look()]).toEqual([null, true]);
    await rig.room.push('main', { 'agencies/acme.yaml': 'spec:\n  name: Main\n' });
    expect([await look(), await look()]).toEqual([null, false]);
  });

  test('its merge on trial is made anew by a push, another merge base, or after twelve hours, and by nothing else', async () => {
    const rig = await aForge();
    const number = await aPull(rig);
    const { rest } = rig.octokit();
    const parents = async () => {
      const look = () => rest.pulls.get({ owner, repo, pull_number: number });
      await look();
      const { data } = await look();
      const commit_sha = String(data.merge_commit_sha);
      return (await rest.git.getCommit({ owner, repo, commit_sha })).data.parents.map(({ sha }) => sha);
    };
    const [old, head] = [await rig.room.head(), await rig.room.head('new-agency')];
    expect(await parents()).toEqual([old, head]);
    const landed = await rig.room.push('main', { elsewhere: 'not of this pull request\n' });
    expect(await parents()).toEqual([old, head]);
    rig.clock.advance(12 * 60 * 60_000);
    expect(await parents()).toEqual([landed, head]);
    const next = await rig.room.push('main', { elsewhere: 'again\n' });
    const pushed = await rig.room.push('new-agency', { more: '1' });
    expect(await parents()).toEqual([next, pushed]);
  });

  test('title, description and state can be changed; what was closed opens again', async () => {
    const rig = await aForge();
    const number = await aPull(rig);
    const { rest } = rig.octokit();
    const it = { owner, repo, pull_number: number };
    await rest.pulls.update({ ...it, title: 'Better', body: 'text', state: 'closed' });
    expect((await rest.pulls.list({ owner, repo })).data).toEqual([]);
    const sha = await rig.room.push('new-agency', { more: '1' });
    const { data } = await rest.pulls.update({ ...it, state: 'open' });
    expect(data).toMatchObject({ title: 'Better', body: 'text', state: 'open', closed_at: null, head: { sha } });
  });

  test('the pull requests of a commit are found by it, also when it was merged', async () => {
    const rig = await aForge();
    const number = await aPull(rig);
    const head = String(await rig.room.head('new-agency'));
    const { rest } = rig.octokit();
    const numbers = async (sha: string) =>
      (await rest.repos.listPullRequestsAssociatedWithCommit({ owner, repo, commit_sha: sha })).data.map(
        (one) => one.number,
      );
    expect(await numbers(head)).toEqual([number]);
    expect(await numbers('main')).toEqual([]);
    const merged = await rig.room.merge(number, { method: 'squash' });
    expect(await numbers(merged)).toEqual([number]);
  });
});

describe('merging', () => {
  test.each(['merge', 'squash', 'rebase'] as const)('by %s keeps what landed on main meanwhile', async (method) => {
    const rig = await aForge();
    const number = await aPull(rig);
    const landed = await rig.room.push('main', { 'agencies/landed.yaml': 'kept\n' });
    const { data } = await rig.octokit().rest.pulls.merge({ owner, repo, pull_number: number, merge_method: method });
    expect(data.merged).toBe(true);
    expect(await rig.room.head()).toBe(data.sha);
    expect(await rig.room.files()).toEqual([
      'agencies/acme.yaml',
      'agencies/landed.yaml',
      'agencies/new.yaml',
      'fleet.yaml',
    ]);
    const [tip] = await rig.room.log();
    expect(tip?.parents[0]).toBe(landed);
    expect(tip?.parents).toHaveLength(method === 'merge' ? 2 : 1);
    const pull = await rig.octokit().rest.pulls.get({ owner, repo, pull_number: number });
    expect(pull.data).toMatchObject({ merged: true, state: 'closed', merge_commit_sha: data.sha });
  });

  test('messages are GitHub’s, or the caller’s', async () => {
    const rig = await aForge();
    await rig.room.merge(await aPull(rig, 'a'), { by: 'ops' });
    expect((await rig.room.log())[0]).toMatchObject({
      message: 'Merge pull request #1 from example/a\n\nAdd new',
      committer: { name: 'GitHub', email: 'noreply@github.com' },
      author: { name: 'ops' },
    });
    await rig.room.push('b', { b: '1' });
    const number = await rig.room.openPullRequest({ head: 'b', title: 'B' });
    const wish = {
      owner,
      repo,
      pull_number: number,
      merge_method: 'squash',
      commit_title: 'T',
      commit_message: 'M',
    } as const;
    await rig.octokit().rest.pulls.merge(wish);
    expect((await rig.room.log())[0]?.message).toBe('T\n\nM');
  });

  test.each(['merge', 'squash', 'rebase'] as const)('by %s refuses conflicts and changes nothing', async (method) => {
    const rig = await aForge();
    await rig.room.push('x', { 'agencies/acme.yaml': 'spec:\n  name: Branch\n' });
    const number = await rig.room.openPullRequest({ head: 'x', title: 'X' });
    const main = await rig.room.push('main', { 'agencies/acme.yaml': 'spec:\n  name: Main\n' });
    const { rest } = rig.octokit();
    expect(await refusal(rest.pulls.merge({ owner, repo, pull_number: number, merge_method: method }))).toMatchObject({
      status: 405,
      message: 'Pull Request is not mergeable',
    });
    expect(await rig.room.head()).toBe(main);
    expect((await rest.pulls.get({ owner, repo, pull_number: number })).data.state).toBe('open');
  });

  test('a head that moved since it was looked at is not merged', async () => {
    const rig = await aForge();
    const number = await aPull(rig);
    const seen = String(await rig.room.head('new-agency'));
    await rig.room.push('new-agency', { sneaked: 'in' });
    const { rest } = rig.octokit();
    expect(await refusal(rest.pulls.merge({ owner, repo, pull_number: number, sha: seen }))).toMatchObject({
      status: 409,
      message: 'Head branch was modified. Review and try the merge again.',
    });
  });

  test('neither a closed one nor a draft is merged, nor one twice', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    const number = await aPull(rig);
    await rig.room.merge(number);
    expect(await refusal(rest.pulls.merge({ owner, repo, pull_number: number }))).toMatchObject({ status: 405 });
    await rig.room.push('d', { d: '1' });
    const draft = await rig.room.openPullRequest({ head: 'd', title: 'D', draft: true });
    expect(await refusal(rest.pulls.merge({ owner, repo, pull_number: draft }))).toMatchObject({ status: 405 });
    await rig.room.closePullRequest(draft);
    expect(await refusal(rest.pulls.merge({ owner, repo, pull_number: draft }))).toMatchObject({ status: 405 });
  });

  test('what reaches main by another way counts as merged', async () => {
    const rig = await aForge();
    const number = await aPull(rig);
    const head = String(await rig.room.head('new-agency'));
    await rig.octokit().rest.git.updateRef({ owner, repo, ref: 'heads/main', sha: head });
    const { data } = await rig.octokit().rest.pulls.get({ owner, repo, pull_number: number });
    expect(data).toMatchObject({ state: 'closed', merged: true });
  });

  test('deleting the branch closes the pull request', async () => {
    const rig = await aForge();
    const number = await aPull(rig);
    await rig.octokit().rest.git.deleteRef({ owner, repo, ref: 'heads/new-agency' });
    const { data } = await rig.octokit().rest.pulls.get({ owner, repo, pull_number: number });
    expect(data).toMatchObject({ state: 'closed', merged: false });
  });
});

describe('a fork', () => {
  test('its branch becomes a pull request that follows its pushes and can be merged', async () => {
    const rig = await aForge();
    const fork = await rig.room.fork('stranger');
    const first = await fork.push('idea', { 'agencies/theirs.yaml': 'a\n' }, { by: 'stranger' });
    const octokit = rig.octokit();
    const head = 'stranger:idea';
    const number = await rig.room.openPullRequest({ head, title: 'Theirs', by: 'stranger' });
    const it = { owner, repo, pull_number: number };
    const { data } = await octokit.rest.pulls.get(it);
    expect(data.head).toMatchObject({ sha: first, repo: { full_name: 'stranger/control-room', fork: true } });
    const second = await fork.push('idea', { 'agencies/theirs.yaml': 'b\n' });
    expect((await octokit.rest.pulls.get(it)).data.head.sha).toBe(second);
    expect((await octokit.rest.pulls.list({ owner, repo, head })).data).toHaveLength(1);
    const compared = await octokit.rest.repos.compareCommitsWithBasehead({ owner, repo, basehead: `main...${head}` });
    expect(compared.data).toMatchObject({ status: 'ahead', ahead_by: 2, total_commits: 2 });
    const { data: content } = await octokit.rest.repos.getContent({
      owner,
      repo,
      path: 'agencies/theirs.yaml',
      ref: `refs/pull/${number}/head`,
    });
    expect(Buffer.from(String(Object(content).content), 'base64').toString()).toBe('b\n');
    await octokit.rest.pulls.merge(it);
    expect(await rig.room.read('agencies/theirs.yaml')).toBe('b\n');
  });

  test('its owner may not push to the base', async () => {
    const rig = await aForge({ private: false });
    await rig.room.fork('stranger');
    const { rest } = rig.octokit({ as: 'stranger' });
    const sha = String(await rig.room.head());
    expect(await refusal(rest.git.createRef({ owner, repo, ref: 'refs/heads/x', sha }))).toMatchObject({ status: 403 });
    await expect(rig.room.push('x', { a: '1' }, { by: 'stranger' })).rejects.toThrow('may not push');
  });
});
