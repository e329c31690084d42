import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readWorkflows, root } from '../../local-cloud/runner/workflows.ts';

const run = promisify(execFile);
const scripts = readWorkflows().flatMap(({ file, content }) =>
  Object.values(content.jobs).flatMap(({ steps }) =>
    steps.flatMap((step) => (step.run === undefined ? [] : [{ file, run: step.run, shell: step.shell }])),
  ),
);

let outside: string;
let workspace: string;
beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), 'run-steps-'));
  workspace = join(outside, 'workspace');
  // As a checkout leaves it: what is committed or about to be, with its modes.
  await mkdir(workspace);
  const { stdout } = await run('git', ['ls-files', '-z', '.ci'], { cwd: root });
  const files = stdout.split('\0').filter((file) => file !== '');
  await run('git', ['checkout-index', `--prefix=${workspace}/`, '--', ...files], { cwd: root });
});
afterAll(() => rm(outside, { recursive: true, force: true }));

/** Stands before the real programs on the PATH: says what it was asked, and ends as it is told. */
async function inTheirPlace(names: readonly string[]): Promise<string> {
  const bin = join(outside, 'bin');
  await mkdir(bin, { recursive: true });
  for (const name of names) {
    const file = join(bin, name);
    await writeFile(file, `#!/bin/sh\necho "$PWD: ${name} $*" >> "$CALLS"\n[ "${name} $*" != "$FAILING" ]\n`);
    await chmod(file, 0o755);
  }
  return bin;
}

/** A `run` as the runner does it on Linux: a file, handed to `bash -e` in the workspace. */
async function perform(script: string, failing = '') {
  const calls = join(outside, 'calls');
  await writeFile(calls, '');
  const file = join(outside, 'script.sh');
  await writeFile(file, script);
  // npm, so that the suite does not begin itself anew; chromium, so that nothing is installed on this machine.
  const bin = await inTheirPlace(['npm', 'chromium']);
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: outside,
    CALLS: calls,
    FAILING: failing,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: workspace,
    RUNNER_TEMP: outside,
  };
  const child = spawn('bash', ['-e', file], { cwd: workspace, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part) => {
      text += part;
    });
  }
  const [code] = await once(child, 'close');
  const asked = (await readFile(calls, 'utf8')).split('\n').filter((line) => line !== '');
  return { code, text, asked: asked.map((line) => line.replace(`${workspace}: `, '')) };
}

it('there is one script in the workflows, and it takes the shell that is there', () => {
  expect(scripts).toEqual([{ file: '.github/workflows/ci.yml', run: '.ci/run', shell: undefined }]);
});

it.each(scripts)('$run of $file installs what is locked, and checks it', async ({ run: script }) => {
  const { code, text, asked } = await perform(script);
  expect(code, text).toBe(0);
  expect(asked).toEqual(['npm ci', 'npm run check']);
});

it.each(['npm ci', 'npm run check'])('the script is red when %s is', async (failing) => {
  const { code, asked } = await perform('.ci/run', failing);
  expect(code).not.toBe(0);
  expect(asked.at(-1)).toBe(failing);
});
