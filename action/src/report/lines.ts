import type { Result, Stamped } from '../engine/events.ts';
import { oneLine } from '../lib/one-line.ts';
import { planCounts, planText } from './plan-text.ts';
import { outcomeCounts, problemLine } from './summary.ts';
import { count, duration } from './text.ts';

export interface LineOptions {
  /** Whole plans, or only how many changes there are. */
  readonly plans: 'full' | 'counts';
  /** What stays as it is, too. */
  readonly verbose: boolean;
  readonly width: number;
}

export type Outcome = Extract<Stamped, { type: 'outcome' }>;
type Agency = Extract<Stamped, { type: 'agency' }>;

/** How one resource ended, as the end of "vercel.project has …". */
const ENDED: Readonly<Record<Result, string>> = {
  created: 'been created',
  updated: 'been updated',
  replaced: 'been replaced',
  deleted: 'been deleted',
  recovered: 'been recovered',
  adopted: 'been adopted',
  unchanged: 'been left unchanged',
  skipped: 'been skipped',
  blocked: 'been blocked',
  failed: 'failed',
};

/** What an event reads like where lines can only be added: logs and pipes. Empty for what nobody needs to read. */
export function linesOf(event: Stamped, options: LineOptions): string[] {
  switch (event.type) {
    case 'problem':
      return [problemLine(event)];
    case 'plan':
      return planLines(event, options);
    case 'started':
      return [`${event.agency} ${event.address}: ${event.action}`];
    case 'waiting':
      return [`${event.agency} ${event.address}: waiting for ${oneLine(event.on)}`];
    case 'outcome':
      return event.outcome === 'unchanged' && !options.verbose ? [] : [outcomeLine(event)];
    case 'notice':
      return [`${event.agency === undefined ? '' : `${event.agency}: `}${oneLine(event.message)}`];
    case 'agency':
    case 'run':
      return [];
  }
}

export function planLines(event: Extract<Stamped, { type: 'plan' }>, { plans, verbose, width }: LineOptions): string[] {
  if (plans === 'counts' && !verbose) return [`${event.agency}: ${planCounts(event.changes)}`];
  return planText(event, { width, all: verbose }).split('\n');
}

export function outcomeLine({ agency, address, outcome, ms, because, error }: Outcome): string {
  const why = error?.message ?? because;
  return `${agency} ${address} has ${ENDED[outcome]} (${duration(ms)})${why === undefined ? '' : `: ${oneLine(why)}`}`;
}

const SIGNS = { done: '✓', unchanged: '✓', changes: '~', waiting: '…', blocked: '!', failed: '✗' } as const;

/** One agency at its end: how it is, what was done, where it answers; and what to do when something went wrong. */
export function agencyLines({ agency, result, url, error }: Agency, outcomes: readonly Outcome[]): string[] {
  const counts = outcomeCounts(outcomes);
  const parts = [result, ...(counts === '' ? [] : [counts]), ...(url === undefined ? [] : [oneLine(url)])];
  const head = `${SIGNS[result]} ${agency}: ${parts.join(' · ')}`;
  if (!error) return [head];
  const failing = outcomes.filter((outcome) => outcome.error !== undefined);
  const more = failing.length > 1 ? [`    (and ${count(failing.length - 1, 'more resource')})`] : [];
  return [head, `    ${oneLine(error.message)}`, `    -> ${oneLine(error.remedy)}`, ...more];
}
