import type { Emit, Result } from './events.ts';
import type { ErasedKind, Scope } from './kind.ts';
import type { Eyes } from './observe.ts';
import type { Permit } from './policy.ts';
import type { Address, Outputs, Recorded, Resource } from './resource.ts';

/** All that acting takes. */
export interface Hands extends Eyes {
  /** The dangerous acts that a person reviewed. */
  readonly permits: ReadonlySet<Permit>;
  /** Makes what status remembers of a resource durable before it returns; `forgotten` goes out of it in the same write. */
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
