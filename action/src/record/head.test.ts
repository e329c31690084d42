import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../local-cloud/testing.ts';
import { aControlForge, type ControlForgeOptions } from '../../../tests/support/control-forge.ts';
import { aRecordRoom, FLEET, roomFiles, settled, underWay } from '../../../tests/support/record-room.ts';
import { BlockedError, ManifestError } from '../engine/errors.ts';
import { gitData } from '../forge/git-data.ts';
import { RECORD_BRANCH } from './entries.ts';
import { headRoom } from './head.ts';
import { readRoom } from './room.ts';
import { blobSha } from './texts.ts';

const SQL = 'migrations/agency/20260101000000_first.sql';

/** A folder with these files in it. */
async function aFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  return dir;
}

async function aRoom(files: Readonly<Record<string, string>>, options: ControlForgeOptions = {}, dir?: string) {
  const rig = await aControlForge({ files, ...options });
  const room = headRoom({ git: gitData(rig.repository), branch: 'main', ...(dir !== undefined && { dir }) });
  return { ...rig, head: room };
}

describe('the room at the head', () => {
  const files = {
    ...roomFiles('beta', 'acme'),
    [SQL]: 'select 1;\n',
    'agencies/README.md': '# ours\n',
    'other.txt': 'x',
  };

  it('is what a checkout of it gives', async () => {
    const dir = await aFolder(files);
    const { head, room } = await aRoom(files);
    expect(await head.read()).toEqual(await readRoom(dir));
    expect(head.commit).toBe(await room.head());
    expect(head.known('agencies/acme.yaml')).toBe(files['agencies/acme.yaml' as keyof typeof files]);
  });

  it('takes three calls with a checkout, for a thousand manifests', async () => {
    const many = roomFiles(...Array.from({ length: 1_000 }, (_, at) => `agency-${at}`));
    const { head, sent } = await aRoom(many, {}, await aFolder(many));
    expect((await head.read()).agencies).toHaveLength(1_000);
    expect(sent).toHaveLength(3);
  });

  it('fetches only what the checkout has not, or has otherwise', async () => {
    const dir = await aFolder(files);
    await writeFile(
      join(dir, 'agencies/beta.yaml'),
      (files as Record<string, string>)['agencies/beta.yaml']?.replaceAll('\n', '\r\n') ?? '',
    );
    await rm(join(dir, SQL));
    await rm(join(dir, 'agencies/README.md'));
    await symlink('/dev/zero', join(dir, 'agencies/README.md'));
    const { head, sent, room } = await aRoom(files, {}, dir);
    await room.push('main', { 'agencies/gamma.yaml': 'new: true\n' });
    const read = await head.read();
    expect(read.agencies.map(({ text }) => text)).toEqual(
      ['README.md', 'acme.yaml', 'beta.yaml', 'gamma.yaml'].map(
        (name) => ({ ...files, 'agencies/gamma.yaml': 'new: true\n' })[`agencies/${name}` as keyof typeof files],
      ),
    );
    expect(sent.filter((one) => one.includes('/git/blobs/'))).toHaveLength(4);
    sent.length = 0;
    await head.read();
    expect(sent.filter((one) => one.includes('/git/blobs/'))).toEqual([]);
  });

  it('is the head as it is now, not as it was at the checkout', async () => {
    const { head, room } = await aRoom(files, {}, await aFolder(files));
    await head.read();
    await room.push('main', { 'agencies/acme.yaml': null, 'fleet.yaml': `${FLEET}# later\n` });
    const { agencies, fleet } = await head.read();
    expect(agencies.map(({ file }) => file)).not.toContain('agencies/acme.yaml');
    expect(fleet.text).toContain('# later');
    expect(head.commit).toBe(await room.head());
  });

  it('gives any commit to the letter: what was merged, what it was merged into, what a merge would make', async () => {
    const { head, room, git } = await withGit();
    await room.push('wish', { 'agencies/gamma.yaml': 'new: true\n' });
    const number = await room.openPullRequest({ head: 'wish', title: 'A wish' });
    const merged = await room.merge(number, { method: 'merge' });
    const [parent = ''] = (await git.commit(merged)).parents;
    const names = async (sha: string) => (await head.at(sha)).agencies.map(({ file }) => file);
    expect(await names(merged)).toContain('agencies/gamma.yaml');
    expect(await names(parent)).not.toContain('agencies/gamma.yaml');
    expect(head.commit).toBeUndefined();
  });

  async function withGit() {
    const rig = await aRoom(files);
    return { ...rig, git: gitData(rig.repository) };
  }

  it('says what is missing', async () => {
    const { head, room } = await aRoom(files);
    await room.push('main', { 'fleet.yaml': null });
    await expect(head.read()).rejects.toThrow('there is no fleet.yaml');
    const elsewhere = headRoom({ git: (await withGit()).git, branch: 'trunk' });
    await expect(elsewhere.read()).rejects.toBeInstanceOf(ManifestError);
  });
});

