import { describe, expect, test } from 'vitest';
import { aForge, owner, refusal, repo } from './testing.ts';

describe('comments', () => {
  test('are made, changed, listed and deleted, with who wrote them', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    const issue_number = await rig.room.openIssue({ title: 'Talk' });
    const made = await rest.issues.createComment({ owner, repo, issue_number, body: '<!-- sticky --> plan' });
    expect(made.data).toMatchObject({
      user: { login: 'github-actions[bot]', type: 'Bot' },
      performed_via_github_app: { slug: 'github-actions' },
      html_url: `http://cloud.test/github/example/control-room/issues/1#issuecomment-${made.data.id}`,
    });
    const comment_id = made.data.id;
    rig.clock.advance(60_000);
    const changed = await rest.issues.updateComment({ owner, repo, comment_id, body: 'applied' });
    expect(changed.data).toMatchObject({
      body: 'applied',
      created_at: '2026-11-22T00:00:00Z',
      updated_at: '2026-11-22T00:01:00Z',
    });
    await rig.room.comment(issue_number, 'Thanks', 'ops');
    const listed = await rest.issues.listComments({ owner, repo, issue_number });
    expect(listed.data.map(({ body, user }) => [user?.login, body])).toEqual([
      ['github-actions[bot]', 'applied'],
      ['ops', 'Thanks'],
    ]);
    await rest.issues.deleteComment({ owner, repo, comment_id });
    expect(await refusal(rest.issues.getComment({ owner, repo, comment_id }))).toMatchObject({ status: 404 });
    expect((await rest.issues.get({ owner, repo, issue_number })).data.comments).toBe(1);
  });

  test('end at 65,536 characters', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    const issue_number = await rig.room.openIssue({ title: 'Talk' });
    const comment = (length: number) =>
      rest.issues.createComment({ owner, repo, issue_number, body: 'x'.repeat(length) });
    const { data } = await comment(65_536);
    const tooLong = {
      status: 422,
      message: 'Validation Failed',
      errors: [
        {
          resource: 'IssueComment',
          field: 'data',
          code: 'unprocessable',
          message: 'Body is too long (maximum is 65536 characters)',
        },
      ],
    };
    expect(await refusal(comment(65_537))).toEqual(tooLong);
    const update = rest.issues.updateComment({ owner, repo, comment_id: data.id, body: 'x'.repeat(65_537) });
    expect(await refusal(update)).toEqual(tooLong);
  });

  test('people change their own only', async () => {
    const rig = await aForge({ private: false });
    const issue_number = await rig.room.openIssue({ title: 'Talk' });
    const { data } = await rig.octokit().rest.issues.createComment({ owner, repo, issue_number, body: 'plan' });
    const forge = (as: string) =>
      rig.octokit({ as }).rest.issues.updateComment({ owner, repo, comment_id: data.id, body: 'forged' });
    expect(await refusal(forge('stranger'))).toMatchObject({ status: 403 });
    expect((await forge('ops')).data.body).toBe('forged');
  });
});

