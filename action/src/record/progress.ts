import { type Condition, conditionsAfter, conditionsAtStart, type Rest, wasKilled } from '../engine/conditions.ts';
import type { ProvisionerError } from '../engine/errors.ts';
import type { Address, Outputs, Recorded, Ref } from '../engine/resource.ts';
import type { Execution } from '../engine/schedule.ts';
import { type Clock, timestamp } from '../lib/clock.ts';
import { canonicalJson } from '../lib/digest.ts';
import type { Status } from '../manifest/schema.ts';
import type { Recorder } from './recorder.ts';

/** What a run needs to keep the status of one agency true while it works on it. */
export interface ProgressInput {
  readonly file: string;
  readonly before: Status | undefined;
  readonly targetDigest: string;
  /** The commit of the control room that is applied, where there is one. */
  readonly revision: string | undefined;
  /** Which outputs of which resources status shows. */
  readonly outputs: Readonly<Record<string, Ref>>;
  readonly recorder: Recorder;
  readonly clock: Clock;
  /** What the agency is once all went well where it is not meant to run, from what the run left and when it ended. */
  rest?(recorded: ReadonlyMap<Address, Recorded>, outputs: Execution['outputs'], now: number): Resting | undefined;
}

type Resting = Rest & { readonly retainUntil?: string };

export interface Progress {
  /** What status remembers by now. */
  readonly recorded: ReadonlyMap<Address, Recorded>;
  /** The run before was killed. */
  readonly afterKill: boolean;
  /** Records one resource, or that it is no more, and with it what is forgotten; as durable as the recorder makes it. */
  checkpoint(address: Address, recorded: Recorded | undefined, forgotten?: readonly Address[]): Promise<void>;
  /** Records what stopped the run before anything was done: what was true of the agency stays so. */
  stopped(error: ProvisionerError): Promise<Status>;
  /** Records how the run ended; writes nothing when nothing of meaning changed. */
  finish(execution: Execution): Promise<Status>;
}

const NOTHING: Status = { conditions: [], outputs: {}, resources: {} };

/** Keeps status in step with the work. Writes of one agency follow each other, so none overtakes a later one. */
export function progressOf(input: ProgressInput): Progress {
  const before = input.before ?? NOTHING;
  const recorded = new Map<Address, Recorded>(Object.entries(before.resources));
  let status = before;
  let last = Promise.resolve();
  const save = (next: Status) => {
    status = next;
    const write = () => input.recorder.save(input.file, next);
    const turn = last.then(write, write);
    last = turn;
    return turn;
  };
  const finish = async (execution: Execution) => {
    await last.catch(() => undefined);
    const next = ended(status, recorded, execution, input);
    if (!same(next, status)) await save(next);
    return next;
  };
  return {
    recorded,
    afterKill: wasKilled(before.conditions as Condition[]),
    checkpoint: (address, entry, forgotten = []) => {
      for (const one of entry ? forgotten : [address, ...forgotten]) recorded.delete(one);
      if (entry) recorded.set(address, entry);
      return save(underWay(status, recorded, timestamp(input.clock.now())));
    },
    stopped: (error) => {
      const outcome = { address: 'the plan', condition: undefined, result: 'blocked', ms: 0, error } as const;
      return finish({ outcomes: [outcome], outputs: new Map() });
    },
    finish,
  };
}

function underWay(status: Status, recorded: ReadonlyMap<Address, Recorded>, at: string): Status {
  const conditions = conditionsAtStart(status.conditions as Condition[], at);
  return { ...status, startedAt: status.startedAt ?? at, conditions, resources: Object.fromEntries(recorded) };
}

function ended(
  status: Status,
  recorded: ReadonlyMap<Address, Recorded>,
  { outcomes, outputs }: Execution,
  { targetDigest, revision, outputs: shown, before, clock, rest: restOf }: ProgressInput,
): Status {
  const now = clock.now();
  const at = timestamp(now);
  const rest = restOf?.(recorded, outputs, now);
  // Compared with what stood there before the run: that a run was under way is no transition.
  const conditions = conditionsAfter(outcomes, (before?.conditions ?? []) as Condition[], at, rest);
  const isTrue = (type: string) => conditions.some((one) => one.type === type && one.status === 'True');
  const isReady = isTrue('Ready') && isTrue('Notified');
  const isAtRest = rest !== undefined && conditions.some(({ reason }) => reason === rest.reason);
  const next = {
    ...status,
    conditions,
    outputs: isAtRest && rest.reason === 'Destroyed' ? {} : { ...status.outputs, ...visible(shown, outputs) },
    resources: Object.fromEntries(recorded),
  };
  if (!(isReady || isAtRest) || outcomes.some(({ error }) => error !== undefined)) return next;
  const changed = status.observedSpecDigest !== targetDigest;
  const complete = {
    ...next,
    startedAt: status.startedAt ?? at,
    observedSpecDigest: targetDigest,
    ...(isReady && { completedAt: status.completedAt ?? at }),
    ...(revision !== undefined &&
      (changed || status.lastAppliedRevision === undefined) && { lastAppliedRevision: revision }),
  };
  return retained(complete, rest?.retainUntil);
}

/** Recorded once, and no more once it is not retired; unchanged as a value where nothing changes. */
function retained({ retainUntil, ...status }: Status, until: string | undefined): Status {
  return until === undefined ? status : { ...status, retainUntil: until };
}

/** Secrets are outputs too; only plain text is shown. */
function visible(shown: Readonly<Record<string, Ref>>, outputs: ReadonlyMap<Address, Outputs>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(shown).flatMap(([name, { address, output }]) => {
      const value = outputs.get(address)?.[output];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

function same(a: Status, b: Status): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
