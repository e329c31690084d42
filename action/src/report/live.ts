import type { Stamped } from '../engine/events.ts';
import { oneLine } from '../lib/one-line.ts';
import { count, duration, pad, truncate, widthOf } from './text.ts';

interface Moving {
  readonly action: string;
  readonly since: number;
  readonly on?: string;
}

/** What is under way: the resources that move, by agency. Times are of one clock, in milliseconds. */
export interface UnderWay {
  readonly since: number;
  readonly moving: ReadonlyMap<string, Moving>;
}

export type Picture = ReadonlyMap<string, UnderWay>;

/** The picture after one more event. Pure. */
export function advance(picture: Picture, event: Stamped, now: number): Picture {
  if (event.type === 'agency') return without(picture, event.agency);
  const moved = movedBy(event, now);
  if (!moved) return picture;
  const before = picture.get(moved.agency) ?? { since: now, moving: new Map() };
  const moving = new Map(before.moving);
  const known = moving.get(moved.address);
  if (moved.next === undefined) moving.delete(moved.address);
  else moving.set(moved.address, { action: 'check', since: now, ...known, ...moved.next });
  return new Map(picture).set(moved.agency, { since: before.since, moving });
}

function movedBy(event: Stamped, now: number) {
  switch (event.type) {
    case 'plan':
      return { agency: event.agency, address: '', next: undefined };
    case 'started':
      return { agency: event.agency, address: event.address, next: { action: event.action, since: now } };
    case 'waiting':
      return { agency: event.agency, address: event.address, next: { on: event.on } };
    case 'outcome':
      return { agency: event.agency, address: event.address, next: undefined };
    default:
      return undefined;
  }
}

function without(picture: Picture, agency: string): Picture {
  const rest = new Map(picture);
  rest.delete(agency);
  return rest;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const STEP_MS = 100;

/** The picture as lines that fit `width` columns and `height` rows: an agency, then a line per resource that moves. */
export function frame(picture: Picture, now: number, width: number, height: number): string[] {
  const agencies = [...picture].sort(([a], [b]) => (a < b ? -1 : 1));
  const column = Math.max(0, ...agencies.flatMap(([, { moving }]) => [...moving.keys()].map((name) => name.length)));
  const lines = agencies.flatMap(([slug, underWay]) => block(slug, underWay, now, column));
  const most = Math.max(1, height);
  const shown = lines.length <= most ? lines : [...lines.slice(0, most - 1), more(lines.length - most + 1)];
  return shown.map((line) => truncate(line, width));
}

function block(slug: string, { since, moving }: UnderWay, now: number, column: number): string[] {
  const spin = SPINNER[Math.floor(now / STEP_MS) % SPINNER.length];
  return [
    `${oneLine(slug)}  ${duration(now - since)}`,
    ...[...moving].map(([address, { action, since: begun, on }]) => {
      const waits = on === undefined ? '' : `  waiting for ${oneLine(on)}`;
      return `  ${spin} ${pad(oneLine(address), column)}  ${action} ${duration(now - begun)}${waits}`;
    }),
  ];
}

function more(number: number): string {
  return `  … and ${count(number, 'more line')}`;
}

/** How many rows lines take on a terminal of `columns`, which may have become narrower since they were written. */
export function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / Math.max(1, columns))), 0);
}
