import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startBytes, staticImports } from './cold-start.ts';

it('finds static imports in minified code, and neither import() nor packages', () => {
  const code = `import{createRequire as r}from'node:module';import{a as b}from"./chunks/one.js";import"./two.js";var x=()=>import("./three.js");export{a}from"../four.js";`;
  expect(staticImports(code)).toEqual(['./chunks/one.js', './two.js', '../four.js']);
});

it('counts each module that loads at start once', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'start-bytes-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const files = {
    'index.js': 'import"./chunks/a.js";import"./chunks/b.js";import("./chunks/later.js");',
    'chunks/a.js': 'import"./b.js";',
    'chunks/b.js': 'export const b=1;',
    'chunks/later.js': 'x'.repeat(1_000),
  };
  await mkdir(join(dir, 'chunks'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  const atStart = files['index.js'].length + files['chunks/a.js'].length + files['chunks/b.js'].length;
  expect(await startBytes(join(dir, 'index.js'))).toBe(atStart);
});
