import type { Clock } from '../lib/clock.ts';

/** Tells somebody how things stand, not more often than they can bear. */
export interface Paced<T> {
  /** Returns at once. What was to be told and has not been is forgotten: only the last word counts. */
  tell(value: T): void;
  /** Nothing more is told. Resolves when what is under way has arrived, so that a last word cannot be overtaken. */
  end(): Promise<void>;
}

/**
 * `write` never rejects. Between the end of one and the begin of the next lie `gapMs` of the vendor's time, or as many
 * as it says then.
 */
export function paced<T>(
  write: (value: T) => Promise<void>,
  gapMs: number | (() => number),
  clock: Pick<Clock, 'sleep'>,
): Paced<T> {
  const over = new AbortController();
  let waiting: { readonly value: T } | undefined;
  let work: Promise<void> | undefined;
  const run = async () => {
    while (waiting && !over.signal.aborted) {
      const { value } = waiting;
      waiting = undefined;
      await write(value);
      // Rejects only when it is over.
      await clock.sleep(typeof gapMs === 'number' ? gapMs : gapMs(), over.signal).catch(() => undefined);
    }
    work = undefined;
  };
  return {
    tell: (value) => {
      if (over.signal.aborted) return;
      waiting = { value };
      work ??= run();
    },
    end: async () => {
      over.abort();
      await work;
    },
  };
}
