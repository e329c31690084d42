import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';
import { bundleCli } from '../../scripts/bundle.ts';
import { apply } from './child.ts';
import type { Programs } from './matrix.ts';
import { type Site, sitesOf } from './sites.ts';
import { openWorld, scratch } from './world.ts';

/** Bundles what the cases start, and finds the call sites by one run without any trouble. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(scratch(), 'matrix-setup-'));
  const programs = await bundles(dir);
  const sites = await cleanRun(programs.program, join(dir, 'clean'));
  console.log(`matrix: ${sites.length} call sites`);
  project.provide('programs', programs);
  project.provide('sites', sites);
  return () => rm(dir, { recursive: true, force: true });
}

async function bundles(dir: string): Promise<Programs> {
  const [program, forgetsProjects, mailsTwice] = await Promise.all([
    bundleCli(join(dir, 'program')),
    bundleScript('tests/matrix/reckless/forgets-projects.ts', join(dir, 'forgets-projects.mjs')),
    bundleScript('tests/matrix/reckless/mails-twice.ts', join(dir, 'mails-twice.mjs')),
  ]);
  return { program, forgetsProjects, mailsTwice };
}

/** CommonJS inside asks for `require`, which an ES module does not have. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

async function bundleScript(entry: string, outfile: string): Promise<string> {
  const banner = { js: REQUIRE };
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner,
  });
  return outfile;
}

async function cleanRun(program: string, dir: string): Promise<Site[]> {
  const { world, close } = await openWorld(dir, {});
  try {
    const { code, said } = await apply(program, world);
    if (code !== 0) throw new Error(`a run without any trouble fails: ${said}`);
    return sitesOf(await world.requests());
  } finally {
    await close();
  }
}
