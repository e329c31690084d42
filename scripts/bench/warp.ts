import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../action/src/lib/clock.ts';
import type { CloudClock } from '../../local-cloud/clock.ts';

/** One time for the provisioner and for the vendors. */
export interface Warp {
  readonly clock: Clock;
  readonly cloudClock: CloudClock;
}

interface Sleeper {
  readonly due: number;
  wake(): void;
}

/** What keeps a process alive without anything being under way. */
const IDLE = ['TTYWrap', 'PipeWrap', 'TCPServerWrap', 'TCPSocketWrap', 'ProcessWrap', 'SignalWrap', 'Timeout'];
/** How long, in ms, nothing must have been under way; some work of other threads shows in no list. */
const QUIET_MS = 1;
const QUIET_TURNS = 2;

/**
 * Real time, but for the waiting: when everybody sleeps, time jumps to where the first one wakes. Work takes as long as
 * it really takes, no more and no less than against the vendors, and minutes of theirs pass in a second. Everybody has
 * to be in this process, and to sleep on this clock.
 */
export function warp(busy: () => boolean = isBusy): Warp {
  const epoch = Date.now();
  let anchor = { virtual: 0, real: performance.now() };
  let sleepers: Sleeper[] = [];
  let pumping = false;
  const now = () => anchor.virtual + performance.now() - anchor.real;
  const jumpTo = (virtual: number) => {
    anchor = { virtual, real: performance.now() };
    const woken = sleepers.filter(({ due }) => due <= virtual);
    sleepers = sleepers.filter(({ due }) => due > virtual);
    for (const { wake } of woken) wake();
  };
  const pump = async () => {
    pumping = true;
    while (sleepers.length > 0) {
      const since = now();
      if (await isQuiet(busy)) jumpTo(Math.max(since, Math.min(...sleepers.map(({ due }) => due))));
    }
    pumping = false;
  };
  const sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => reject(signal?.reason);
      const wake = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      signal?.addEventListener('abort', abort, { once: true });
      sleepers.push({ due: now() + ms, wake });
      if (!pumping) void pump();
    });
  return {
    clock: { now: () => epoch + now(), elapsed: now, sleep },
    cloudClock: {
      speed: 1,
      epoch: { real: epoch, vendor: epoch, speed: 1 },
      now: () => Math.floor(epoch + now()),
      sleep: (ms) => (ms > 0 ? sleep(ms) : Promise.resolve()),
      stop: () => undefined,
    },
  };
}

async function isQuiet(busy: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < QUIET_TURNS; turn += 1) {
    await wait(QUIET_MS);
    if (busy()) return false;
  }
  return true;
}

function isBusy(): boolean {
  return process.getActiveResourcesInfo().some((resource) => !IDLE.includes(resource));
}
