import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
let copy: string;

beforeAll(async () => {
  await mkdir(join(root, '.cache'), { recursive: true });
  copy = await mkdtemp(join(root, '.cache', 'house-'));
  await copyFile(join(root, 'biome.json'), join(copy, 'biome.json'));
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rm(copy, { recursive: true }));

/** What the linter says to a file that holds only `code`, as if it stood at `path`. */
async function lint(path: string, code: string): Promise<string> {
  const file = join(copy, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, code);
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const args = [biome, 'lint', '--vcs-enabled=false', '--config-path', join(copy, 'biome.json'), path];
  return run(process.execPath, args, { cwd: copy }).then(
    () => '',
    (failure: { stdout: string; stderr: string }) => failure.stdout + failure.stderr,
  );
}

const importing = (from: string) => `import { x } from '${from}';\nexport const y = x;\n`;

describe('the house', () => {
  it.each([
    ['lib', '../engine/plan.ts', 'ground floor'],
    ['engine', '../providers/http.ts', 'engine/ imports lib/ only'],
    ['engine', '../manifest/load.ts', 'engine/ imports lib/ only'],
    ['engine', 'node:fs', 'knows no vendor'],
    ['engine', 'octokit', 'knows no vendor'],
    ['engine', '@supabase/supabase-js', 'knows no vendor'],
    ['providers', '../blueprint.ts', 'Providers import'],
    ['providers/supabase', '../../record/tree.ts', 'Providers import'],
    ['manifest', '../run.ts', 'Imports point down'],
    ['report', '../main.ts', 'Imports point down'],
    ['record', '../run.ts', 'Imports point down'],
    ['forge', '../report/terminal.ts', 'Imports point down'],
    ['intake', '../report/markdown.ts', 'Intake imports'],
    ['intake', '../providers/http.ts', 'Intake imports'],
  ])('keeps %s from importing %s', async (folder, from, message) => {
    expect(await lint(`action/src/${folder}/probe.ts`, importing(from))).toContain(message);
  });

  it.each([
    ['lib', './clock.ts'],
    ['engine', '../lib/clock.ts'],
    ['engine', './plan.ts'],
    ['providers', '../engine/kind.ts'],
    ['record', '../manifest/status.ts'],
    ['intake', '../forge/forge.ts'],
  ])('lets %s import %s', async (folder, from) => {
    expect(await lint(`action/src/${folder}/probe.ts`, importing(from))).toBe('');
  });

  it.each(['Date.now()', 'process.pid', 'console.log(1)', 'fetch("x")', 'setTimeout(() => 1)', 'performance.now()'])(
    'keeps %s out of the engine',
    async (expression) => {
      expect(await lint('action/src/engine/probe.ts', `export const y = ${expression};\n`)).toMatch(
        /noRestrictedGlobals|noConsole/,
      );
    },
  );

  it('keeps the action from importing the local cloud', async () => {
    expect(await lint('action/src/probe.ts', importing('../../local-cloud/cloud.ts'))).toContain(
      'never imports the local cloud',
    );
  });

  it('has a rule for every floor', async () => {
    const folders = (await readdir(join(root, 'action', 'src'), { withFileTypes: true })).filter((entry) =>
      entry.isDirectory(),
    );
    for (const { name } of folders) {
      expect(await lint(`action/src/${name}/probe.ts`, importing('../main.ts')), name).toMatch(/noRestrictedImports/);
    }
  });
});
