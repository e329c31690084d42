import type { Clock } from './clock.ts';

/** How often to look and for how long, in milliseconds of the vendors' time. */
export interface Pace {
  everyMs: number;
  forMs: number;
}

/**
 * Looks at once and then every `everyMs` until `look` gives a value, and returns it; `undefined` when `forMs` is over.
 * The last look happens at or after the deadline, so a thing that was ready in time is never missed.
 */
export async function poll<T>(
  clock: Clock,
  pace: Pace,
  look: () => Promise<T | undefined>,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const deadline = clock.elapsed() + pace.forMs;
  for (;;) {
    const last = clock.elapsed() >= deadline;
    const value = await look();
    if (value !== undefined || last) return value;
    await clock.sleep(Math.min(pace.everyMs, Math.max(1, deadline - clock.elapsed())), signal);
  }
}
