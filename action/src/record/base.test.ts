import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readBase } from './base.ts';
import { readRoom } from './room.ts';

let dir: string;

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'base-')));
});
afterEach(() => rm(dir, { recursive: true }));

async function put(file: string, content: string): Promise<void> {
  await mkdir(join(dir, file, '..'), { recursive: true });
  await writeFile(join(dir, file), content);
}

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.test', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', dir, ...identity, ...args], { encoding: 'utf8' }).trim();
}

async function committed(files: Readonly<Record<string, string>>): Promise<string> {
  for (const [file, text] of Object.entries(files)) await put(file, text);
  git('add', '--all');
  git('commit', '--quiet', '--message', 'state');
  return git('rev-parse', 'HEAD');
}

test('what stood there arrives byte for byte, whatever became of it', async () => {
  git('init', '--quiet', '--initial-branch=main');
  const text = 'name: "é"  # kept\r\n\r\nno line end';
  const commit = await committed({ 'agencies/b.yaml': text, 'agencies/a.yaml': '', 'agencies/ü "q".yaml': 'c\n' });
  await put('agencies/b.yaml', 'changed');
  git('rm', '--quiet', 'agencies/a.yaml');
  const was = [
    { file: 'agencies/a.yaml', text: '' },
    { file: 'agencies/b.yaml', text },
    { file: 'agencies/ü "q".yaml', text: 'c\n' },
  ];
  for (const revision of [commit, commit.slice(0, 10), 'main', 'HEAD', 'HEAD^{commit}']) {
    expect(await readBase(dir, revision)).toEqual(was);
  }
});

test('a control room that is a folder of its repository is read by its own paths', async () => {
  git('init', '--quiet');
  await committed({ 'rooms/one/agencies/a.yaml': 'a', 'agencies/b.yaml': 'another room' });
  expect(await readBase(join(dir, 'rooms/one'), 'HEAD')).toEqual([{ file: 'agencies/a.yaml', text: 'a' }]);
});

test('a revision without agencies/ holds none, and links are none', async () => {
  git('init', '--quiet');
  await symlink('/etc/hostname', join(dir, 'link'));
  await committed({ 'README.md': 'x' });
  expect(await readBase(dir, 'HEAD')).toEqual([]);
  await mkdir(join(dir, 'agencies'));
  await symlink('../README.md', join(dir, 'agencies/a.yaml'));
  await committed({});
  expect(await readBase(dir, 'HEAD')).toEqual([]);
});

test('many manifests are read as one', async () => {
  git('init', '--quiet');
  const names = Array.from({ length: 300 }, (_, n) => `agencies/a${String(n).padStart(3, '0')}.yaml`);
  await committed(Object.fromEntries(names.map((name) => [name, `${name}\n`.repeat(100)])));
  const files = await readBase(dir, 'HEAD');
  expect(files.map(({ file }) => file)).toEqual(names);
  expect(files.filter(({ file, text }) => text !== `${file}\n`.repeat(100))).toEqual([]);
});

test.each(['--upload-pack=x', '-h', 'a..b', 'a b', 'a\nb', '', ':/x', 'HEAD:agencies'])(
  '%j is no revision, and git is not asked',
  async (revision) => {
    await expect(readBase(dir, revision)).rejects.toMatchObject({
      class: 'manifest',
      message: `${JSON.stringify(revision)} is no revision`,
    });
  },
);

test('an unknown revision is told with the way to fetch it', async () => {
  git('init', '--quiet');
  await committed({ 'agencies/a.yaml': 'a' });
  await expect(readBase(dir, 'origin/main')).rejects.toMatchObject({
    class: 'manifest',
    message: `git knows no revision "origin/main" in ${dir}`,
    remedy: expect.stringContaining('fetch-depth: 0'),
  });
});

test('a folder that is in no repository is told as such, and its other files are not read without it', async () => {
  await put('fleet.yaml', 'kind: Fleet\n');
  const refused = {
    class: 'manifest',
    message: expect.stringContaining(`git cannot read what ${dir} was: `),
    remedy: expect.stringContaining('--base'),
  };
  await expect(readBase(dir, 'main')).rejects.toMatchObject(refused);
  await expect(readRoom(dir, undefined, 'main')).rejects.toMatchObject(refused);
  expect(await readRoom(dir)).not.toHaveProperty('base');
});
