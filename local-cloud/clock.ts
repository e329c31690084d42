import type { VendorClock } from './service.ts';

/** One point where real time and vendor time are known to meet. Both in milliseconds since 1970. */
export interface Epoch {
  readonly real: number;
  readonly vendor: number;
  readonly speed: number;
}

/** What sleepers get when the cloud is closed under them. */
export class ClockStopped extends Error {
  override readonly name = 'ClockStopped';
}

/** A clock that can be stopped, so that no sleeper keeps the process alive after the cloud is closed. */
export interface CloudClock extends VendorClock {
  readonly epoch: Epoch;
  stop(): void;
}

/** The epoch of a cloud that was just started, or of one that goes on where it stood, possibly at another speed. */
export function epochFrom(speed: number, saved: Epoch | undefined, realNow: () => number = Date.now): Epoch {
  if (saved?.speed === speed) return saved;
  const real = realNow();
  return { real, vendor: saved === undefined ? real : vendorTime(saved, real), speed };
}

/** Vendor time that runs `epoch.speed` times as fast as `realNow`. Sleepers reject once the clock is stopped. */
export function createClock(epoch: Epoch, realNow: () => number = Date.now): CloudClock {
  const sleepers = new Map<NodeJS.Timeout, () => void>();
  return {
    epoch,
    speed: epoch.speed,
    now: () => vendorTime(epoch, realNow()),
    sleep: (ms) => sleep(sleepers, ms / epoch.speed),
    stop() {
      for (const [timer, wake] of sleepers) {
        clearTimeout(timer);
        wake();
      }
      sleepers.clear();
    },
  };
}

function vendorTime(epoch: Epoch, real: number): number {
  return Math.floor(epoch.vendor + (real - epoch.real) * epoch.speed);
}

function sleep(sleepers: Map<NodeJS.Timeout, () => void>, realMs: number): Promise<void> {
  if (realMs <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      sleepers.delete(timer);
      resolve();
    }, realMs);
    sleepers.set(timer, () => reject(new ClockStopped('The local cloud was closed.')));
  });
}
