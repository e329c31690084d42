import type { Clock } from '../lib/clock.ts';
import type { Keyring } from '../lib/keyring.ts';
import type { Pace } from '../lib/poll.ts';
import type { Address, Outputs, Recorded, Values } from './resource.ts';

/** What a kind is given for each of its verbs. */
export interface Scope<I = Values> {
  readonly agency: { readonly slug: string; readonly uid: string };
  readonly address: Address;
  readonly inputs: I;
  /** What status remembers, if anything. Reality beats it: it says where to look first, not what is there. */
  readonly recorded: Recorded | undefined;
  /** The id that a person allowed to take over. */
  readonly adopt: string | undefined;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A thing at a vendor that was found, with what was read of it. */
export interface Found<A> {
  readonly id: string;
  readonly actual: A;
}

/** The answer to "which thing out there is this resource?". */
export type Identity<A> =
  | ({ readonly state: 'found' } & Found<A>)
  | { readonly state: 'absent' }
  /** Recorded, and now gone, renamed or without our mark. */
  | {
      readonly state: 'vanished';
      readonly id: string;
      readonly because: string;
      readonly remedy?: string;
      /** Something stands under that id all the same; nothing proves any more that it is ours. */
      readonly stands?: boolean;
    }
  /** Something stands where ours should, and nothing proves that it is ours. `found` allows it to be adopted by id. */
  | { readonly state: 'foreign'; readonly found: readonly Found<A>[]; readonly because: string };

/** One way in which the thing differs from the wish. Values are for people: never a secret. */
export interface Difference {
  readonly path: string;
  readonly before?: string;
  readonly after?: string;
  /** Cannot be changed once it exists: the change is blocked. */
  readonly immutable?: boolean;
  /** How to go on where it is immutable, if another way than putting the value back leads on. */
  readonly remedy?: string;
  /** Makes the agency less protected than it is: a dangerous change. */
  readonly lowersProtection?: boolean;
  /** Theirs to change: reported, never repaired. */
  readonly reportOnly?: boolean;
  /** Cannot be read back, so looking again cannot tell: an update that was answered settles it. */
  readonly writeOnly?: boolean;
}

export type Readiness<A> =
  | { readonly state: 'ready'; readonly found: Found<A> }
  | { readonly state: 'waiting'; readonly on: string }
  | { readonly state: 'failed'; readonly because: string; readonly remedy: string };

/**
 * The contract of one kind of external thing. The axis of variation is the vendor's API: a kind says how to look and
 * how to act; when to do which is the engine's, written once. A kind holds nothing between calls.
 */
export interface Kind<I = Values, A = unknown> {
  readonly name: string;
  /** It holds data that cannot be made again: when it vanished, the agency is blocked instead of given a new one. */
  readonly holdsData: boolean;
  /**
   * For things whose vendor accepts two of the same: how long, in milliseconds, a created thing may stay invisible to
   * `identify`. The engine records an intent before creating and settles an open one by looking for this long.
   */
  readonly settlesWithinMs?: number;
  /** A change makes a new one beside it, and the old one goes on until then. */
  readonly superseded?: boolean;
  /** It stands as soon as what it belongs to does, so it is only ever updated. */
  readonly given?: boolean;
  /** How often to ask whether it is ready, and for how long. Absent: it is ready as soon as it exists. */
  readonly pace?: Pace;
  /** Outputs that an update leaves as they are; the others are unknown in a plan that updates it. */
  readonly stableOutputs: readonly string[];

  /** Finds the thing by recorded id, else by name or mark. Never writes; reads lists to their end. */
  identify(scope: Scope<I>): Promise<Identity<A>>;
  /** Reads the thing again by its id. Never writes. */
  read(scope: Scope<I>, id: string): Promise<Found<A> | undefined>;
  /** Pure. Server defaults are not differences. */
  diff(scope: Scope<I>, actual: A): readonly Difference[];
  /** Creates it with its mark in the same call. `undefined`: the engine reads it back by `identify`. */
  create(scope: Scope<I>): Promise<Found<A> | undefined>;
  /** Changes only what `differences` names. */
  update(scope: Scope<I>, found: Found<A>, differences: readonly Difference[]): Promise<void>;
  /** Removes it; already gone is success. */
  delete(scope: Scope<I>, id: string): Promise<void>;
  /** Whether it works, asked at the pace above. Never writes. */
  ready?(scope: Scope<I>, found: Found<A>): Promise<Readiness<A>>;
  /** What other resources and status may know; plain text only, apart from `Secret`s, which are never recorded. */
  outputs(scope: Scope<I>, found: Found<A>): Outputs;
  /** Facts that status keeps beside the id, such as fingerprints of what cannot be read back. */
  remember?(scope: Scope<I>, found: Found<A>): Recorded;
  /** What exists of this kind in the whole fleet, by id, from list calls alone. */
  survey?(signal: AbortSignal): Promise<ReadonlyMap<string, { readonly name: string }>>;
}

/** The kinds by name. Inputs and observed shapes differ from kind to kind; the engine hands them through unseen. */
export type Kinds = ReadonlyMap<string, ErasedKind>;

/** A kind with its own types hidden. */
export type ErasedKind = Kind<Values, unknown>;

/** Hides the types of a kind; its inputs come from the blueprint, which is typed against the same interface. */
export function erase<I, A>(kind: Kind<I, A>): ErasedKind {
  return kind as unknown as ErasedKind;
}
