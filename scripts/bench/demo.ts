import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureTemplate } from '../../local-cloud/instance/template.ts';
import { assertDone, runToEnd } from './child.ts';
import { atMost, type Finding, finding } from './findings.ts';

const BENCH = 'demo';
const DEMO = fileURLToPath(new URL('../demo.ts', import.meta.url));

/**
 * `npm run demo -- --once` and the making of the database template, which only the first run on a machine does: the
 * template is made aside and its time added, so that nobody's cache is touched.
 */
export async function demo(): Promise<Finding[]> {
  const template = await timeOfTemplate();
  const ended = await runToEnd(['--import', 'tsx', DEMO, '--once'], process.env);
  assertDone(ended);
  return [
    finding(BENCH, 'until every owner has signed in, first run', 's', [(ended.wallMs + template) / 1_000], atMost(60)),
    finding(BENCH, 'of it the database template', 's', [template / 1_000]),
  ];
}

async function timeOfTemplate(): Promise<number> {
  const cache = await mkdtemp(join(tmpdir(), 'bench-demo-'));
  try {
    const began = performance.now();
    await ensureTemplate(cache);
    return performance.now() - began;
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}
