import { setTimeout as wait } from 'node:timers/promises';

/** Time as handed in, so that a test or a simulation can own it. */
export interface Clock {
  /** Wall time in milliseconds since 1970: for stamps that people read. */
  now(): number;
  /** Monotonic milliseconds on the vendors' time line: for deadlines, polls and windows. */
  elapsed(): number;
  /** Resolves after `ms` milliseconds of the vendors' time; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/**
 * The machine's clock. `scale` (`PROVISIONER_TIME_SCALE`) is how many real milliseconds one vendor millisecond takes:
 * 1 against the real vendors, 0.02 against a local cloud that runs fifty times as fast.
 */
export function systemClock(scale = 1): Clock {
  return {
    now: () => Date.now(),
    elapsed: () => performance.now() / scale,
    sleep: (ms, signal) => wait(ms * scale, undefined, signal ? { signal } : {}),
  };
}

/** An instant as status and events write it: UTC, whole seconds. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
