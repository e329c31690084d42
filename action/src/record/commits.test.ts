import { describe, expect, it } from 'vitest';
import { aRecordRoom, roomFiles, settled, underWay } from '../../../tests/support/record-room.ts';
import { BlockedError, WaitingError } from '../engine/errors.ts';

const INTENT = '2026-01-01T00:00:00Z';
const begun = underWay({ 'supabase.project': { intent: INTENT } });
const made = underWay({ 'supabase.project': { id: 'abc' } });
const done = settled({ 'supabase.project': { id: 'abc' } });
const MINUTE = 60_000;

const subjects = (log: readonly { message: string }[]) => log.map(({ message }) => message.split('\n')[0]);

describe('a record by commits', () => {
  it('makes the first intent of an agency durable, and the rest at the end', async () => {
    const { first, room, statusOf } = await aRecordRoom();
    await first.save('acme', begun);
    expect(await statusOf('acme')).toEqual(begun);
    await first.save('acme', made);
    await first.save('acme', done);
    expect(await statusOf('acme')).toEqual(begun);
    await first.flush();
    expect(await statusOf('acme')).toEqual(done);
    expect(subjects(await room.log())).toEqual(['Record acme', 'Record acme', 'Begin']);
  });

  it('says what and why, is signed, and starts no workflow', async () => {
    const { first, room } = await aRecordRoom();
    await first.save('acme', begun);
    const [commit] = await room.log();
    expect(commit?.verified).toBe(true);
    expect(commit?.message).toContain('acme: Ready=Unknown (Provisioning)');
    expect(commit?.message).toContain('https://github.test/runs/1');
    expect(commit?.message.split('\n')).toContain('[skip ci]');
  });

  it('has no commit when nothing changed, and none when nothing was saved', async () => {
    const { first, second, room, sent } = await aRecordRoom();
    await first.save('acme', done);
    await first.flush();
    const again = await second();
    await again.save('acme', done);
    await again.flush();
    expect(await room.log()).toHaveLength(2);
    const calls = sent.length;
    await first.flush();
    expect(sent.length).toBe(calls);
  });

  it('puts agencies that begin at the same time into few commits', async () => {
    const slugs = Array.from({ length: 20 }, (_, at) => `agency-${at}`);
    const { first, room, statusOf } = await aRecordRoom({ files: roomFiles(...slugs) });
    await Promise.all(slugs.map((slug) => first.save(slug, begun)));
    expect(subjects(await room.log())).toEqual(['Record 20 agencies', 'Begin']);
    for (const slug of slugs) expect(await statusOf(slug)).toEqual(begun);
  });

  it('lets half a minute pass between such commits while more and more begin', async () => {
    const { first, room, clock } = await aRecordRoom();
    const since = clock.elapsed();
    for (const slug of ['acme', 'beta', 'gamma']) await first.save(slug, begun);
    expect(clock.elapsed() - since).toBe(61_000);
    expect(await room.log()).toHaveLength(4);
  });

  it('writes every ten minutes of a long run', async () => {
    const { first, room, clock, statusOf } = await aRecordRoom();
    await first.save('acme', begun);
    clock.advance(9 * MINUTE);
    await first.save('acme', made);
    expect(await room.log()).toHaveLength(2);
    clock.advance(MINUTE);
    await first.save('beta', underWay({ 'vercel.project': { id: 'prj' } }));
    await expect.poll(async () => (await room.log()).length).toBe(3);
    expect(await statusOf('acme')).toEqual(made);
    expect(await statusOf('beta')).toBeDefined();
  });

  it('makes it durable that an id was given up, or the next run would not look for what took its place', async () => {
    const { first, statusOf } = await aRecordRoom();
    await first.save('acme', underWay({ 'supabase.project': { id: 'gone' }, 'vercel.project': { intent: INTENT } }));
    const anew = underWay({ 'supabase.project': { intent: INTENT }, 'vercel.project': { id: 'prj' } });
    await first.save('acme', anew);
    expect(await statusOf('acme')).toEqual(anew);
  });

  it('keeps every byte that people wrote', async () => {
    const [plain, crlf] = [
      '# ours\napiVersion: provisioner/v1\nkind: Agency   # a comment\nmetadata: {name: acme,   uid: "7c1e4b90"}\nspec: {}\n# the end',
      'apiVersion: provisioner/v1\r\nkind: Agency\r\n\r\nmetadata: { name: beta, uid: 7c1e4b91 }\r\nspec:\r\n    displayName:   "ünï"\r\n',
    ];
    const { first, room } = await aRecordRoom({
      files: { ...roomFiles(), 'agencies/acme.yaml': plain, 'agencies/beta.yaml': crlf },
    });
    await first.save('acme', done);
    await first.save('beta', done);
    await first.flush();
    expect((await room.read('agencies/acme.yaml'))?.startsWith(`${plain}\n`)).toBe(true);
    const written = await room.read('agencies/beta.yaml');
    expect(written?.startsWith(crlf)).toBe(true);
    expect(written?.replaceAll('\r\n', '')).not.toContain('\n');
  });
});

