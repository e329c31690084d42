import type { Change } from '../engine/decide.ts';
import type { Trouble } from '../engine/errors.ts';
import type { Event, Result, RunResult } from '../engine/events.ts';
import { oneLine } from '../lib/one-line.ts';
import { count } from './text.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

/** What became of one agency. */
export interface AgencySummary {
  readonly slug: string;
  readonly result: RunResult | 'unchanged';
  readonly message: string;
  readonly url?: string;
  readonly error?: Trouble;
  readonly changes: readonly Change[];
  readonly outcomes: readonly Of<'outcome'>[];
}

/** A whole run, gathered from its events. */
export interface RunSummary {
  readonly result: RunResult;
  readonly error?: Trouble;
  readonly problems: readonly Of<'problem'>[];
  readonly notices: readonly Of<'notice'>[];
  /** By slug. */
  readonly agencies: readonly AgencySummary[];
}

/** Gathers the events of a run; `summary` may be asked for at any time. */
export function gather() {
  const events: Event[] = [];
  return {
    add: (event: Event) => {
      if (event.type !== 'started' && event.type !== 'waiting') events.push(event);
    },
    summary: () => summarise(events),
  };
}

function summarise(events: readonly Event[]): RunSummary {
  const all = <T extends Event['type']>(type: T) => events.filter((event): event is Of<T> => event.type === type);
  const end = all('run').at(-1);
  const plans = new Map(all('plan').map((plan) => [plan.agency, plan.changes]));
  const outcomes = byAgency(all('outcome'));
  const agencies = all('agency').map(
    ({ agency, result, message, url, error }): AgencySummary => ({
      slug: agency,
      result,
      message,
      ...(url !== undefined && { url }),
      ...(error && { error }),
      changes: plans.get(agency) ?? [],
      outcomes: outcomes.get(agency) ?? [],
    }),
  );
  return {
    // A run that said nothing at its end did not end well.
    result: end?.result ?? 'failed',
    ...(end?.error && { error: end.error }),
    problems: all('problem'),
    notices: all('notice'),
    agencies: agencies.toSorted((a, b) => (a.slug < b.slug ? -1 : 1)),
  };
}

function byAgency<T extends { readonly agency: string }>(events: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const event of events) groups.set(event.agency, [...(groups.get(event.agency) ?? []), event]);
  return groups;
}

export const RESULT_WORDS: Readonly<Record<RunResult | 'unchanged', string>> = {
  done: 'Done',
  unchanged: 'Unchanged',
  changes: 'Changes',
  waiting: 'Waiting',
  blocked: 'Blocked',
  failed: 'Failed',
};

/** The first line of all that is said at the end: what failed, why, and what to do next; or what was achieved; `idle` when no agency was looked at. */
export function headline(summary: RunSummary, idle = 'nothing is due, and no problem was found.'): string {
  const word = RESULT_WORDS[summary.result];
  const trouble = firstTrouble(summary);
  return `${word}: ${trouble ?? achieved(summary, idle)}`;
}

function firstTrouble({ result, error, problems, agencies }: RunSummary): string | undefined {
  if (error) return sentence(error);
  const worst = agencies.filter((agency) => agency.error !== undefined && agency.result === result);
  const [first] = worst;
  if (first?.error) return `${first.slug}: ${sentence(first.error)}${others(worst.length - 1, 'agency', 'agencies')}`;
  // A run that was asked for other agencies may end well beside a broken file.
  const [problem] = result === 'failed' ? problems : [];
  if (!problem) return undefined;
  return `${problemLine(problem)}${others(problems.length - 1, 'problem', 'problems')}`;
}

/** `file:line:column message — remedy` */
export function problemLine({ file, line, column, message, remedy }: Of<'problem'>): string {
  return oneLine(`${file}:${line}:${column} ${message}${remedy ? ` — ${remedy}` : ''}`);
}

function sentence({ message, remedy }: Trouble): string {
  const why = oneLine(message);
  return `${why}${/[.!?]$/.test(why) ? '' : '.'} Next: ${oneLine(remedy)}`;
}

function others(number: number, one: string, many: string): string {
  return number > 0 ? ` (and ${number} more ${number === 1 ? one : many})` : '';
}

function achieved({ result, agencies }: RunSummary, idle: string): string {
  if (agencies.length === 0) return idle;
  const counts = resultCounts(agencies);
  if (result === 'blocked') return `${counts}; the plan says what blocks, and how to go on.`;
  return result === 'changes' ? `${counts}; apply would make them so.` : `${counts}.`;
}

/** `2 agencies: 1 done, 1 unchanged` */
export function resultCounts(agencies: readonly AgencySummary[]): string {
  const order = ['failed', 'blocked', 'waiting', 'changes', 'done', 'unchanged'] as const;
  const words: Partial<Record<(typeof order)[number], string>> = { changes: 'to change' };
  const parts = order.flatMap((result) => {
    const number = agencies.filter((agency) => agency.result === result).length;
    return number > 0 ? [`${number} ${words[result] ?? result}`] : [];
  });
  return `${count(agencies.length, 'agency', 'agencies')}: ${parts.join(', ')}`;
}

/** `9 created, 1 updated`; nothing about what stayed as it was. */
export function outcomeCounts(outcomes: readonly Of<'outcome'>[]): string {
  const order: readonly Result[] = [
    'created',
    'updated',
    'replaced',
    'deleted',
    'recovered',
    'adopted',
    'blocked',
    'failed',
    'skipped',
  ];
  return order
    .map((result) => [outcomes.filter(({ outcome }) => outcome === result).length, result] as const)
    .filter(([number]) => number > 0)
    .map(([number, result]) => `${number} ${result}`)
    .join(', ');
}
