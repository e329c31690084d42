import { classify, type ProvisionerError, type Trouble, troubleOf } from '../engine/errors.ts';
import { type Emit, type RunResult, resultOf } from '../engine/events.ts';
import type { Asked } from './asked.ts';
import { type DoorPorts, type Knock, knocks } from './doors.ts';
import { type Intake, intake, isUnacceptable, refuse } from './intake.ts';
import type { IntakePorts, Room } from './ports.ts';
import { headlineOf, intakeMarkdown, lineOf } from './report.ts';
import type { Refusal } from './request.ts';

/** How one request ended. */
export interface IntakeOutcome {
  /** Its id. */
  readonly request: string;
  readonly state: Intake['state'] | 'failed';
  readonly slug?: string;
  /** The pull request. */
  readonly url?: string;
  /** Whether this run opened it. */
  readonly opened: boolean;
  readonly error?: Trouble;
}

export interface IntakeReport {
  readonly result: RunResult;
  /** One line: what failed, why, and what to do next; or what was achieved. */
  readonly headline: string;
  /** For the page of the run; foreign text in it is escaped. */
  readonly markdown: string;
  readonly outcomes: readonly IntakeOutcome[];
}

export interface RunIntakePorts extends IntakePorts {
  readonly controlPlane?: (NonNullable<IntakePorts['controlPlane']> & DoorPorts['controlPlane']) | undefined;
  issue: DoorPorts['issue'];
  /** Read once, when there is a request. */
  room(): Promise<Room>;
  readonly emit: Emit;
}

/**
 * Makes each request that it was called for a pull request, one after the other and oldest first, so that who came first
 * gets the plainer slug; none stops another. Rejects when the requests themselves cannot be read.
 */
export async function runIntake(asked: Asked, ports: RunIntakePorts): Promise<IntakeReport> {
  const outcomes: IntakeOutcome[] = [];
  const all = await knocks(asked, ports);
  const room = all.length > 0 ? await ports.room() : undefined;
  for (const knock of all) {
    if (!room) break;
    const outcome = await settle(knock, room, ports);
    outcomes.push(outcome);
    ports.emit({ type: 'notice', message: lineOf(outcome) });
  }
  const [worst] = outcomes.flatMap(({ error }) => error ?? []);
  return {
    result: worst ? resultOf(worst.class) : 'done',
    headline: headlineOf(outcomes),
    markdown: intakeMarkdown(outcomes),
    outcomes,
  };
}

async function settle(knock: Knock, room: Room, ports: IntakePorts): Promise<IntakeOutcome> {
  try {
    if ('error' in knock) return await turnAway(knock, ports);
    const result = await intake(knock, room, ports);
    const { pull, slug } = { slug: undefined, ...result };
    return {
      request: knock.id,
      state: result.state,
      opened: result.state === 'opened',
      ...(slug !== undefined && { slug }),
      ...(pull && { url: pull.url }),
    };
  } catch (thrown) {
    const error = classify(thrown);
    if (isUnacceptable(thrown)) return await turnAway({ id: knock.id, source: knock.source, error }, ports);
    return failed(knock.id, error);
  }
}

/** A word that does not arrive is as bad as none: the run goes red for it, and the next one says it again. */
async function turnAway(refusal: Refusal, ports: IntakePorts): Promise<IntakeOutcome> {
  try {
    await refuse(refusal, ports);
    return failed(refusal.id, refusal.error);
  } catch (thrown) {
    return failed(refusal.id, classify(thrown));
  }
}

function failed(request: string, error: ProvisionerError): IntakeOutcome {
  return { request, state: 'failed', opened: false, error: troubleOf(error) };
}
