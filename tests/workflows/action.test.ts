import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAction, root } from '../../local-cloud/runner/workflows.ts';

const run = promisify(execFile);

describe('used from another repository', () => {
  let there: string;
  let workspace: string;
  beforeAll(async () => {
    // As the runner lays it out for `uses: owner/repo/action@v1`: what Git knows of the folder, and no node_modules.
    const outside = await mkdtemp(join(tmpdir(), 'action-'));
    there = join(outside, 'action');
    const { stdout } = await run('git', ['ls-files', '-z', 'action/action.yml', 'action/dist'], { cwd: root });
    for (const file of stdout.split('\0').filter((name) => name !== ''))
      await cp(join(root, file), join(outside, file));
    workspace = join(outside, 'workspace');
    await cp(join(root, 'fleet.yaml'), join(workspace, 'fleet.yaml'));
  });
  afterAll(() => rm(dirname(there), { recursive: true, force: true }));

  it('brings everything that it runs', async () => {
    const output = join(workspace, '..', 'output');
    await writeFile(output, '');
    const { inputs, runs } = readAction();
    const handed = Object.entries(inputs).map(([name, { default: standard }]) => [
      `INPUT_${name.toUpperCase()}`,
      standard,
    ]);
    const env = {
      PATH: process.env.PATH,
      ...Object.fromEntries(handed),
      INPUT_COMMAND: 'validate',
      GITHUB_WORKSPACE: workspace,
      GITHUB_OUTPUT: output,
    };
    await run(process.execPath, [join(there, runs.main)], { cwd: workspace, env });
    expect(await readFile(output, 'utf8')).toMatch(/result<<[^\n]+\ndone\n/);
  });

  it('finds every chunk that the bundle names', async () => {
    const folder = join(there, 'dist');
    const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js'));
    const named: string[] = [];
    for (const name of names) {
      const text = await readFile(join(folder, name), 'utf8');
      for (const [, from = ''] of text.matchAll(/(?:from|import\(?)"(\.\.?\/[^"]+)"/g)) {
        named.push(join(dirname(name), from));
      }
    }
    expect(named).not.toEqual([]);
    expect(names).toEqual(expect.arrayContaining(named));
  });
});

it('says what every input and output is for, and runs on a Node that runners have', () => {
  const { inputs, outputs, runs } = readAction();
  for (const { description } of [...Object.values(inputs), ...Object.values(outputs)])
    expect(description).toMatch(/\.$/);
  expect(runs).toEqual({ using: 'node24', main: 'dist/index.js' });
});
