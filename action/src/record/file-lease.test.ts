import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WaitingError } from '../engine/errors.ts';
import { systemClock } from '../lib/clock.ts';
import { acquireFileLease } from './file-lease.ts';

let dir: string;
const clock = systemClock();
const acquire = (forMs = 60_000) => acquireFileLease({ dir, clock, forMs });
const holder = (over: object) =>
  JSON.stringify({ token: 'other', pid: process.pid, host: hostname(), born: '', until: Date.now() + 60_000, ...over });

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lease-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('file lease', () => {
  it('is held by one at a time, and says by whom', async () => {
    await acquire();
    const second = acquire();
    await expect(second).rejects.toBeInstanceOf(WaitingError);
    await expect(second).rejects.toThrow(`process ${process.pid}`);
  });

  it('can be taken again once it was given back', async () => {
    const first = await acquire();
    await first.release();
    const second = await acquire();
    await expect(second.assertHeld()).resolves.toBeUndefined();
    await expect(first.assertHeld()).rejects.toThrow('another run took the lease');
  });

  it('goes to one of many that ask at once', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => acquire()));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('goes to one of many that find a dead holder at once', async () => {
    await writeFile(join(dir, '7.json'), holder({ until: Date.now() - 1 }));
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => acquire()));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('passes on at once when the holder’s process was killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await writeFile(join(dir, '1.json'), holder({ pid: child.pid }));
    await expect(acquire()).resolves.toBeDefined();
  });

  it('does not take a later process of the same number for the holder', async () => {
    await writeFile(join(dir, '1.json'), holder({ born: '1' }));
    await expect(acquire()).resolves.toBeDefined();
  });

  it('stays with a holder on another machine until its time is over', async () => {
    await writeFile(join(dir, '1.json'), holder({ host: 'elsewhere', pid: 1 }));
    await expect(acquire()).rejects.toThrow('elsewhere');
    await writeFile(join(dir, '1.json'), holder({ host: 'elsewhere', pid: 1, until: Date.now() - 1 }));
    await expect(acquire()).resolves.toBeDefined();
  });

  it('ends by itself', async () => {
    const lease = await acquire(-1);
    await expect(lease.assertHeld()).rejects.toBeInstanceOf(WaitingError);
  });

  it('is prolonged by a run that goes on working', async () => {
    let now = 0;
    const lease = await acquireFileLease({ dir, clock: { ...clock, now: () => now }, forMs: 100 });
    for (now = 60; now < 600; now += 60) await lease.assertHeld();
    now += 101;
    await expect(lease.assertHeld()).rejects.toBeInstanceOf(WaitingError);
  });

  it('leaves one file behind, however often it was taken', async () => {
    for (let round = 0; round < 5; round += 1) await (await acquire()).release();
    expect(await readdir(dir)).toHaveLength(1);
  });
});
