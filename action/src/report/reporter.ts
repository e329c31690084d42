import type { Emit, Stamped } from '../engine/events.ts';
import { type Clock, timestamp } from '../lib/clock.ts';
import { redact } from '../lib/redact.ts';

/** Somebody who follows a run. The axis: people at a terminal, programs at a pipe, GitHub. */
export interface Reporter {
  event(event: Stamped): void;
  /** Nothing more will come: finishes what is shown. */
  end(): void;
}

/** Members whose values are our own words: a secret that happens to be one of them must not break them. */
const OURS = new Set([
  ...['v', 'type', 'at', 'result', 'outcome', 'action', 'danger', 'class', 'stage'],
  ...['agency', 'address', 'kind', 'file', 'line', 'column', 'path'],
]);

/** One emit for several reporters; each event is stamped and redacted once, before anybody can cut or show it. */
export function emitTo(reporters: readonly Reporter[], clock: Pick<Clock, 'now'>): Emit {
  return (event) => {
    const stamped: Stamped = { v: 1, at: timestamp(clock.now()), ...event };
    const safe = redacted(stamped) as Stamped;
    for (const reporter of reporters) reporter.event(safe);
  };
}

/** The same value with every secret made unreadable in all of its texts. */
export function redacted(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, OURS.has(key) ? inner : redacted(inner)]),
  );
}