describe('when others are at work too', () => {
  it('keeps what a person pushed meanwhile, in the same manifest too', async () => {
    const { first, room, statusOf } = await aRecordRoom();
    await first.save('acme', begun);
    const text = (await room.read('agencies/acme.yaml')) ?? '';
    await room.push('main', { 'agencies/acme.yaml': `# theirs\n${text}`, 'README.md': 'hello' });
    await first.save('acme', done);
    await first.flush();
    expect(await room.read('agencies/acme.yaml')).toContain('# theirs\n');
    expect(await room.read('README.md')).toBe('hello');
    expect(await statusOf('acme')).toEqual(done);
  });

  it('loses no status and nobody’s commit, and history stays a line', async () => {
    let pushes = 0;
    const rig = await aRecordRoom({
      before: async ({ method }) => {
        // A person is faster than the first tries of it.
        if (method === 'PATCH' && pushes < 3) {
          pushes += 1;
          await rig.room.push('main', { [`note-${pushes}.txt`]: 'mine' }, { by: 'ops' });
        }
        return undefined;
      },
    });
    const second = await rig.second();
    const work = async (who: typeof second, slug: string) => {
      await who.save(slug, begun);
      await who.save(slug, done);
      await who.flush();
    };
    await Promise.all([work(rig.first, 'acme'), work(second, 'beta'), work(await rig.second('app'), 'gamma')]);
    for (const slug of ['acme', 'beta', 'gamma']) expect(await rig.statusOf(slug)).toEqual(done);
    const log = await rig.room.log();
    expect(log.every(({ parents }) => parents.length <= 1)).toBe(true);
    expect(await rig.room.files()).toEqual(expect.arrayContaining(['note-1.txt', 'note-2.txt', 'note-3.txt']));
    expect(subjects(log).filter((subject) => subject?.startsWith('Record'))).toHaveLength(6);
  });

  it('follows a manifest that was renamed', async () => {
    const { first, room, statusOf } = await aRecordRoom();
    await first.save('acme', begun);
    const text = (await room.read('agencies/acme.yaml')) ?? '';
    await room.push('main', { 'agencies/acme.yaml': null, 'agencies/acme-two.yaml': text });
    await first.save('acme', done);
    await first.flush();
    expect(await statusOf('acme-two')).toEqual(done);
    expect(await room.files()).not.toContain('agencies/acme.yaml');
  });

  it('does not write one agency’s status into another that took its file', async () => {
    const { first, room } = await aRecordRoom();
    const other = ((await room.read('agencies/beta.yaml')) ?? '').replace(/uid: .*/, 'uid: "0ther000"');
    await room.push('main', { 'agencies/acme.yaml': other });
    await expect(first.save('acme', begun)).rejects.toThrow('it was deleted');
    expect(await room.read('agencies/acme.yaml')).toBe(other);
  });

  it('keeps on its own branch what has no manifest any more, and says so', async () => {
    const { first, second, room, statusOf } = await aRecordRoom();
    await first.save('acme', begun);
    await room.push('main', { 'agencies/acme.yaml': null });
    await first.save('acme', made);
    await first.save('beta', done);
    const refused = first.flush();
    await expect(refused).rejects.toBeInstanceOf(BlockedError);
    await expect(refused).rejects.toMatchObject({ remedy: expect.stringContaining('supabase.project abc') });
    expect(await statusOf('beta')).toEqual(done);
    expect(await room.files()).not.toContain('agencies/acme.yaml');
    expect(await statusOf('acme', 'provisioner/record')).toEqual(made);
    expect(first.proposed).toHaveLength(1);

    // Whoever brings the file back has it with its inventory, and the branch goes with the next record.
    await room.push('main', { 'agencies/acme.yaml': roomFiles('acme')['agencies/acme.yaml'] ?? '' });
    const later = await second();
    expect(await later.reads('acme')).toEqual(made);
    await later.save('acme', done);
    await later.flush();
    expect(await statusOf('acme')).toEqual(done);
    expect(await room.branches()).toEqual(['main']);
  });

  it('stops an agency whose manifest was broken meanwhile, and no other', async () => {
    const { first, room, statusOf } = await aRecordRoom();
    await room.push('main', { 'agencies/acme.yaml': 'kind: [' });
    await expect(first.save('acme', begun)).rejects.toBeInstanceOf(BlockedError);
    await first.save('beta', begun);
    expect(await statusOf('beta')).toEqual(begun);
    expect(await room.read('agencies/acme.yaml')).toBe('kind: [');
  });

  it('does not write over what the run recorded that took its lease', async () => {
    const { first, second, statusOf } = await aRecordRoom();
    const old = await second(undefined, () => Promise.reject(new WaitingError('another run took the lease', 'Wait.')));
    await first.save('acme', begun);
    await first.save('acme', done);
    await first.flush();
    await expect(old.save('acme', begun)).rejects.toBeInstanceOf(WaitingError);
    await expect(old.flush()).rejects.toBeInstanceOf(WaitingError);
    expect(await statusOf('acme')).toEqual(done);
  });

  it('fetches nothing that it wrote itself', async () => {
    const { first, sent } = await aRecordRoom();
    await first.save('acme', begun);
    sent.length = 0;
    await first.save('acme', done);
    await first.flush();
    expect(sent.filter((one) => one.includes('/git/blobs/'))).toEqual([]);
    expect(sent).toHaveLength(7);
  });

  it('gives up, with all still to be recorded, when the branch never stands still', async () => {
    let restless = true;
    const rig = await aRecordRoom({
      before: async ({ method }) => {
        if (restless && method === 'PATCH') {
          rig.clock.advance(MINUTE);
          await rig.room.push('main', { 'note.txt': `${rig.clock.elapsed()}` });
        }
        return undefined;
      },
    });
    await rig.first.save('acme', done);
    await expect(rig.first.flush()).rejects.toThrow('main moved each time');
    restless = false;
    await rig.first.flush();
    expect(await rig.statusOf('acme')).toEqual(done);
  });
});

