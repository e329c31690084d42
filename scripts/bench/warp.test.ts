import { describe, expect, it } from 'vitest';
import { warp } from './warp.ts';

const HOUR = 60 * 60_000;
const idle = () => false;

describe('warp', () => {
  it('skips an hour in which everybody sleeps', async () => {
    const { clock, cloudClock } = warp(idle);
    const [began, vendors, really] = [clock.elapsed(), cloudClock.now(), performance.now()];
    await clock.sleep(HOUR);
    expect(clock.elapsed() - began).toBeGreaterThanOrEqual(HOUR);
    expect(clock.elapsed() - began).toBeLessThan(HOUR + 1_000);
    expect(cloudClock.now() - vendors).toBeGreaterThanOrEqual(HOUR - 1);
    expect(performance.now() - really).toBeLessThan(10_000);
  });

  it('wakes sleepers one after another, each at its own time', async () => {
    const { clock, cloudClock } = warp(idle);
    const woken: string[] = [];
    const sleep = async (name: string, ms: number, on: { sleep(ms: number): Promise<void> }) => {
      await on.sleep(ms);
      woken.push(`${name} ${Math.floor(clock.elapsed() / HOUR)}`);
    };
    await Promise.all([
      sleep('late', 3 * HOUR, clock),
      sleep('early', HOUR, cloudClock),
      sleep('mid', 2 * HOUR, clock),
    ]);
    expect(woken).toEqual(['early 1', 'mid 2', 'late 3']);
  });

  it('does not skip while something is under way', async () => {
    let busy = true;
    const { clock } = warp(() => busy);
    let woken = false;
    const sleeping = clock.sleep(HOUR).then(() => {
      woken = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(woken).toBe(false);
    expect(clock.elapsed()).toBeLessThan(HOUR);
    busy = false;
    await sleeping;
  });

  it('counts work at its true length', async () => {
    const { clock } = warp(idle);
    await clock.sleep(HOUR);
    const began = [clock.elapsed(), performance.now()] as const;
    while (performance.now() - began[1] < 30);
    expect(clock.elapsed() - began[0]).toBeGreaterThanOrEqual(30);
  });

  it('lets nobody sleep on who was told to stop', async () => {
    const stopping = new AbortController();
    const { clock } = warp(() => true);
    const sleeping = clock.sleep(HOUR, stopping.signal);
    stopping.abort(new Error('stopped'));
    await expect(sleeping).rejects.toThrow('stopped');
    await expect(clock.sleep(1, stopping.signal)).rejects.toThrow('stopped');
  });
});