describe('what waits on the record’s branch', () => {
  const begun = underWay({ 'supabase.project': { id: 'abc' } });

  it('is laid over the head, and over nothing else', async () => {
    const { first, second, room } = await aRecordRoom({ as: { as: 'actions' } });
    room.protect('main');
    await first.save('acme', begun);
    await first.flush();
    const text = (await room.read('agencies/acme.yaml')) ?? '';
    room.protect('main', { pullRequest: false });
    await room.push('main', { 'agencies/acme.yaml': text.replace('The acme agency', 'Another name') });
    const later = await second();
    expect(await later.reads('acme')).toEqual(begun);
    expect(later.room.known('agencies/acme.yaml')).toContain('Another name');
    const sha = (await room.head()) ?? '';
    const inventories = async (recorded?: 'recorded') =>
      (await later.room.at(sha, recorded)).agencies.map((one) => one.text).join();
    expect(await inventories()).not.toContain('abc');
    expect(await inventories('recorded')).toContain('abc');
  });

  it('follows a rename, and leaves alone what took its name', async () => {
    const { first, second, room } = await aRecordRoom({ as: { as: 'actions' } });
    room.protect('main');
    await first.save('acme', begun);
    await first.flush();
    room.protect('main', { pullRequest: false });
    const text = (await room.read('agencies/acme.yaml')) ?? '';
    const other = text.replace(/uid: .*/, 'uid: "0ther000"');
    await room.push('main', { 'agencies/acme.yaml': other, 'agencies/acme-two.yaml': text });
    const later = await second();
    expect(await later.reads('acme')).toBeUndefined();
    expect(await later.reads('acme-two')).toEqual(begun);
  });

  it('does not bring an agency back that was deleted', async () => {
    const { first, second, room } = await aRecordRoom({ as: { as: 'actions' } });
    room.protect('main');
    await first.save('acme', settled());
    await first.flush();
    room.protect('main', { pullRequest: false });
    await room.push('main', { 'agencies/acme.yaml': null });
    const later = await second();
    expect((await later.room.read()).agencies.map(({ file }) => file)).not.toContain('agencies/acme.yaml');
    await later.save('beta', begun);
    await later.flush();
    expect(await room.files()).not.toContain('agencies/acme.yaml');
    expect(await room.branches()).toEqual(['main']);
  });
});

describe('a record that nobody can read', () => {
  const begun = underWay({ 'supabase.project': { id: 'abc' } });
  const ACME = 'agencies/acme.yaml';

  /** Acme's record waits, main takes commits again, and somebody resolved a conflict badly. */
  async function aBadMerge() {
    const rig = await aRecordRoom({ as: { as: 'actions' } });
    rig.room.protect('main');
    await rig.first.save('acme', begun);
    await rig.first.flush();
    rig.room.protect('main', { pullRequest: false });
    const running = await rig.second();
    const good = (await rig.room.read(ACME, RECORD_BRANCH)) ?? '';
    const bad = good.replace('status:\n', '<<<<<<< HEAD\n=======\nstatus:\n').concat('>>>>>>> main\n');
    await rig.room.push(RECORD_BRANCH, { [ACME]: bad }, { by: 'ops' });
    return { ...rig, running, good };
  }

  it('stops a run before it acts, and names the file', async () => {
    const { second, room, good } = await aBadMerge();
    const later = second();
    await expect(later).rejects.toBeInstanceOf(BlockedError);
    await expect(later).rejects.toThrow(`holds a record that cannot be read: ${ACME}:`);
    await expect(later).rejects.toMatchObject({ remedy: expect.stringContaining('Mend the file on that branch') });
    await room.push(RECORD_BRANCH, { [ACME]: good }, { by: 'ops' });
    expect(await (await second()).reads('acme')).toEqual(begun);
  });

  it('is never taken away by a run that is under way', async () => {
    const { running, room, good, statusOf } = await aBadMerge();
    await running.save('beta', settled());
    await expect(running.flush()).rejects.toBeInstanceOf(BlockedError);
    expect(await room.branches()).toContain(RECORD_BRANCH);
    await room.push(RECORD_BRANCH, { [ACME]: good }, { by: 'ops' });
    await running.flush();
    expect(await statusOf('acme')).toEqual(begun);
    expect(await statusOf('beta')).toEqual(settled());
    expect(await room.branches()).toEqual(['main']);
  });

  it('is none where main had a broken manifest that nothing was recorded of yet, mended or gone since', async () => {
    const { first, second, room } = await aRecordRoom({ as: { as: 'actions' } });
    const [newOne, another] = ['agencies/new-one.yaml', 'agencies/another.yaml'];
    await room.push('main', { [newOne]: 'kind: [\n', [another]: 'kind: [\n' });
    room.protect('main', { bypass: ['ops'] });
    await first.save('acme', begun);
    await first.flush();
    expect(await room.read(newOne, RECORD_BRANCH)).toContain('kind: [');
    await room.push('main', { [newOne]: 'kind: Agency\n', [another]: null }, { by: 'ops' });
    expect(await (await second({ as: 'actions' })).reads('acme')).toEqual(begun);
  });

  it('is none where main was broken itself, and says the same since it was mended', async () => {
    const { first, second, room } = await aRecordRoom({ as: { as: 'actions' } });
    await first.save('acme', begun);
    await first.flush();
    const good = (await room.read(ACME)) ?? '';
    await room.push('main', { [ACME]: `kind: [\n${good}` });
    room.protect('main', { bypass: ['ops'] });
    await first.save('beta', begun);
    await first.flush();
    expect(await room.read(ACME, RECORD_BRANCH)).toContain('kind: [');
    await room.push('main', { [ACME]: good }, { by: 'ops' });
    const later = await second({ as: 'actions' });
    expect([await later.reads('acme'), await later.reads('beta')]).toEqual([begun, begun]);
  });
});

it('names content as git does', () => {
  expect(blobSha(Buffer.from('hello\n'))).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
});
