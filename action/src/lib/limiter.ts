import type { Clock } from './clock.ts';

/** At most `requests` begin within any `perMs` milliseconds of the vendor's time. */
export interface Window {
  readonly requests: number;
  readonly perMs: number;
}

/** What a vendor allows within one scope; an empty budget holds nothing back. */
export interface Budget {
  readonly windows?: readonly Window[];
  /** How many may be under way at the same time. */
  readonly concurrency?: number;
}

/** Holds requests back so that a vendor need not refuse them. One per vendor: its scopes are that vendor's counters. */
export interface Limiter {
  /** Runs `work` when its scope has room, in the order of asking; rejects with the signal's reason when aborted. */
  run<T>(scope: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Lets nothing more begin in a scope for `ms` milliseconds of the vendor's time. */
  pause(scope: string, ms: number): void;
}

interface Lane {
  readonly budget: Budget;
  /** When recent requests began, oldest first; no longer than the largest window. */
  starts: number[];
  active: number;
  pausedUntil: number;
  /** The last of those who asked before. */
  queue: Promise<unknown>;
  /** Wakes the one at the head of the queue when a request ends. */
  wake: () => void;
}

/** `budgetOf` names the budget of a scope; asked once a scope. */
export function createLimiter(clock: Clock, budgetOf: (scope: string) => Budget = () => ({})): Limiter {
  const lanes = new Map<string, Lane>();
  const laneOf = (scope: string): Lane => {
    const known = lanes.get(scope);
    if (known) return known;
    const lane = newLane(budgetOf(scope));
    lanes.set(scope, lane);
    return lane;
  };
  return {
    run: async (scope, work, signal) => {
      const lane = laneOf(scope);
      await admit(lane, clock, signal);
      try {
        return await work();
      } finally {
        lane.active -= 1;
        lane.wake();
      }
    },
    pause: (scope, ms) => {
      const lane = laneOf(scope);
      lane.pausedUntil = Math.max(lane.pausedUntil, clock.elapsed() + ms);
    },
  };
}

function newLane(budget: Budget): Lane {
  return { budget, starts: [], active: 0, pausedUntil: 0, queue: Promise.resolve(), wake: () => undefined };
}

/** One after another, so that nobody overtakes; who gives up in the queue lets the next one through. */
async function admit(lane: Lane, clock: Clock, signal?: AbortSignal): Promise<void> {
  const turn = lane.queue.then(() => enter(lane, clock, signal));
  lane.queue = turn.catch(() => undefined);
  await turn;
}

async function enter(lane: Lane, clock: Clock, signal?: AbortSignal): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const wait = waitOf(lane, clock.elapsed());
    if (wait > 0) await clock.sleep(wait, signal);
    else if (lane.active >= (lane.budget.concurrency ?? Number.POSITIVE_INFINITY)) await room(lane);
    else break;
  }
  lane.active += 1;
  remember(lane, clock.elapsed());
}

function room(lane: Lane): Promise<void> {
  return new Promise((resolve) => {
    lane.wake = resolve;
  });
}

function waitOf(lane: Lane, now: number): number {
  const untilFree = (lane.budget.windows ?? []).map(({ requests, perMs }) => {
    const oldest = lane.starts.at(-requests);
    return lane.starts.length < requests || oldest === undefined ? 0 : oldest + perMs - now;
  });
  return Math.max(lane.pausedUntil - now, ...untilFree);
}

function remember(lane: Lane, now: number): void {
  const longest = Math.max(0, ...(lane.budget.windows ?? []).map(({ requests }) => requests));
  if (longest > 0) lane.starts = [...lane.starts, now].slice(-longest);
}
