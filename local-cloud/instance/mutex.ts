/** Gives a turn back. Calling it twice is harmless. */
export type Release = () => void;

/** First come, first served. */
export interface Mutex {
  acquire(): Promise<Release>;
}

/** PGlite is one backend: whatever is not one exclusive turn sees the settings and transactions of others. */
export function createMutex(): Mutex {
  let tail: Promise<void> = Promise.resolve();
  return {
    async acquire() {
      const { promise, resolve } = deferred();
      const before = tail;
      tail = before.then(() => promise);
      await before;
      return resolve;
    },
  };
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let settle: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: settle };
}
