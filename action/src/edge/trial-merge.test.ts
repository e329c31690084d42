import { describe, expect, test } from 'vitest';
import { owner, repo } from '../../../local-cloud/github/testing.ts';
import { anAgency } from '../../../tests/support/agency-manifest.ts';
import { aPlanRig } from '../../../tests/support/plan-rig.ts';
import type { Status } from '../manifest/schema.ts';
import { spliceStatus } from '../manifest/status.ts';
import type { Workflow, WorkflowEvent } from '../workflow.ts';

const acme = anAgency('acme-studio');
const recorded: Status = {
  conditions: [],
  outputs: {},
  resources: { 'supabase.project': { id: 'abcdefghijklmnopqrst', region: 'us-east-1' } },
};

/** A pull request that was planned and then pushed to, and whose merge of before GitHub still shows so many times. */
async function aPushedOne(shownAgain: number) {
  const state = { old: '', left: 0 };
  const rig = await aPlanRig({
    after: async (request, response) => {
      if (!/\/pulls\/\d+$/.test(request.url)) return undefined;
      const pull: object = Object(await response.json());
      if (state.left === 0) {
        state.old = String(Object(pull).merge_commit_sha);
        return undefined;
      }
      state.left -= 1;
      return Response.json({ ...pull, mergeable: true, merge_commit_sha: state.old });
    },
  });
  const number = await rig.propose({ [acme.file]: acme.text() });
  await rig.plan(number);
  await rig.room.push('change', { [acme.file]: acme.with({ displayName: 'Pushed later' }).text() });
  state.left = shownAgain;
  return { rig, number };
}

describe('the merge that GitHub made on trial', () => {
  test('is waited for where it is still that of the push before', async () => {
    const { rig, number } = await aPushedOne(3);
    await rig.plan(number);
    expect(await rig.comments(number)).toEqual([expect.stringContaining('Pushed later')]);
    expect(await rig.conclusion('change')).toBe('success');
  });

  test('is not taken for that of the last push, however long GitHub shows it', async () => {
    const { rig, number } = await aPushedOne(1_000);
    await expect(rig.plan(number)).rejects.toThrow('does not say what merging the last push');
    expect(await rig.conclusion('change')).toBeUndefined();
  });

  test('is carried onto what was recorded since it was made', async () => {
    const rig = await aPlanRig({ files: { [acme.file]: acme.text() } });
    const number = await rig.propose({ [acme.file]: acme.with({ displayName: 'Another name' }).text() });
    await rig.plan(number);
    expect((await rig.comments(number))[0]).toContain('**supabase&#46;project**: create');
    await rig.room.push('main', { [acme.file]: spliceStatus(acme.text(), recorded) });
    await rig.plan(number);
    const [comment = ''] = await rig.comments(number);
    expect(comment).toContain('Another name');
    expect(comment).toContain('**vercel&#46;project**: create');
    expect(comment).not.toContain('**supabase&#46;project**: create');
    expect(comment).not.toContain('too since GitHub');
  });

  test('is carried onto new agencies of the branch, and leaves them out', async () => {
    const rig = await aPlanRig();
    const number = await rig.propose({ [acme.file]: acme.text() });
    await rig.plan(number);
    const north = anAgency('north-light');
    await rig.room.push('main', { [north.file]: north.text() });
    await rig.plan(number);
    const [comment = ''] = await rig.comments(number);
    expect(comment).toContain('Merging makes 1 new agency');
    expect(comment).not.toContain('manifest');
  });

  test('is shown with a warning where people changed the same file on the branch', async () => {
    const rig = await aPlanRig({ files: { [acme.file]: acme.text() } });
    const number = await rig.propose({ [acme.file]: acme.with({}, { env: { TONE: 'warm' } }).text() });
    await rig.plan(number);
    await rig.room.push('main', { [acme.file]: acme.with({ displayName: 'Another name' }).text() });
    await rig.plan(number);
    expect((await rig.comments(number))[0]).toMatch(/acme&#45;studio&#46;yaml changed on main too since GitHub/);
    expect(await rig.conclusion('change'), 'nobody may merge it by what is shown').toBe('action_required');
  });

  test('a status that the pull request forged is refused although another was recorded meanwhile', async () => {
    const rig = await aPlanRig({ files: { [acme.file]: spliceStatus(acme.text(), recorded) } });
    const forged = { ...recorded, outputs: { instanceUrl: 'https://evil.example' } };
    const number = await rig.propose({ [acme.file]: spliceStatus(acme.text(), forged) });
    await rig.plan(number);
    await rig.room.push('main', { 'notes.md': 'the branch goes on\n' });
    const { result, headline } = await rig.plan(number);
    expect(result).toBe('failed');
    expect(headline).toContain('it was edited by hand');
  });
});

describe('of several pull requests with the commit at their head', () => {
  const workflow = (event: WorkflowEvent): Workflow => {
    return { runId: '1', attempt: 1, url: 'https://github.test/run', sha: 'a'.repeat(40), event };
  };

  /** A stranger's one into another branch, the author's, and a stranger's copy of it. */
  async function three() {
    const rig = await aPlanRig({ private: false });
    const { rest } = rig.octokit();
    const sha = await rig.room.push('change', { [acme.file]: acme.text() });
    for (const branch of ['early', 'late']) {
      await rest.git.createRef({ owner, repo, ref: `refs/heads/${branch}`, sha });
    }
    const release = String(await rig.room.head());
    await rest.git.createRef({ owner, repo, ref: 'refs/heads/release', sha: release });
    const open = (head: string, base: string) => rig.room.openPullRequest({ head, base, title: head });
    const numbers = [await open('early', 'release'), await open('change', 'main'), await open('late', 'main')];
    const told = async () => (await Promise.all(numbers.map(rig.comments))).map(({ length }) => length);
    return { rig, sha, told, numbers };
  }

  test('the oldest into the branch that is applied is told', async () => {
    const { rig, sha, told } = await three();
    expect((await rig.plan({ INPUT_HEAD: sha })).result).toBe('done');
    expect(await told()).toEqual([0, 1, 0]);
  });

  test('the one is told whose run asks', async () => {
    const { rig, sha, told } = await three();
    const headRepository = rig.room.name;
    const event = { name: 'workflow_run', headSha: sha, headBranch: 'late', headRepository } as const;
    await rig.plan({ INPUT_HEAD: sha }, workflow(event));
    expect(await told()).toEqual([0, 0, 1]);
    await rig.plan({ INPUT_HEAD: sha }, workflow({ ...event, headRepository: 'stranger/control-room' }));
    expect(await told()).toEqual([0, 0, 1]);
  });

  test('one into another branch is not planned as if it were applied', async () => {
    const { rig, told, numbers } = await three();
    const { result, headline } = await rig.plan(numbers[0] ?? 0);
    expect([result, headline]).toEqual(['done', expect.stringContaining('not to be merged into main')]);
    expect(await told()).toEqual([0, 0, 0]);
  });
});
