import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../tests/support/clock.ts';
import { systemClock, timestamp } from './clock.ts';
import { poll } from './poll.ts';
import { mapPooled } from './pool.ts';

describe('systemClock', () => {
  it('sleeps in vendor time and measures in vendor time', async () => {
    const clock = systemClock(0.01);
    const from = performance.now();
    const elapsed = clock.elapsed();
    await clock.sleep(2_000);
    expect(performance.now() - from).toBeLessThan(1_000);
    expect(clock.elapsed() - elapsed).toBeGreaterThanOrEqual(1_900);
  });

  it('wakes up when it is aborted', async () => {
    const stop = new AbortController();
    const sleep = systemClock().sleep(60_000, stop.signal);
    stop.abort();
    await expect(sleep).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('writes instants to the second, in UTC', () => {
    expect(timestamp(Date.parse('2026-03-04T05:06:07.891Z'))).toBe('2026-03-04T05:06:07Z');
  });
});

describe('poll', () => {
  it('looks at once', async () => {
    const clock = manualClock();
    expect(await poll(clock, { everyMs: 1_000, forMs: 0 }, async () => 'there')).toBe('there');
    expect(clock.slept).toEqual([]);
  });

  it('looks a last time at the deadline, and no later', async () => {
    const clock = manualClock();
    const looks: number[] = [];
    const seen = await poll(clock, { everyMs: 1_000, forMs: 2_500 }, async () => {
      looks.push(clock.elapsed());
      return undefined;
    });
    expect(seen).toBeUndefined();
    expect(looks).toEqual([0, 1_000, 2_000, 2_500]);
  });

  it('stops with the signal', async () => {
    const never = poll(manualClock(), { everyMs: 1, forMs: 10 }, async () => undefined, AbortSignal.abort());
    await expect(never).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('mapPooled', () => {
  it('keeps the order and the width', async () => {
    let running = 0;
    let most = 0;
    const results = await mapPooled([3, 1, 2, 5, 4], 2, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, item));
      running -= 1;
      return item * 10;
    });
    expect(results).toEqual([30, 10, 20, 50, 40]);
    expect(most).toBe(2);
  });

  it('takes no items', async () => {
    expect(await mapPooled([], 4, async (item) => item)).toEqual([]);
  });
});
