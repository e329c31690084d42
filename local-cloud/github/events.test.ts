import { describe, expect, test } from 'vitest';
import { aForge, type ForgeRig, owner, refusal, repo } from './testing.ts';

const names = ({ forge }: ForgeRig, after = 0) =>
  forge.events(after).map(({ name, payload }) => (payload.action === undefined ? name : `${name}.${payload.action}`));

describe('what happened', () => {
  test('is told in order, with what a workflow gets to see', async () => {
    const rig = await aForge();
    await rig.room.push('x', { 'agencies/new.yaml': 'a\n' }, { by: 'ops', message: 'Add new' });
    const number = await rig.room.openPullRequest({ head: 'x', title: 'Add new', by: 'ops' });
    await rig.room.push('x', { 'agencies/new.yaml': 'b\n' });
    await rig.room.comment(number, 'fine', 'ops');
    const merged = await rig.room.merge(number, { by: 'ops', method: 'squash' });
    expect(names(rig)).toEqual([
      'push',
      'push',
      'pull_request.opened',
      'push',
      'pull_request.synchronize',
      'issue_comment.created',
      'push',
      'pull_request.closed',
    ]);
    const last = rig.forge
      .events()
      .filter(({ name }) => name === 'push')
      .at(-1);
    expect(last).toMatchObject({
      ref: 'refs/heads/main',
      sha: merged,
      actor: 'ops',
      runs: 'yes',
      payload: {
        after: merged,
        commits: [{ id: merged, message: 'Add new (#1)', added: ['agencies/new.yaml'] }],
        repository: { full_name: 'example/control-room', default_branch: 'main' },
        sender: { login: 'ops' },
      },
    });
    expect(rig.forge.events().at(-1)?.payload).toMatchObject({
      pull_request: { merged: true, merge_commit_sha: merged },
    });
  });

  test('a pull request runs on the trial merge; one that conflicts runs nothing', async () => {
    const rig = await aForge();
    await rig.room.push('x', { x: 'x' });
    await rig.room.push('main', { m: 'm' });
    await rig.room.openPullRequest({ head: 'x', title: 'X' });
    const opened = rig.forge.events().at(-1);
    expect(opened?.ref).toBe('refs/pull/1/merge');
    expect(await rig.room.files(String(opened?.sha))).toEqual(['agencies/acme.yaml', 'fleet.yaml', 'm', 'x']);
    expect(await rig.room.head('refs/pull/1/merge')).toBe(opened?.sha);
    await rig.room.push('main', { x: 'other' });
    await rig.room.push('x', { x: 'again' });
    expect(rig.forge.events().at(-1)).toMatchObject({ name: 'pull_request', sha: null, runs: 'no' });
  });

  test('what GITHUB_TOKEN does starts nothing but dispatches, and its pull requests wait; an App’s do start', async () => {
    const rig = await aForge();
    const act = async (as: 'actions' | 'app', branch: string) => {
      const after = rig.forge.events().at(-1)?.id;
      const { rest } = rig.octokit({ as });
      await rest.git.createRef({ owner, repo, ref: `refs/heads/${branch}`, sha: String(await rig.room.head()) });
      const content = Buffer.from(branch).toString('base64');
      await rest.repos.createOrUpdateFileContents({ owner, repo, path: branch, message: 'm', content, branch });
      await rest.pulls.create({ owner, repo, head: branch, base: 'main', title: branch });
      await rest.repos.createDispatchEvent({ owner, repo, event_type: 'approved' });
      return rig.forge.events(after).map(({ name, runs }) => `${name}: ${runs}`);
    };
    expect(await act('actions', 'a')).toEqual([
      'push: no',
      'push: no',
      'pull_request: approval',
      'repository_dispatch: yes',
    ]);
    expect(await act('app', 'b')).toEqual(['push: yes', 'push: yes', 'pull_request: yes', 'repository_dispatch: yes']);
  });

  test('can be followed from one on, and does not change afterwards', async () => {
    const rig = await aForge();
    const number = await rig.room.openIssue({ title: 'before' });
    const seen = Number(rig.forge.events().at(-1)?.id);
    await rig.octokit().rest.issues.update({ owner, repo, issue_number: number, title: 'after' });
    expect(names(rig, seen)).toEqual(['issues.edited']);
    expect(rig.forge.events().at(-2)?.payload).toMatchObject({ issue: { title: 'before' } });
  });
});

describe('repository_dispatch', () => {
  test('is noted with its payload on the default branch', async () => {
    const rig = await aForge();
    const client_payload = { request: '0b0e2c7e' };
    await rig.octokit().rest.repos.createDispatchEvent({ owner, repo, event_type: 'approved', client_payload });
    expect(rig.forge.events().at(-1)).toMatchObject({
      name: 'repository_dispatch',
      ref: 'refs/heads/main',
      sha: await rig.room.head(),
      payload: { action: 'approved', branch: 'main', client_payload },
    });
  });

  test('takes ten properties and 65,535 characters', async () => {
    const rig = await aForge();
    const send = (client_payload: Record<string, string>) =>
      refusal(rig.octokit().rest.repos.createDispatchEvent({ owner, repo, event_type: 'e', client_payload }));
    const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`k${at}`, 'v']));
    expect(await send(eleven)).toMatchObject({
      status: 422,
      message: 'Invalid request.\n\nNo more than 10 properties are allowed; 11 were supplied.',
    });
    expect(await send({ long: 'x'.repeat(65_535) })).toMatchObject({ status: 422 });
  });
});

describe('workflow_dispatch', () => {
  const path = '.github/workflows/apply.yml';
  const workflow = `on:
  workflow_dispatch:
    inputs:
      agencies: { required: true }
      mode: { default: apply }
`;

  test('gives the run text, with the workflow’s defaults', async () => {
    const rig = await aForge({ files: { [path]: workflow } });
    const inputs = { agencies: 'acme' };
    await rig
      .octokit()
      .rest.actions.createWorkflowDispatch({ owner, repo, workflow_id: 'apply.yml', ref: 'main', inputs });
    expect(rig.forge.events().at(-1)).toMatchObject({
      name: 'workflow_dispatch',
      runs: 'yes',
      payload: { workflow: path, ref: 'refs/heads/main', inputs: { agencies: 'acme', mode: 'apply' } },
    });
  });

  test('is refused where the workflow, its trigger or its inputs do not fit', async () => {
    const rig = await aForge({ files: { [path]: workflow, '.github/workflows/ci.yml': 'on: push\n' } });
    const dispatch = (workflow_id: string, inputs: Record<string, string> = {}) =>
      refusal(rig.octokit().rest.actions.createWorkflowDispatch({ owner, repo, workflow_id, ref: 'main', inputs }));
    expect(await dispatch('none.yml')).toMatchObject({ status: 404 });
    expect(await dispatch('ci.yml')).toMatchObject({ message: "Workflow does not have 'workflow_dispatch' trigger" });
    expect(await dispatch('apply.yml')).toMatchObject({ message: "Required input 'agencies' not provided" });
    expect(await dispatch('apply.yml', { agencies: 'a', odd: '1' })).toMatchObject({
      message: 'Unexpected inputs provided: ["odd"]',
    });
  });
});
