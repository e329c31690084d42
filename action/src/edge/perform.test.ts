import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Job } from '../report/actions.ts';
import { perform } from './perform.ts';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'main-'));
  await cp(join(import.meta.dirname, '..', '..', '..', 'fleet.yaml'), join(dir, 'fleet.yaml'));
});
afterAll(() => rm(dir, { recursive: true }));

async function job(variables: Record<string, string>) {
  const outputs: Record<string, string> = {};
  const seen = { log: '', summary: '', annotations: 0 };
  const port: Job = {
    log: (text) => {
      seen.log += text;
    },
    annotate: () => {
      seen.annotations += 1;
    },
    setOutput: (name, value) => {
      outputs[name] = value;
    },
    summarize: (markdown) => {
      seen.summary += markdown;
    },
  };
  const green = await perform({ GITHUB_WORKSPACE: dir, ...variables }, port, new AbortController().signal);
  return { green, outputs, ...seen };
}

test('a good control room is green', async () => {
  const ended = await job({ INPUT_COMMAND: 'validate' });
  expect(ended).toMatchObject({ green: true, outputs: { result: 'done', changed: 'false' }, annotations: 0 });
  expect(ended.summary).toContain('### Done');
});

test('a control room of another repository is red, with the place', async () => {
  const ended = await job({ INPUT_COMMAND: 'validate', GITHUB_REPOSITORY: 'somebody/else' });
  expect(ended).toMatchObject({ green: false, outputs: { result: 'failed' }, annotations: 1 });
  expect(ended.outputs.summary).toContain('fleet.yaml:');
});

test('a change is judged against the base that it names', async () => {
  const ended = await job({ INPUT_COMMAND: 'validate', INPUT_BASE: 'origin/main' });
  expect(ended).toMatchObject({ green: false, outputs: { result: 'failed' } });
  expect(ended.outputs.summary).toContain(`git cannot read what ${dir} was`);
});

test('without a command it plans, and names every variable that is missing', async () => {
  const ended = await job({});
  expect(ended).toMatchObject({ green: false, outputs: { result: 'blocked' } });
  expect(ended.outputs.summary).toContain('VERCEL_TOKEN is not set');
});

test('it does not apply without a repository to record in', async () => {
  const vendors = {
    SUPABASE_ACCESS_TOKEN: 'sbp_0123456789',
    VERCEL_TOKEN: 'vercel-0123',
    RESEND_API_KEY: 're_0123456789',
    PROVISIONER_SECRET: 'p'.repeat(32),
  };
  const ended = await job({ INPUT_COMMAND: 'apply', ...vendors });
  expect(ended).toMatchObject({ green: false, outputs: { result: 'blocked' } });
  expect(ended.outputs.summary).toContain('GITHUB_REPOSITORY is not set');
});

test('a command that does not exist is refused by the name of its input', async () => {
  const ended = await job({ INPUT_COMMAND: 'destroy' });
  expect(ended.green).toBe(false);
  expect(ended.outputs.summary).toContain('the input command is "destroy"');
});