describe('issues', () => {
  test('are opened with labels that come into being, found by them, and closed with a reason', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    const { data } = await rest.issues.create({
      owner,
      repo,
      title: 'acme fails',
      body: 'why',
      labels: ['provisioner', 'acme'],
      assignees: ['ops'],
    });
    expect(data.labels.map((label) => Object(label).name)).toEqual(['provisioner', 'acme']);
    await rest.issues.create({ owner, repo, title: 'other' });
    const found = await rest.issues.listForRepo({ owner, repo, labels: 'provisioner,acme' });
    expect(found.data.map(({ number }) => number)).toEqual([data.number]);
    const closed = await rest.issues.update({
      owner,
      repo,
      issue_number: data.number,
      state: 'closed',
      state_reason: 'completed',
    });
    expect(closed.data).toMatchObject({
      state: 'closed',
      state_reason: 'completed',
      closed_by: { login: 'github-actions[bot]' },
    });
    expect((await rest.issues.listForRepo({ owner, repo })).data.map(({ title }) => title)).toEqual(['other']);
    const again = await rest.issues.update({ owner, repo, issue_number: data.number, state: 'open', title: 'again' });
    expect(again.data).toMatchObject({ state: 'open', state_reason: 'reopened', closed_at: null, title: 'again' });
    expect((await rest.issues.listLabelsForRepo({ owner, repo })).data).toHaveLength(2);
  });

  test('labels are added, replaced and taken off', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    const issue_number = await rig.room.openIssue({ title: 'Talk' });
    const it = { owner, repo, issue_number };
    const names = (labels: { name: string }[]) => labels.map(({ name }) => name);
    expect(names((await rest.issues.addLabels({ ...it, labels: ['a', 'b'] })).data)).toEqual(['a', 'b']);
    expect(names((await rest.issues.setLabels({ ...it, labels: ['B', 'c'] })).data)).toEqual(['b', 'c']);
    expect(names((await rest.issues.removeLabel({ ...it, name: 'c' })).data)).toEqual(['b']);
    expect(await refusal(rest.issues.removeLabel({ ...it, name: 'c' }))).toMatchObject({ status: 404 });
    expect(await refusal(rest.issues.createLabel({ owner, repo, name: 'A' }))).toMatchObject({
      status: 422,
      errors: [{ resource: 'Label', code: 'already_exists', field: 'name' }],
    });
  });

  test('pull requests are issues, too, with one sequence of numbers', async () => {
    const rig = await aForge();
    expect(await rig.room.openIssue({ title: 'one' })).toBe(1);
    await rig.room.push('x', { x: '1' });
    expect(await rig.room.openPullRequest({ head: 'x', title: 'two' })).toBe(2);
    const { data } = await rig.octokit().rest.issues.listForRepo({ owner, repo });
    expect(data.map(({ number, pull_request }) => [number, pull_request !== undefined])).toEqual([
      [2, true],
      [1, false],
    ]);
  });

  test('empty and endless titles and unknown assignees are refused', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    const create = (more: object) => refusal(rest.issues.create({ owner, repo, title: 'x', ...more }));
    expect(await create({ title: ' ' })).toMatchObject({
      status: 422,
      errors: [{ field: 'title', code: 'missing_field' }],
    });
    expect(await create({ title: 'x'.repeat(257) })).toMatchObject({ status: 422 });
    expect(await create({ body: 'x'.repeat(65_537) })).toMatchObject({ errors: [{ field: 'body', code: 'custom' }] });
    expect(await create({ assignees: ['nobody'] })).toMatchObject({ errors: [{ field: 'assignees' }] });
  });
});

describe('check runs', () => {
  const annotation = (line: number) => ({
    path: 'agencies/acme.yaml',
    start_line: line,
    end_line: line,
    annotation_level: 'failure' as const,
    message: `line ${line}`,
  });

  test('go from progress to conclusion, annotations adding up', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    const head_sha = String(await rig.room.head());
    const fifty = Array.from({ length: 50 }, (_, at) => annotation(at + 1));
    const { data } = await rest.checks.create({
      owner,
      repo,
      name: 'plan',
      head_sha,
      status: 'in_progress',
      output: { title: 'Plan', summary: 'first', annotations: fifty },
    });
    expect(data).toMatchObject({ status: 'in_progress', conclusion: null, app: { slug: 'github-actions' } });
    const check_run_id = data.id;
    const output = { title: 'Plan', summary: 'second', annotations: [annotation(51)] };
    const done = await rest.checks.update({ owner, repo, check_run_id, conclusion: 'failure', output });
    expect(done.data).toMatchObject({
      status: 'completed',
      conclusion: 'failure',
      completed_at: '2026-11-22T00:00:00Z',
      output: { summary: 'second', annotations_count: 51 },
    });
    const all = await rig.octokit().paginate(rest.checks.listAnnotations, { owner, repo, check_run_id, per_page: 20 });
    expect(all.map(({ message }) => message).at(-1)).toBe('line 51');
    expect(all).toHaveLength(51);
    const found = await rest.checks.listForRef({ owner, repo, ref: 'main', check_name: 'plan' });
    expect(found.data).toMatchObject({ total_count: 1, check_runs: [{ id: check_run_id }] });
  });

  test('more than fifty annotations at once, columns over lines and unknown commits are refused', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    const head_sha = String(await rig.room.head());
    const create = (annotations: object[], more: object = {}) => {
      const output = { title: 't', summary: 's', annotations: annotations as ReturnType<typeof annotation>[] };
      return refusal(rest.checks.create({ owner, repo, name: 'plan', head_sha, output, ...more }));
    };
    expect(await create(Array.from({ length: 51 }, (_, at) => annotation(at + 1)))).toMatchObject({
      status: 422,
      message: 'Invalid request.\n\nNo more than 50 items are allowed; 51 were supplied.',
    });
    expect(await create([{ ...annotation(1), end_line: 2, start_column: 1 }])).toMatchObject({ status: 422 });
    expect(await create([], { head_sha: '1'.repeat(40) })).toMatchObject({ status: 422 });
    expect(await create([], { status: 'completed' })).toMatchObject({ status: 422 });
    expect((await rest.checks.listForRef({ owner, repo, ref: 'main' })).data.total_count).toBe(0);
  });

  test('people make none, and an app changes its own only', async () => {
    const rig = await aForge();
    const head_sha = String(await rig.room.head());
    const wish = { owner, repo, name: 'plan', head_sha };
    expect(await refusal(rig.octokit({ as: 'ops' }).rest.checks.create(wish))).toMatchObject({
      status: 403,
      message: 'You must authenticate via a GitHub App.',
    });
    const { data } = await rig.octokit().rest.checks.create(wish);
    const other = rig
      .octokit({ as: 'app' })
      .rest.checks.update({ owner, repo, check_run_id: data.id, conclusion: 'success' });
    expect(await refusal(other)).toMatchObject({ status: 403 });
  });
});

