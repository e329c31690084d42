import type { Emit, Result } from './events.ts';
import type { ErasedKind, Scope } from './kind.ts';
import type { Eyes } from './observe.ts';
import type { Permit } from './policy.ts';
import type { Address, Outputs, Recorded, Resource } from './resource.ts';

/** All that acting takes. */
export interface Hands extends Eyes {
  /** The dangerous acts that a person reviewed. */
  readonly permits: ReadonlySet<Permit>;
  /** The last run was killed and may have created any resource unrecorded: absence is believed late then. */
  readonly afterKill?: boolean;
  /**
   * Makes what status remembers of a resource durable, at the latest with the end of the run; before it returns where
   * losing it could make something be created twice: the first intent of a run, and an id that is given up. `undefined`:
   * it is no more. `forgotten` goes out of it in the same write.
   */
  checkpoint(address: Address, recorded: Recorded | undefined, forgotten?: readonly Address[]): Promise<void>;
  /** Rejects when this run no longer holds the lease. */
  assertLease(): Promise<void>;
  readonly emit: Emit;
}

/** How one resource came to be as it should. */
export interface Done {
  readonly result: Result;
  /** Absent where nothing stands. */
  readonly id?: string;
  readonly outputs: Outputs;
  readonly because?: string;
}

/** One resource to be brought to what it should be. */
export interface Job {
  readonly resource: Resource;
  readonly kind: ErasedKind;
  readonly scope: Scope;
  readonly hands: Hands;
  /** Told as soon as the thing exists, with the outputs it has by then. */
  created(outputs: Outputs): void;
}
