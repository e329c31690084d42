import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from './database.ts';
import { ensureTemplate, stampTemplate } from './template.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'template-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('ensureTemplate', () => {
  it('may be asked by two at once: one template stands, nothing is left beside it', async () => {
    const cache = join(dir, 'cache');
    const elsewhere = inWorker(cache);
    const here = ensureTemplate(cache);
    expect(await elsewhere).toBe(await here);
    expect(await readdir(cache)).toEqual([(await here).slice(cache.length + 1)]);
    const database = await openDatabase(await here);
    expect(await database.query('select 1 as one')).toEqual({ ok: true, rows: [{ one: 1 }] });
    await database.close();
  });

  it('clears away what a killed builder left an hour ago, and nothing younger', async () => {
    const cache = join(dir, 'cache');
    for (const name of ['building-old', 'building-young']) await mkdir(join(cache, name), { recursive: true });
    const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(join(cache, 'building-old'), longAgo, longAgo);
    await ensureTemplate(cache);
    expect([existsSync(join(cache, 'building-old')), existsSync(join(cache, 'building-young'))]).toEqual([false, true]);
  });
});

describe('stampTemplate', () => {
  it('leaves alone what is already there', async () => {
    await mkdir(join(dir, 'postgres'));
    await writeFile(join(dir, 'postgres', 'mine'), 'x');
    await stampTemplate(await ensureTemplate(), join(dir, 'postgres'));
    expect(await readdir(join(dir, 'postgres'))).toEqual(['mine']);
  });

  it('makes databases that know nothing of each other and keep their data', async () => {
    const template = await ensureTemplate();
    for (const name of ['one', 'two']) await stampTemplate(template, join(dir, name));
    const [one, two] = await Promise.all([openDatabase(join(dir, 'one')), openDatabase(join(dir, 'two'))]);
    await one.query('create table public.only_here (id int)');
    const there = "select to_regclass('public.only_here') is not null as there";
    expect(await two.query(there)).toEqual({ ok: true, rows: [{ there: false }] });
    await Promise.all([one.close(), two.close()]);
    const reopened = await openDatabase(join(dir, 'one'));
    expect(await reopened.query(there)).toEqual({ ok: true, rows: [{ there: true }] });
    await reopened.close();
  });
});

/** Its own thread shares no memory with us, like another process; only the folder is common. */
function inWorker(cache: string): Promise<string> {
  const url = new URL('./template.ts', import.meta.url).href;
  const code = `import('tsx/esm/api').then((tsx) => tsx.tsImport(${JSON.stringify(url)}, ${JSON.stringify(import.meta.url)}))
    .then((module) => module.ensureTemplate(${JSON.stringify(cache)}))
    .then((path) => require('node:worker_threads').parentPort.postMessage(path))`;
  const worker = new Worker(code, { eval: true });
  return new Promise((resolve, reject) => {
    worker.once('message', (path: string) => void worker.terminate().then(() => resolve(path)));
    worker.once('error', reject);
  });
}
