import { getEventListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { deadlineIn } from './deadline.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

describe('a deadline', () => {
  it('fires when its time is over, as a timeout', async () => {
    const { signal } = deadlineIn(5);
    expect(signal.aborted).toBe(false);
    await wait(30);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('fires with the reason of whoever stops everything, at once', () => {
    const outer = new AbortController();
    const { signal, end } = deadlineIn(60_000, outer.signal);
    outer.abort('stopped');
    expect(signal.reason).toBe('stopped');
    end();
  });

  it('has fired when all was stopped before', () => {
    const { signal, end } = deadlineIn(60_000, AbortSignal.abort('stopped before'));
    expect(signal.reason).toBe('stopped before');
    end();
  });

  it('lets go of everything when the work has ended', async () => {
    const outer = new AbortController();
    const { signal, end } = deadlineIn(5, outer.signal);
    end();
    await wait(30);
    outer.abort();
    expect(signal.aborted).toBe(false);
    expect(getEventListeners(outer.signal, 'abort')).toEqual([]);
  });

  it('fires although nobody but its listener holds it when the garbage collector comes', async () => {
    const outer = new AbortController();
    const fired = firing(100, outer.signal);
    await wait(20);
    collectGarbage();
    expect(await Promise.race([fired, wait(2_000, 'never fired')])).toMatchObject({ name: 'TimeoutError' });
  });
});

/** In a function of its own, so that no local variable keeps anything. */
function firing(ms: number, outer: AbortSignal): Promise<unknown> {
  const { signal } = deadlineIn(ms, outer);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }));
}
