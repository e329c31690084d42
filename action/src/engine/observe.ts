import type { Clock } from '../lib/clock.ts';
import type { Keyring } from '../lib/keyring.ts';
import { classify, InternalError, type ProvisionerError } from './errors.ts';
import { inOrder } from './graph.ts';
import type { ErasedKind, Identity, Kinds, Scope } from './kind.ts';
import {
  type Address,
  type Outputs,
  type Recorded,
  type Ref,
  type Resource,
  resolve,
  type Values,
} from './resource.ts';

export interface AgencyName {
  readonly slug: string;
  readonly uid: string;
}

/** All that looking takes; acting takes more, see `execute`. */
export interface Eyes {
  readonly agency: AgencyName;
  readonly kinds: Kinds;
  readonly recorded: ReadonlyMap<Address, Recorded>;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What was seen of one resource. */
export type Observation =
  | Identity<unknown>
  /** It cannot be looked for before another resource exists. */
  | { readonly state: 'pending'; readonly missing: readonly Ref[]; readonly id?: string | undefined }
  | { readonly state: 'unreadable'; readonly error: ProvisionerError };

/** Looks at every resource of an agency, each as soon as what it refers to was seen. Read-only. */
export async function observe(resources: readonly Resource[], eyes: Eyes): Promise<Map<Address, Observation>> {
  const outputs = new Map<Address, Outputs>();
  const looks = new Map<Address, Promise<Observation>>();
  const look = async (resource: Resource): Promise<Observation> => {
    await Promise.all(resource.after.map(({ address }) => looks.get(address)));
    const resolution = resolve(resource.inputs, outputs);
    if (!resolution.known) return pending(resolution.missing, eyes.recorded.get(resource.address));
    const kind = kindOf(resource, eyes.kinds);
    const scope = scopeOf(resource, resolution.values, eyes);
    const observation = await identify(kind, scope);
    if (observation.state === 'found') outputs.set(resource.address, kind.outputs(scope, observation));
    return observation;
  };
  for (const resource of inOrder(resources)) looks.set(resource.address, look(resource));
  const seen = await Promise.all(
    [...looks].map(async ([address, observation]) => [address, await observation] as const),
  );
  return new Map(seen);
}

function pending(missing: readonly Ref[], recorded: Recorded | undefined): Observation {
  return { state: 'pending', missing, id: recorded?.id };
}

async function identify(kind: ErasedKind, scope: Scope): Promise<Observation> {
  try {
    return await kind.identify(scope);
  } catch (thrown) {
    return { state: 'unreadable', error: classify(thrown) };
  }
}

/** The kind that looks after a resource. */
export function kindOf(resource: Resource, kinds: Kinds): ErasedKind {
  const kind = kinds.get(resource.kind);
  if (!kind) throw new InternalError(`no kind is called ${resource.kind}`, 'Add it to providers/index.ts.');
  return kind;
}

/** What the kind's verbs are given for this resource. */
export function scopeOf(resource: Resource, inputs: Values, eyes: Eyes): Scope {
  const { agency, keyring, clock, signal } = eyes;
  const { address } = resource;
  return {
    agency,
    address,
    inputs,
    recorded: eyes.recorded.get(address),
    adopt: resource.allow?.adopt,
    keyring,
    clock,
    signal,
  };
}
