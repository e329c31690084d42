import { describe, expect, it } from 'vitest';
import { aControlForge, type ControlForgeOptions } from '../../../tests/support/control-forge.ts';
import { WaitingError } from '../engine/errors.ts';
import { gitData } from '../forge/git-data.ts';
import { acquireRefLease, LEASE_REF, type RefLeaseOptions } from './ref-lease.ts';

const MINUTE = 60_000;

async function aRoom(options: ControlForgeOptions = {}) {
  const rig = await aControlForge(options);
  const of = (git: RefLeaseOptions['git'], owner: string, over: Partial<RefLeaseOptions> = {}) =>
    acquireRefLease({ git, clock: rig.clock, claimant: { owner }, beats: false, ...over });
  const git = gitData(rig.repository);
  const rival = gitData(rig.another());
  return {
    ...rig,
    git,
    acquire: (owner = 'us', over: Partial<RefLeaseOptions> = {}) => of(git, owner, over),
    /** From another process. */
    rivals: (owner = 'them', over: Partial<RefLeaseOptions> = {}) => of(rival, owner, over),
    chain: async () => (await rig.room.log(`refs/${LEASE_REF}`)).map(({ message }) => message.split('\n')[0]),
  };
}

const run = (id: string, attempt: number) => ({
  claimant: { owner: 'apply', run: { id, attempt }, url: `https://github.test/runs/${id}` },
});
const inVain = (work: Promise<unknown>) => expect(work).rejects.toBeInstanceOf(WaitingError);

describe('a lease at a ref', () => {
  it('is held by one at a time, and says by whom', async () => {
    const { acquire, rivals } = await aRoom();
    await acquire('us', run('1', 1));
    await expect(rivals()).rejects.toThrow('another run is at work (https://github.test/runs/1)');
    await inVain(rivals());
  });

  it('is no branch, so nothing starts from it', async () => {
    const { acquire, room, forge } = await aRoom();
    const events = forge.events().length;
    await (await acquire()).release();
    expect(await room.branches()).toEqual(['main']);
    expect(forge.events().length).toBe(events);
  });

  it('can be taken again once it was given back', async () => {
    const { acquire, rivals, chain } = await aRoom();
    const first = await acquire();
    await first.release();
    const second = await rivals();
    await second.assertHeld();
    expect(await chain()).toEqual(['Held by them', 'Given back by us', 'Held by us']);
  });

  it.each(['a free room', 'a dead holder'])('goes to one of many that ask at once in %s', async (where) => {
    const { acquire, rivals, clock } = await aRoom();
    if (where === 'a dead holder') {
      await acquire('dead');
      clock.advance(11 * MINUTE);
    }
    const asked = await Promise.allSettled(Array.from({ length: 12 }, (_, at) => rivals(`rival ${at}`)));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of asked) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(WaitingError);
  });

  it('passes on when its time is over, by the clock of the platform', async () => {
    const { acquire, rivals, clock, forge } = await aRoom();
    const lost = await acquire();
    clock.advance(10 * MINUTE);
    await inVain(rivals());
    clock.advance(2_000);
    const taken = await rivals();
    await expect(lost.assertHeld()).rejects.toThrow('another run took the lease');
    await taken.assertHeld();
    expect(forge.events().filter(({ name }) => name === 'push')).toHaveLength(1);
  });

  it('does not trust the clock of a runner', async () => {
    const { acquire, rivals, clock } = await aRoom();
    await acquire();
    const ahead = { ...clock, now: () => clock.now() + 24 * 60 * MINUTE };
    await inVain(rivals('them', { clock: ahead }));
  });

  it('passes at once from an earlier attempt to a later one of the same run, and never back', async () => {
    const { acquire, rivals } = await aRoom();
    const first = await acquire('us', run('7', 1));
    await inVain(rivals('them', run('7', 1)));
    await inVain(rivals('them', run('8', 2)));
    await rivals('them', run('7', 2));
    await inVain(acquire('us', run('7', 1)));
    await first.release();
    await inVain(rivals('others'));
  });

  it('is prolonged by a run that goes on working, which costs nothing while it is fresh', async () => {
    const { acquire, rivals, clock, sent } = await aRoom();
    const lease = await acquire();
    const calls = sent.length;
    for (let act = 0; act < 100; act += 1) await lease.assertHeld();
    expect(sent.length).toBe(calls);
    for (let minute = 0; minute < 60; minute += 4) {
      clock.advance(4 * MINUTE);
      await lease.assertHeld();
      await inVain(rivals());
    }
  });

  it('stays with a run that overslept as long as nobody else came', async () => {
    const { acquire, rivals, clock } = await aRoom();
    const lease = await acquire();
    clock.advance(60 * MINUTE);
    await lease.assertHeld();
    await inVain(rivals());
  });

  it('renews itself while the run waits for a build, until it is given back', async () => {
    const { acquire, rivals, clock, chain } = await aRoom();
    const wakes: (() => void)[] = [];
    const sleep = (_: number, signal?: AbortSignal) =>
      new Promise<void>((wake, reject) => {
        const stop = () => reject(signal?.reason);
        signal?.addEventListener('abort', stop);
        wakes.push(() => {
          signal?.removeEventListener('abort', stop);
          wake();
        });
      });
    const lease = await acquire('us', { beats: true, clock: { ...clock, sleep } });
    for (let beat = 1; beat <= 12; beat += 1) {
      clock.advance((10 * MINUTE) / 3);
      wakes.at(-1)?.();
      await expect.poll(() => wakes.length).toBe(beat + 1);
      await inVain(rivals());
    }
    await lease.release();
    await rivals();
    expect((await chain()).slice(0, 3)).toEqual(['Held by them', 'Given back by us', 'Held by us']);
  });

  it('can be waited for', async () => {
    const { acquire, rivals, clock } = await aRoom();
    const first = await acquire();
    const slept: number[] = [];
    const sleep = async (ms: number) => {
      slept.push(ms);
      clock.advance(ms);
      if (slept.length === 3) await first.release();
    };
    await rivals('them', { waitMs: 5 * MINUTE, clock: { ...clock, sleep } });
    expect(slept).toHaveLength(3);
  });

  it('is not waited for longer than asked, nor after a stop', async () => {
    const { acquire, rivals, clock } = await aRoom();
    await acquire();
    const before = clock.elapsed();
    await inVain(rivals('them', { waitMs: MINUTE }));
    expect(clock.elapsed() - before).toBe(MINUTE);
    const stop = AbortSignal.abort();
    const sleep = async (_: number, signal?: AbortSignal) => signal?.throwIfAborted();
    await expect(rivals('them', { waitMs: MINUTE, signal: stop, clock: { ...clock, sleep } })).rejects.toThrow('abort');
  });

  it('holds for somebody that nobody can read until its time is over', async () => {
    const { git, rivals, clock } = await aRoom();
    await git.createRef(LEASE_REF, await git.write({ message: 'hands off', parents: [], files: {} }));
    await inVain(rivals());
    clock.advance(11 * MINUTE);
    await rivals();
  });

  it('is refused where the token may not write, with what it needs', async () => {
    const { acquire } = await aRoom({ as: { as: 'actions', permissions: { contents: 'read' } } });
    await expect(acquire()).rejects.toThrow('write a commit');
  });
});

