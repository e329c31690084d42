import { describe, expect, it } from 'vitest';
import { ClockStopped, createClock, epochFrom } from './clock.ts';

describe('vendor time', () => {
  it('runs as many times faster than real time as the speed says', () => {
    let real = 1_000;
    const clock = createClock({ real: 1_000, vendor: 50_000, speed: 60 }, () => real);
    expect(clock.now()).toBe(50_000);
    real += 500;
    expect(clock.now()).toBe(80_000);
  });

  it('goes on where it stood after a restart, the time in between included', () => {
    const first = epochFrom(10, undefined, () => 1_000);
    const again = createClock(
      epochFrom(10, first, () => 5_000),
      () => 5_000,
    );
    expect(again.now()).toBe(41_000);
  });

  it('never jumps back when a restart changes the speed', () => {
    const first = epochFrom(10, undefined, () => 1_000);
    const slower = epochFrom(1, first, () => 5_000);
    expect(createClock(slower, () => 5_000).now()).toBe(41_000);
    expect(createClock(slower, () => 6_000).now()).toBe(42_000);
  });
});

describe('sleeping', () => {
  it('takes vendor milliseconds', async () => {
    const clock = createClock(epochFrom(1_000, undefined));
    const began = Date.now();
    await clock.sleep(30_000);
    expect(Date.now() - began).toBeGreaterThanOrEqual(25);
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  it('ends with an error when the clock is stopped', async () => {
    const clock = createClock(epochFrom(1, undefined));
    const sleeping = clock.sleep(3_600_000);
    clock.stop();
    await expect(sleeping).rejects.toBeInstanceOf(ClockStopped);
  });
});
