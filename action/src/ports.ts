import type { Emit } from './engine/events.ts';
import type { Kinds } from './engine/kind.ts';
import type { Lease } from './engine/ports.ts';
import type { Lookups } from './forge/revisions.ts';
import type { Clock } from './lib/clock.ts';
import type { Keyring } from './lib/keyring.ts';
import type { Secret } from './lib/secret.ts';
import type { RoomInput } from './manifest/load.ts';
import type { Fleet } from './manifest/schema.ts';
import type { Recorder } from './record/tree.ts';

/** What a run is asked to do. */
export interface RunRequest {
  readonly mode: 'validate' | 'plan' | 'apply';
  /** The agencies that a person named; empty for all that are due. */
  readonly agencies: readonly string[];
  /** Looks at every agency, due or not: after a secret was rotated, or to be sure. */
  readonly all?: boolean;
  /** Whether naming an agency agrees to what is dangerous about it; true unless told. */
  readonly agreed?: boolean;
}

/** The outside, handed in. Each is asked for only when its stage is reached. */
export interface RunPorts {
  /** The control room as it is now, read anew under the lease. */
  load(): Promise<RoomInput>;
  lease(): Promise<Lease>;
  kinds(fleet: Fleet): Promise<Kinds>;
  keyring(): Keyring;
  /** The action's secret of that name, when this run has it. */
  secret(name: string): Secret | undefined;
  /** Commits of `owner/name@ref`, or why there is none. */
  revisions(refs: ReadonlySet<string>): Promise<Lookups>;
  readonly recorder: Recorder;
  /** The control room's commit, where it is known. */
  readonly revision: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly emit: Emit;
}