describe('a ref that nobody holds and that never moves', () => {
  const LEASE_URL = /\/git\/refs?\/provisioner\/lease$/;
  /** What such a repository answers about the ref. */
  const cases = {
    'that each move comes too late': ({ method }: Request) =>
      method === 'PATCH' ? Response.json({ message: 'Update is not a fast-forward' }, { status: 422 }) : undefined,
    'that it is not there, and that it exists': ({ method }: Request) =>
      method === 'GET' ? Response.json({ message: 'Not Found' }, { status: 404 }) : undefined,
  };

  async function anImmovable(which: keyof typeof cases) {
    let isDone = false;
    const rig = await aRoom({
      before: (request) => (isDone && LEASE_URL.test(request.url) ? cases[which](request) : undefined),
    });
    await (await rig.acquire()).release();
    isDone = true;
    return rig;
  }
  const which = ['that each move comes too late', 'that it is not there, and that it exists'] as const;

  it.each(which)('is given up after ten tries a second apart (%s)', async (answer) => {
    const { acquire, clock, sent } = await anImmovable(answer);
    const [since, calls] = [clock.elapsed(), sent.length];
    const refused = acquire();
    await inVain(refused);
    await expect(refused).rejects.toThrow('nobody holds the lease, and yet provisioner/lease could not be moved');
    await expect(refused).rejects.toMatchObject({ remedy: expect.stringContaining('ruleset over all refs') });
    expect(clock.elapsed() - since).toBe(9_000);
    expect(sent.slice(calls).filter((call) => call === 'POST /git/commits')).toHaveLength(10);
  });

  it.each(which)('is not tried for after a stop (%s)', async (answer) => {
    const { acquire, clock, sent } = await anImmovable(answer);
    const calls = sent.length;
    const sleep = async (_: number, signal?: AbortSignal) => signal?.throwIfAborted();
    await expect(acquire('us', { signal: AbortSignal.abort(), clock: { ...clock, sleep } })).rejects.toThrow('abort');
    expect(sent.slice(calls).filter((call) => call === 'POST /git/commits')).toHaveLength(1);
  });
});

describe('answers about a lease that are lost', () => {
  const calls = ['POST /git/commits', 'POST /git/refs', 'PATCH /git/refs/provisioner/lease'];

  it.each(calls)('%s: it is held all the same, by one', async (lost) => {
    const left = new Map([[lost, 20]]);
    const rig = await aRoom({
      after: ({ method, url }) => {
        const call = calls.find((one) => `${method} ${url}`.replace(/ .*?control-room/, ' ') === one);
        const times = left.get(call ?? '') ?? 0;
        if (call === undefined || times === 0) return undefined;
        left.set(call, times - 1);
        return Response.json({ message: 'lost' }, { status: 502 });
      },
    });
    const first = await rig.acquire().catch(() => undefined);
    left.clear();
    const lease = first ?? (await rig.acquire());
    left.set(lost, 20);
    rig.clock.advance(6 * MINUTE);
    await lease.assertHeld().catch(() => undefined);
    left.clear();
    await lease.assertHeld();
    await inVain(rig.rivals());
    await lease.release();
    await rig.rivals();
  });
});
