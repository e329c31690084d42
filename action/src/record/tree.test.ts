import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Secret } from '../lib/secret.ts';
import type { Status } from '../manifest/schema.ts';
import { treeRecorder } from './tree.ts';

const FILE = 'agencies/acme.yaml';
const text =
  '# ours\napiVersion: provisioner/v1\nkind: Agency # a comment\nmetadata: {name: acme,   uid: "7c1e4b90"}\nspec: {}\n';
const aStatus = (over: Partial<Status> = {}): Status => ({
  conditions: [],
  outputs: {},
  resources: { site: { id: 'x' } },
  ...over,
});

let dir: string;
const read = () => readFile(join(dir, FILE), 'utf8');
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tree-'));
  await mkdir(join(dir, 'agencies'));
  await writeFile(join(dir, FILE), text);
});
afterEach(() => rm(dir, { recursive: true }));

test('status is added behind what people wrote, which stays byte for byte', async () => {
  await treeRecorder(dir).save(FILE, aStatus());
  expect((await read()).startsWith(text)).toBe(true);
  expect(await read()).toContain('site: { id: x }');
});

test('what people change between two checkpoints is kept', async () => {
  const recorder = treeRecorder(dir);
  await recorder.save(FILE, aStatus());
  await writeFile(join(dir, FILE), (await read()).replace('# a comment', '# another comment'));
  await recorder.save(FILE, aStatus({ resources: { site: { id: 'z' } } }));
  expect(await read()).toContain('# another comment');
  expect(await read()).toContain('site: { id: z }');
});

test('the same status is not written twice', async () => {
  const recorder = treeRecorder(dir);
  await recorder.save(FILE, aStatus());
  await rm(join(dir, '.provisioner'), { recursive: true });
  await recorder.save(FILE, aStatus());
  expect(await readdir(dir)).toEqual(['agencies']);
});

test('drafts lie out of the way, and none is left', async () => {
  await treeRecorder(dir).save(FILE, aStatus());
  expect(await readdir(join(dir, 'agencies'))).toEqual(['acme.yaml']);
  expect(await readdir(join(dir, '.provisioner'))).toEqual([]);
});

test('a secret in a vendor’s words does not reach the file', async () => {
  const secret = new Secret('canary "in" words');
  const message = `the vendor said ${secret.reveal()} and ${JSON.stringify(secret.reveal())}`;
  const condition = {
    type: 'Ready',
    status: 'False',
    reason: 'X',
    message,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  } as const;
  await treeRecorder(dir).save(FILE, aStatus({ conditions: [condition] }));
  expect(await read()).toContain('the vendor said ***');
  expect(await read()).not.toContain('canary');
});

test('a secret that is a common word breaks nothing of the inventory', async () => {
  new Secret('us-east-1');
  new Secret('supabase');
  await treeRecorder(dir).save(
    FILE,
    aStatus({ resources: { 'supabase.project': { id: 'abc', region: 'us-east-1' } } }),
  );
  expect(await read()).toContain('supabase.project: { id: abc, region: us-east-1 }');
});

test('a manifest that went away is said, not made anew', async () => {
  await rm(join(dir, FILE));
  await expect(treeRecorder(dir).save(FILE, aStatus())).rejects.toThrow('ENOENT');
  expect(await readdir(join(dir, 'agencies'))).toEqual([]);
});