test('statuses combine to the worst of the newest', async () => {
  const rig = await aForge();
  const { rest } = rig.octokit();
  const sha = String(await rig.room.head());
  const combined = async () => (await rest.repos.getCombinedStatusForRef({ owner, repo, ref: 'main' })).data.state;
  expect(await combined()).toBe('pending');
  await rest.repos.createCommitStatus({ owner, repo, sha, state: 'success', context: 'a' });
  await rest.repos.createCommitStatus({ owner, repo, sha, state: 'failure', context: 'b' });
  expect(await combined()).toBe('failure');
  await rest.repos.createCommitStatus({ owner, repo, sha, state: 'success', context: 'b' });
  expect(await combined()).toBe('success');
  expect((await rest.repos.listCommitStatusesForRef({ owner, repo, ref: sha })).data).toHaveLength(3);
});

describe('deployments', () => {
  test('carry their states and URL; a success retires the one before', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    const deploy = async () => {
      const { data } = await rest.repos.createDeployment({ owner, repo, ref: 'main', environment: 'agency/acme' });
      const it = { owner, repo, deployment_id: Number(Object(data).id) };
      const environment_url = 'https://acme.example';
      await rest.repos.createDeploymentStatus({ ...it, state: 'in_progress' });
      await rest.repos.createDeploymentStatus({ ...it, state: 'success', environment_url });
      return it;
    };
    const [first, second] = [await deploy(), await deploy()];
    const states = async (it: typeof first) =>
      (await rest.repos.listDeploymentStatuses(it)).data.map(({ state }) => state);
    expect(await states(first)).toEqual(['inactive', 'success', 'in_progress']);
    expect(await states(second)).toEqual(['success', 'in_progress']);
    const listed = await rest.repos.listDeployments({ owner, repo, environment: 'agency/acme' });
    expect(listed.data.map(({ id }) => id)).toEqual([second.deployment_id, first.deployment_id]);
  });

  test('are refused while a check of the commit runs, unless no context is required', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    await rest.checks.create({
      owner,
      repo,
      name: 'apply',
      head_sha: String(await rig.room.head()),
      status: 'in_progress',
    });
    const wish = { owner, repo, ref: 'main' };
    expect(await refusal(rest.repos.createDeployment(wish))).toMatchObject({
      status: 409,
      message: 'Conflict: Commit status checks failed for main.',
    });
    expect((await rest.repos.createDeployment({ ...wish, required_contexts: [] })).status).toBe(201);
  });

  test('are refused for unknown refs, and descriptions end at 140 characters', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    expect(await refusal(rest.repos.createDeployment({ owner, repo, ref: 'none' }))).toMatchObject({ status: 422 });
    const { data } = await rest.repos.createDeployment({ owner, repo, ref: 'main' });
    const deployment_id = Number(Object(data).id);
    const status = { owner, repo, deployment_id, state: 'success', description: 'x'.repeat(141) } as const;
    expect(await refusal(rest.repos.createDeploymentStatus(status))).toMatchObject({ status: 422 });
  });
});
