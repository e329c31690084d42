import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadControlRoom } from '../manifest/load.ts';
import { headRevision, readRoom } from './room.ts';

let dir: string;

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'room-')));
  await put('fleet.yaml', 'kind: Fleet\n');
});

afterEach(() => rm(dir, { recursive: true }));

async function put(file: string, content: string | Buffer): Promise<void> {
  await mkdir(join(dir, file, '..'), { recursive: true });
  await writeFile(join(dir, file), content);
}

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.test', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', dir, ...identity, ...args], { encoding: 'utf8' }).trim();
}

test('text arrives byte for byte, sorted by name', async () => {
  const text = '\ufeffname: "é"  # kept\r\n\r\n';
  await put('agencies/b.yaml', text);
  await put('agencies/a.yaml', 'a');
  await put('migrations/agency/20260101000000_one.sql', 'select 1;');
  expect(await readRoom(dir)).toEqual({
    fleet: { file: 'fleet.yaml', text: 'kind: Fleet\n' },
    agencies: [
      { file: 'agencies/a.yaml', text: 'a' },
      { file: 'agencies/b.yaml', text },
    ],
    migrations: [{ file: 'migrations/agency/20260101000000_one.sql', text: 'select 1;' }],
  });
});

test('the repository is handed on, so that a copy elsewhere can be refused', async () => {
  expect((await readRoom(dir, 'acme/room')).repository).toBe('acme/room');
});

test('folders that do not exist hold nothing', async () => {
  expect(await readRoom(dir)).toMatchObject({ agencies: [], migrations: [] });
});

test('a folder without fleet.yaml is refused with the way to name another', async () => {
  await rm(join(dir, 'fleet.yaml'));
  await expect(readRoom(dir)).rejects.toMatchObject({ class: 'manifest', remedy: expect.stringContaining('--dir') });
});

test('a file in a folder of agencies/ is read, so that it can be refused by its place', async () => {
  await put('agencies/more/c.yaml', 'c');
  expect((await readRoom(dir)).agencies).toEqual([{ file: 'agencies/more/c.yaml', text: 'c' }]);
});

test.each(['fleet.yaml', 'agencies/a.yaml', 'migrations/agency/20260101000000_one.sql'])(
  'a symbolic link in place of %s is refused',
  async (file) => {
    await put(file, '');
    await rm(join(dir, file));
    await symlink('/etc/hostname', join(dir, file));
    await expect(readRoom(dir)).rejects.toMatchObject({
      class: 'manifest',
      message: expect.stringContaining(`${file} is a symbolic link`),
    });
  },
);

test('a linked agencies/ is refused', async () => {
  await mkdir(join(dir, 'elsewhere'));
  await symlink(join(dir, 'elsewhere'), join(dir, 'agencies'));
  await expect(readRoom(dir)).rejects.toMatchObject({
    message: expect.stringContaining('agencies is a symbolic link'),
  });
});

test('a manifest that is not UTF-8 is refused by its place and stops no other', async () => {
  await put('agencies/bad.yaml', Buffer.from([0x6b, 0x3a, 0x20, 0xff, 0x0a]));
  const { problems } = loadControlRoom(await readRoom(dir));
  expect(problems).toContainEqual(
    expect.objectContaining({
      file: 'agencies/bad.yaml',
      line: 1,
      column: 4,
      message: expect.stringContaining('not valid UTF-8'),
    }),
  );
});

test('a file of 5 MB is refused without being read whole', async () => {
  await put('agencies/huge.yaml', 'a'.repeat(5 * 1024 * 1024));
  await put('migrations/agency/20260101000000_huge.sql', 'a'.repeat(5 * 1024 * 1024));
  const room = await readRoom(dir);
  expect(room.agencies[0]?.text.length).toBeLessThan(1024 * 1024);
  const { problems } = loadControlRoom(room);
  const refused = problems.filter(({ message }) => /larger/.test(message)).map(({ file }) => file);
  expect(refused).toEqual(['agencies/huge.yaml', 'migrations/agency/20260101000000_huge.sql']);
});

test('the revision is that of the commit that tracks fleet.yaml', async () => {
  expect(await headRevision(dir)).toBeUndefined();
  git('init', '--quiet');
  expect(await headRevision(dir)).toBeUndefined();
  git('add', 'fleet.yaml');
  expect(await headRevision(dir)).toBeUndefined();
  git('commit', '--quiet', '-m', 'begin');
  expect(await headRevision(dir)).toBe(git('rev-parse', 'HEAD'));
});

test('a control room that merely lies inside some repository has no revision', async () => {
  git('init', '--quiet');
  await put('other.txt', 'x');
  git('add', 'other.txt');
  git('commit', '--quiet', '-m', 'begin');
  expect(await headRevision(dir)).toBeUndefined();
});
