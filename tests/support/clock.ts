import type { Clock } from '../../action/src/lib/clock.ts';

/** A clock on which sleeping takes no time and moves the hands; `slept` tells what was waited for. */
export interface ManualClock extends Clock {
  readonly slept: number[];
  advance(ms: number): void;
}

export function manualClock(startMs = Date.parse('2026-01-01T00:00:00Z')): ManualClock {
  let passed = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => startMs + passed,
    elapsed: () => passed,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      slept.push(ms);
      passed += ms;
    },
    advance: (ms) => {
      passed += ms;
    },
  };
}
