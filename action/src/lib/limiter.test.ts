import { describe, expect, it } from 'vitest';
import { type ManualClock, manualClock } from '../../../tests/support/clock.ts';
import { createLimiter } from './limiter.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Time passes only when nothing is left to do, as it does outside of tests. */
function patientClock(): ManualClock {
  const clock = manualClock();
  const sleep: ManualClock['sleep'] = async (ms, signal) => {
    await settle();
    await clock.sleep(ms, signal);
  };
  return { ...clock, sleep };
}

/** Notes when each of `count` requests began. */
function begin(limiter: ReturnType<typeof createLimiter>, clock: { elapsed(): number }, scope: string, count: number) {
  const starts: number[] = [];
  const all = Array.from({ length: count }, () => limiter.run(scope, async () => starts.push(clock.elapsed())));
  return Promise.all(all).then(() => starts);
}

/** Work that ends when told. */
function held() {
  let end = (): void => undefined;
  const work = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { work: () => work, end: () => end() };
}

describe('createLimiter', () => {
  it('holds nothing back without a budget', async () => {
    const clock = patientClock();
    expect(await begin(createLimiter(clock), clock, 'a', 3)).toEqual([0, 0, 0]);
    expect(clock.slept).toEqual([]);
  });

  it('lets no more begin within a window than it allows, however the window is laid', async () => {
    const clock = patientClock();
    const limiter = createLimiter(clock, () => ({ windows: [{ requests: 2, perMs: 1_000 }] }));
    expect(await begin(limiter, clock, 'a', 2)).toEqual([0, 0]);
    clock.advance(900);
    expect(await begin(limiter, clock, 'a', 3)).toEqual([1_000, 1_000, 2_000]);
  });

  it('obeys the strictest of several windows', async () => {
    const clock = patientClock();
    const windows = [
      { requests: 2, perMs: 100 },
      { requests: 3, perMs: 10_000 },
    ];
    const limiter = createLimiter(clock, () => ({ windows }));
    expect(await begin(limiter, clock, 'a', 4)).toEqual([0, 0, 100, 10_000]);
  });

  it('counts each scope for itself, with the budget of that scope', async () => {
    const clock = patientClock();
    const limiter = createLimiter(clock, (scope) =>
      scope === 'narrow' ? { windows: [{ requests: 1, perMs: 500 }] } : {},
    );
    expect(await begin(limiter, clock, 'narrow', 2)).toEqual([0, 500]);
    expect(await begin(limiter, clock, 'wide', 2)).toEqual([500, 500]);
  });

  it('has no more under way than allowed, and goes on in the order of asking', async () => {
    const limiter = createLimiter(patientClock(), () => ({ concurrency: 1 }));
    const first = held();
    const order: string[] = [];
    const running = [
      limiter.run('a', async () => {
        order.push('first');
        await first.work();
      }),
      limiter.run('a', async () => order.push('second')),
      limiter.run('a', async () => order.push('third')),
    ];
    await settle();
    expect(order).toEqual(['first']);
    first.end();
    await Promise.all(running);
    expect(order).toEqual(['first', 'second', 'third']);
  });

  it('makes room again when work fails', async () => {
    const limiter = createLimiter(patientClock(), () => ({ concurrency: 1 }));
    await expect(limiter.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await limiter.run('a', async () => 'yes')).toBe('yes');
  });

  it('begins nothing in a paused scope, and keeps to the longer of two pauses', async () => {
    const clock = patientClock();
    const limiter = createLimiter(clock);
    limiter.pause('a', 700);
    limiter.pause('a', 300);
    expect(await begin(limiter, clock, 'b', 1)).toEqual([0]);
    expect(await begin(limiter, clock, 'a', 1)).toEqual([700]);
  });

  it('rejects who was stopped, and lets the next one through', async () => {
    const clock = patientClock();
    const limiter = createLimiter(clock);
    limiter.pause('a', 100);
    const stopped = limiter.run('a', async () => 'never', AbortSignal.abort(new Error('stopped')));
    const next = limiter.run('a', async () => 'next');
    await expect(stopped).rejects.toThrow('stopped');
    expect(await next).toBe('next');
  });
});
