import { redact } from '../lib/redact.ts';
import { isTransient, type ProvisionerError } from './errors.ts';
import type { Outcome } from './schedule.ts';

export type ConditionType = 'Ready' | 'Notified' | 'Reconciling' | 'Stalled' | 'Drifted';

/** One statement about an agency, for people and for machines. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  /** One word in CamelCase that says why. */
  readonly reason: string;
  readonly message: string;
  /** When `status` last became what it is. */
  readonly lastTransitionTime: string;
}

const LONGEST_MESSAGE = 300;
const UNDER_WAY = 'a run is under way';
const BEGUN = 'Provisioning';

const WELL = {
  Ready: { reason: 'Accepted', message: 'the instance answers and its owner can sign in' },
  Notified: { reason: 'Sent', message: 'the owner was sent the welcome mail' },
} as const;

type Statement = Omit<Condition, 'lastTransitionTime'>;

/** What an agency is that is not meant to run, and in words for people how it was put to rest. */
export interface Rest {
  readonly reason: 'Suspended' | 'Retired' | 'Destroyed';
  readonly message: string;
}

const RESTS: readonly string[] = ['Suspended', 'Retired', 'Destroyed'] satisfies Rest['reason'][];

/**
 * The conditions after a run over an agency, from its outcomes alone. `at` is the time of the run's end; `rest` is what
 * the agency is once all went well, where it is not meant to run.
 */
export function conditionsAfter(
  outcomes: readonly Outcome[],
  before: readonly Condition[],
  at: string,
  rest?: Rest,
): Condition[] {
  const carried = (['Ready', 'Notified'] as const).map((type) => {
    const carriers = outcomes.filter(({ condition }) => condition === type);
    if (type === 'Ready' && rest && !carriers.some(isTrouble) && !outcomes.some(({ error }) => error)) {
      return { type, status: 'False', ...rest } as const;
    }
    return carriers.length > 0
      ? carriedBy(carriers, type, outcomes)
      : keptOf(before, type, 'NotReached', 'no run came this far');
  });
  return stamp([...carried, ...passing(outcomes)], before, at);
}

/** What an agency is that is not Ready because it is not meant to be; `undefined` for every other. */
export function restIn<C extends Pick<Statement, 'status'> & { readonly type: string; readonly reason: string }>(
  conditions: readonly C[],
): C | undefined {
  return conditions.find(
    ({ type, status, reason }) => type === 'Ready' && status === 'False' && RESTS.includes(reason),
  );
}

/** The conditions while a first run is under way: what people see who look at the manifest meanwhile. */
export function conditionsAtStart(before: readonly Condition[], at: string): Condition[] {
  const kept = (['Ready', 'Notified'] as const).map((type) => keptOf(before, type, BEGUN, UNDER_WAY));
  return stamp([...kept, { type: 'Reconciling', status: 'True', reason: BEGUN, message: UNDER_WAY }], before, at);
}

/**
 * Whether the last run was killed: it began, and nothing says how it ended. It may have created what no record shows,
 * because a record by commits is written when an agency begins, at the end and seldom between.
 */
export function wasKilled(before: readonly Condition[]): boolean {
  return before.some(({ type, status, reason }) => type === 'Reconciling' && status === 'True' && reason === BEGUN);
}

function keptOf(before: readonly Condition[], type: ConditionType, reason: string, message: string): Statement {
  return before.find((condition) => condition.type === type) ?? { type, status: 'Unknown', reason, message };
}

/** Keeps the time of every condition whose status did not change. */
function stamp(statements: readonly Statement[], before: readonly Condition[], at: string): Condition[] {
  return statements.map(({ type, status, reason, message }) => {
    const known = before.find((condition) => condition.type === type && condition.status === status);
    return { type, status, reason, message, lastTransitionTime: known?.lastTransitionTime ?? at };
  });
}

function carriedBy(carriers: readonly Outcome[], type: 'Ready' | 'Notified', all: readonly Outcome[]): Statement {
  const trouble = carriers.find(isTrouble);
  if (!trouble) return { type, status: 'True', ...WELL[type] };
  const first = all.find(({ error }) => error !== undefined) ?? trouble;
  return { type, status: 'False', reason: reasonOf(first), message: messageOf(first) };
}

/** Stalled waits for a person, Reconciling for time; both are absent when all is well. */
function passing(outcomes: readonly Outcome[]): Statement[] {
  const troubled = outcomes.filter(({ error }) => error !== undefined);
  const first = troubled.find(({ error }) => needsPerson(error)) ?? troubled[0];
  if (!first) return [];
  const type = needsPerson(first.error) ? 'Stalled' : 'Reconciling';
  return [{ type, status: 'True', reason: reasonOf(first), message: messageOf(first) }];
}

function isTrouble({ result }: Outcome): boolean {
  return result === 'failed' || result === 'blocked' || result === 'skipped';
}

/** Whether running it again as it is cannot help. */
export function needsPerson(error: ProvisionerError | undefined): boolean {
  return error !== undefined && !isTransient(error);
}

function reasonOf({ error }: Outcome): string {
  const reasons = {
    manifest: 'InvalidManifest',
    blocked: 'Blocked',
    provider: 'VendorFailed',
    waiting: 'Waiting',
    internal: 'InternalError',
  };
  return error ? reasons[error.class] : 'DependencyFailed';
}

/** One sentence: status is kept for ever, and what follows may be a log full of times and ids. */
function messageOf({ address, because, error }: Outcome): string {
  // Masked before it is cut, or half a secret would be left that no mask knows.
  const [sentence = ''] = redact(error?.message ?? because ?? 'skipped').split('\n');
  return `${address}: ${sentence.slice(0, LONGEST_MESSAGE)}`;
}