describe('when GitHub does not answer', () => {
  /** Everything fails, reading too, for so long from `begin` on; nothing at all until then. */
  async function anOutage(ms: number) {
    let isOver = () => true;
    const rig = await aRecordRoom({
      before: () => (isOver() ? undefined : Response.json({ message: 'Unicorn' }, { status: 503 })),
    });
    return {
      ...rig,
      begin: () => {
        const end = rig.clock.elapsed() + ms;
        isOver = () => rig.clock.elapsed() >= end;
      },
    };
  }

  it('waits for it, and records all', async () => {
    const { first, begin, clock, statusOf } = await anOutage(4 * MINUTE);
    await first.save('acme', begun);
    await first.save('acme', done);
    begin();
    const since = clock.elapsed();
    await first.flush();
    expect(await statusOf('acme')).toEqual(done);
    expect(clock.elapsed() - since).toBeLessThan(5 * MINUTE);
  });

  it('lets an agency begin after it', async () => {
    const { first, begin, statusOf } = await anOutage(MINUTE);
    begin();
    await first.save('acme', begun);
    expect(await statusOf('acme')).toEqual(begun);
  });

  it('gives up after five minutes with what GitHub said, and keeps all still to be recorded', async () => {
    const { first, begin, clock, statusOf } = await anOutage(7 * MINUTE);
    await first.save('acme', done);
    begin();
    const since = clock.elapsed();
    await expect(first.flush()).rejects.toThrow('github: read heads/main failed: Unicorn (HTTP 503)');
    expect(clock.elapsed() - since).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(clock.elapsed() - since).toBeLessThan(6 * MINUTE);
    clock.advance(2 * MINUTE);
    await first.flush();
    expect(await statusOf('acme')).toEqual(done);
  });

  it('does not wait where the lease is lost', async () => {
    const { second, clock } = await aRecordRoom();
    const old = await second(undefined, () => Promise.reject(new WaitingError('another run took the lease', 'Wait.')));
    await old.save('acme', done);
    const since = clock.elapsed();
    await expect(old.flush()).rejects.toThrow('another run took the lease');
    expect(clock.elapsed()).toBe(since);
  });
});

