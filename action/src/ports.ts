import type { Emit, Stamped } from './engine/events.ts';
import type { Kinds } from './engine/kind.ts';
import type { Permit } from './engine/policy.ts';
import type { Lease } from './engine/ports.ts';
import type { Lookups } from './forge/revisions.ts';
import type { Clock } from './lib/clock.ts';
import type { Keyring } from './lib/keyring.ts';
import type { Secret } from './lib/secret.ts';
import type { RoomInput } from './manifest/load.ts';
import type { AgencyManifest, Fleet, Status } from './manifest/schema.ts';
import type { RunReport } from './outcome.ts';
import type { Recorder } from './record/recorder.ts';

/** What a run is asked to do. */
export interface RunRequest {
  readonly mode: 'validate' | 'plan' | 'apply';
  /** The agencies that a person named; empty for all that are due. */
  readonly agencies: readonly string[];
  /** Looks at every agency, due or not: after a secret was rotated, or to be sure. */
  readonly all?: boolean;
  /** Whether naming an agency agrees to what is dangerous about it; true unless told. */
  readonly agreed?: boolean;
  /** Only those that are due because the last run over them went wrong. */
  readonly failed?: boolean;
  /** Only those that are not due, all of them: what differs there has moved by itself. */
  readonly settled?: boolean;
}

/** An agency that a run works on, as those who follow it need to know it. */
export interface Followed {
  readonly slug: string;
  readonly uid: string;
  readonly file: string;
  /** The onboarding request that it came from. */
  readonly requestId: string | undefined;
  /** What the run is to make of it. */
  readonly lifecycle: AgencyManifest['spec']['lifecycle'];
  /** What was recorded before the run. */
  readonly before: Status | undefined;
}

/**
 * Somebody outside who is told of a run while it goes on. The axis: where people look, such as the pull request or the
 * company's database. It never stops a run: what it cannot say becomes a notice.
 */
export interface Follower {
  /** The agencies that the run works on, before anything is done for them. */
  begin(agencies: readonly Followed[]): Promise<void>;
  event(event: Stamped): void;
  /** The run is over and recorded. Resolves when the last word was said. */
  end(report: RunReport): Promise<void>;
}

/** Where a control room is kept: what a run reads of it and writes to it. The axis: a folder, or GitHub's repository. */
export interface Place {
  load(): Promise<RoomInput>;
  /** Acquires the right to act; only a run that acts asks. */
  lease(): Promise<Lease>;
  readonly recorder: Recorder;
  /** The control room's commit, where it is known; of what was loaded last. */
  revision(): string | undefined;
  readonly followers?: readonly Follower[];
  /**
   * The dangerous acts that people agreed to by merging, by slug; nothing when the run was not started by a merge. Where
   * it is absent, as at a command line, naming an agency agrees to its plan.
   */
  reviewed?(): Promise<ReadonlyMap<string, ReadonlySet<Permit>>>;
}

/** The outside, handed in. Each is asked for only when its stage is reached. */
export interface RunPorts extends Place {
  /** May open the connections; the first to need a credential. */
  kinds(fleet: Fleet): Promise<Kinds>;
  keyring(): Keyring;
  /** The repository secret of that name. */
  secret(name: string): Secret | undefined;
  /** Commits of `owner/name@ref`, or why there is none. */
  revisions(refs: ReadonlySet<string>): Promise<Lookups>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly emit: Emit;
}
