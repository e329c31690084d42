import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readWorkflow } from './workflow.ts';

const [SHA, BEFORE] = ['a'.repeat(40), 'b'.repeat(40)];

async function started(name: string, payload?: unknown) {
  const dir = await mkdtemp(join(tmpdir(), 'workflow-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const path = join(dir, 'event.json');
  await writeFile(path, typeof payload === 'string' ? payload : JSON.stringify(payload ?? {}));
  return readWorkflow({
    GITHUB_RUN_ID: '17',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_SHA: SHA,
    GITHUB_REPOSITORY: 'example/control-room',
    GITHUB_SERVER_URL: 'https://github.test/',
    GITHUB_EVENT_NAME: name,
    GITHUB_EVENT_PATH: path,
  });
}

test('outside of GitHub Actions there is no workflow', async () => {
  expect(await readWorkflow({ GITHUB_REPOSITORY: 'example/control-room' })).toBeUndefined();
});

test('a run is known by its id, its attempt and its page', async () => {
  expect(await started('schedule')).toEqual({
    runId: '17',
    attempt: 2,
    url: 'https://github.test/example/control-room/actions/runs/17',
    sha: SHA,
    event: { name: 'other', called: 'schedule' },
  });
});

test.each([
  ['push', { before: BEFORE, after: SHA, commits: [] }, { name: 'push', before: BEFORE, after: SHA, forced: false }],
  [
    'repository_dispatch',
    { action: 'agency-approved', client_payload: { request_id: '7' } },
    { name: 'repository_dispatch', payload: { request_id: '7' } },
  ],
  [
    'workflow_run',
    {
      workflow_run: { head_sha: SHA, head_branch: 'patch-1', head_repository: { full_name: 'somebody/control-room' } },
    },
    { name: 'workflow_run', headSha: SHA, headBranch: 'patch-1', headRepository: 'somebody/control-room' },
  ],
  [
    'workflow_run',
    { workflow_run: { head_sha: SHA, head_branch: 'patch-1', head_repository: null } },
    { name: 'workflow_run', headSha: SHA, headBranch: 'patch-1' },
  ],
  ['issues', { issue: { number: 9 } }, { name: 'other', called: 'issues' }],
])('%s tells what it is about', async (name, payload, event) => {
  expect((await started(name, payload))?.event).toEqual(event);
});

test.each([
  ['push', { before: 'main', after: SHA }, 'has no usable before'],
  ['repository_dispatch', { client_payload: 'x' }, 'has no usable client_payload'],
  ['push', 'no json', 'cannot be read'],
])('a file of %s that GitHub would not write is refused', async (name, payload, why) => {
  await expect(started(name, payload)).rejects.toThrow(why);
});
