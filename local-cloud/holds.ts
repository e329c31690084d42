/** A request that waits for `POST /_cloud/release`, so that its client can be killed exactly there. */
export interface Hold {
  readonly n: number;
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly when: 'before' | 'after';
}

/** `gone`: nobody waits for the answer any more. */
export type HoldEnd = 'released' | 'gone';

/** Every request held at this moment. */
export class Holds {
  readonly #waiting = new Map<Hold, (end: HoldEnd) => void>();

  list(): Hold[] {
    return [...this.#waiting.keys()];
  }

  /** Waits until somebody releases it or `gone` fires. A request that is gone can never be released afterwards. */
  wait(hold: Hold, gone: AbortSignal): Promise<HoldEnd> {
    if (gone.aborted) return Promise.resolve('gone');
    return new Promise((resolve) => {
      const leave = (): void => finish('gone');
      const finish = (end: HoldEnd): void => {
        gone.removeEventListener('abort', leave);
        this.#waiting.delete(hold);
        resolve(end);
      };
      gone.addEventListener('abort', leave, { once: true });
      this.#waiting.set(hold, finish);
    });
  }

  /** Lets every held request go on. Returns how many there were. */
  release(end: HoldEnd = 'released'): number {
    const waiting = [...this.#waiting.values()];
    for (const finish of waiting) finish(end);
    return waiting.length;
  }
}