describe('a branch that takes no direct commits', () => {
  it.each(['ruleset', 'branch'] as const)('gets the record by a pull request (%s)', async (kind) => {
    const { first, second, room, statusOf } = await aRecordRoom({ as: { as: 'actions' } });
    room.protect('main', { kind, checks: ['plan'] });
    await first.save('acme', begun);
    await first.save('acme', made);
    await first.save('beta', done);
    await first.flush();
    expect(await statusOf('acme')).toBeUndefined();
    expect(await statusOf('acme', 'provisioner/record')).toEqual(made);
    expect(first.told[0]).toContain('main takes no direct commits');
    expect(first.told[1]).toContain('/pull/');
    expect(first.told).toHaveLength(2);
    const [commit] = await room.log('provisioner/record');
    expect(commit?.message).not.toContain('[skip ci]');
    expect(commit?.verified).toBe(true);

    const later = await second({ as: 'actions' });
    expect(await later.reads('acme')).toEqual(made);
    expect(await later.reads('beta')).toEqual(done);
  });

  it.each(['Reference update failed', 'Changes must be made through the merge queue'])(
    'gets it so whatever the rule’s words are: %s',
    async (says) => {
      const { first, room, clock, statusOf } = await aRecordRoom({ as: { as: 'actions' } });
      room.protect('main', { says });
      const since = clock.elapsed();
      await first.save('acme', begun);
      expect(clock.elapsed() - since).toBeLessThan(3_000);
      expect(await statusOf('acme', 'provisioner/record')).toEqual(begun);
      expect(first.told[0]).toContain(`main takes no direct commits, so status goes into a pull request: github: move`);
      expect(first.told[0]).toContain(says);
    },
  );

  it.each([
    ['a moment', 1, ['main']],
    ['longer', 4, ['main', 'provisioner/record']],
  ] as const)('loses nothing to a rival whom readers show only after %s', async (_, looks, branches) => {
    let left = 0;
    const before: { main?: string | undefined } = {};
    const rig = await aRecordRoom({
      before: async ({ method, url }) => {
        if (method === 'PATCH' && url.endsWith('/heads/main') && before.main === undefined) {
          before.main = await rig.room.head();
          await rig.room.push('main', { 'note.txt': 'mine' });
          left = looks;
          return Response.json({ message: 'Reference update failed' }, { status: 422 });
        }
        if (left === 0 || method !== 'GET' || !url.endsWith('/ref/heads/main')) return undefined;
        left -= 1;
        return Response.json({ object: { sha: before.main } });
      },
    });
    await rig.first.save('acme', begun);
    await rig.first.save('beta', done);
    await rig.first.flush();
    const later = await rig.second();
    expect(await later.reads('acme')).toEqual(begun);
    expect(await later.reads('beta')).toEqual(done);
    expect(await rig.room.branches()).toEqual(branches);
    // The next run may write to main again.
    await later.save('gamma', done);
    await later.flush();
    expect([await rig.statusOf('acme'), await rig.statusOf('beta'), await rig.statusOf('gamma')]).toEqual([
      begun,
      done,
      done,
    ]);
    expect(await rig.room.read('note.txt')).toBe('mine');
    expect(await rig.room.branches()).toEqual(['main']);
  });

  it('lets an App through that may pass', async () => {
    const rig = await aRecordRoom({ as: 'app' });
    rig.room.protect('main', { bypass: [rig.forge.app().login] });
    await rig.first.save('acme', begun);
    expect(await rig.statusOf('acme')).toEqual(begun);
    expect(await rig.room.branches()).toEqual(['main']);
  });

  it('keeps one pull request over runs and pushes, which merges without a conflict', async () => {
    const { first, second, room, statusOf } = await aRecordRoom({ as: { as: 'actions' } });
    room.protect('main');
    await first.save('acme', begun);
    await first.flush();
    const push = await room.openPullRequest({ head: await aBranch(room), title: 'A wish' });
    await room.merge(push);
    const later = await second({ as: 'actions' });
    await later.save('beta', done);
    await later.flush();
    expect(await statusOf('acme', 'provisioner/record')).toEqual(begun);
    expect(await room.read('README.md', 'provisioner/record')).toBe('a wish');
    expect([...first.told, ...later.told].filter((one) => one.includes('/pull/'))).toHaveLength(1);
    expect(await room.log('provisioner/record')).toHaveLength(5);

    await room.merge(1, { method: 'squash' });
    expect(await statusOf('acme')).toEqual(begun);
    expect(await statusOf('beta')).toEqual(done);
  });

  it('starts anew after the pull request was merged, and never brings back what is old', async () => {
    const { first, second, room, statusOf } = await aRecordRoom({ as: { as: 'actions' } });
    room.protect('main');
    await first.save('acme', begun);
    await first.flush();
    await room.merge(1, { method: 'squash' });
    // Nobody deleted the branch: it says what main says.
    const again = await second({ as: 'actions' });
    expect(await again.reads('acme')).toEqual(begun);
    await again.save('acme', done);
    await again.flush();
    expect(await again.reads('acme')).toEqual(done);
    expect(await statusOf('acme')).toEqual(begun);
    await room.merge(2, { method: 'merge' });
    expect(await statusOf('acme')).toEqual(done);
  });

  it('brings everything home once the branch takes commits again', async () => {
    const { first, second, room, statusOf } = await aRecordRoom({ as: { as: 'actions' } });
    room.protect('main');
    await first.save('acme', begun);
    await first.flush();
    room.protect('main', { pullRequest: false });
    const later = await second();
    await later.save('beta', done);
    await later.flush();
    expect(await statusOf('acme')).toEqual(begun);
    expect(await statusOf('beta')).toEqual(done);
    expect(await room.branches()).toEqual(['main']);
    expect((await room.log()).every(({ parents }) => parents.length <= 1)).toBe(true);
  });
});

async function aBranch(room: Awaited<ReturnType<typeof aRecordRoom>>['room']): Promise<string> {
  await room.push('wish', { 'README.md': 'a wish' });
  return 'wish';
}
