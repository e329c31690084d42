import type { Event } from '../../action/src/engine/events.ts';
import type { Hands } from '../../action/src/engine/job.ts';
import type { ErasedKind } from '../../action/src/engine/kind.ts';
import type { Address, Recorded, Resource } from '../../action/src/engine/resource.ts';
import { keyring } from '../../action/src/lib/keyring.ts';
import { Secret } from '../../action/src/lib/secret.ts';
import { type ManualClock, manualClock } from './clock.ts';

/** A key ring for tests; the same each time. */
export const aKeyring = () => keyring(new Secret('test-provisioner-secret-0123456789abcdef'));

export interface TestHands extends Hands {
  readonly clock: ManualClock;
  readonly recorded: Map<Address, Recorded>;
  readonly events: Event[];
  /** Every checkpoint in order, as `address {json}`. */
  readonly checkpoints: string[];
}

/** Hands that record into memory. */
export function someHands(kinds: Record<string, ErasedKind>, over: Partial<Hands> = {}): TestHands {
  const recorded = new Map<Address, Recorded>(over.recorded);
  const events: Event[] = [];
  const checkpoints: string[] = [];
  return {
    agency: { slug: 'acme', uid: 'uid-1' },
    kinds: new Map(Object.entries(kinds)),
    keyring: aKeyring(),
    signal: new AbortController().signal,
    permits: new Set(),
    assertLease: async () => undefined,
    emit: (event) => events.push(event),
    checkpoint: async (address, entry, forgotten = []) => {
      for (const one of entry ? forgotten : [address, ...forgotten]) recorded.delete(one);
      if (entry) recorded.set(address, entry);
      checkpoints.push([address, entry ? JSON.stringify(entry) : 'forgotten', ...forgotten].join(' '));
    },
    ...over,
    recorded,
    clock: manualClock(),
    events,
    checkpoints,
  };
}

/** A resource of the toy kind. */
export function aResource(over: Partial<Resource> = {}): Resource {
  return {
    address: 'toy',
    kind: 'toy',
    inputs: { name: 'acme-toy', color: 'red' },
    after: [],
    condition: 'Ready',
    ...over,
  };
}
