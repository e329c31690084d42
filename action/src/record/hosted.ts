import type { Emit } from '../engine/events.ts';
import type { Lease } from '../engine/ports.ts';
import type { GitData, Pulls } from '../forge/forge.ts';
import type { Clock } from '../lib/clock.ts';
import type { RoomInput } from '../manifest/load.ts';
import type { Claimant } from './claim.ts';
import { commitRecorder } from './commits.ts';
import { type HeadRoom, headRoom } from './head.ts';
import type { Recorder } from './recorder.ts';
import { acquireRefLease } from './ref-lease.ts';

export interface HostedOptions {
  /** Goes on after the run is stopped: what was done is still to be recorded, and the lease to be given back. */
  readonly git: GitData;
  readonly pulls: Pick<Pulls, 'ensure'>;
  /** The branch that is applied, without `heads/`. */
  readonly branch: string;
  /** `owner/name`. */
  readonly repository: string;
  /** A checkout of it, of whatever commit. */
  readonly dir?: string;
  readonly claimant: Claimant;
  /** How long to wait for another run, in milliseconds; not at all unless told. */
  readonly waitMs?: number;
  /** Of the run: ends the waiting, for the lease and for others to share a commit. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly emit: Emit;
  /** As in `RefLeaseOptions`. */
  readonly beats?: boolean;
}

/** A control room that is read, leased and recorded through the API of its repository. */
export interface Hosted {
  load(): Promise<RoomInput>;
  lease(): Promise<Lease>;
  readonly recorder: Recorder;
  /** The commit that was loaded last. */
  revision(): string | undefined;
  readonly room: HeadRoom;
}

export function hostedRoom(options: HostedOptions): Hosted {
  const { git, pulls, branch, repository, dir, claimant, waitMs, signal, clock, emit, beats } = options;
  const room = headRoom({ git, branch, repository, ...(dir !== undefined && { dir }) });
  let held: Lease | undefined;
  const recorder = commitRecorder({
    git,
    room,
    branch,
    pulls,
    clock,
    signal,
    assertHeld: async () => held?.assertHeld(),
    tell: (message) => emit({ type: 'notice', message }),
    ...(claimant.url !== undefined && { runUrl: claimant.url }),
  });
  return {
    load: room.read,
    lease: async () => {
      const waiting = { ...(waitMs !== undefined && { waitMs }), ...(beats !== undefined && { beats }) };
      held = await acquireRefLease({ git, clock, claimant, signal, ...waiting });
      return held;
    },
    recorder,
    revision: () => room.commit,
    room,
  };
}
