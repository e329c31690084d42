import { type Change, decide } from './decide.ts';
import { inActingOrder, inOrder } from './graph.ts';
import { type Eyes, kindOf, type Observation, scopeOf } from './observe.ts';
import { type Address, type Outputs, type Ref, type Resource, resolve } from './resource.ts';

/** What apply would do to one agency. A value: it serialises, compares, and holds no secret. */
export interface Plan {
  readonly version: 1;
  readonly agency: string;
  readonly targetDigest: string;
  /** In the order in which they can be done. */
  readonly changes: readonly Change[];
}

/** Pure: the same resources and observations give the same plan. `eyes` serves only to know recorded facts and keys. */
export function plan(
  targetDigest: string,
  resources: readonly Resource[],
  seen: ReadonlyMap<Address, Observation>,
  eyes: Eyes,
): Plan {
  const outputs = new Map<Address, Outputs>();
  const changes = new Map<Address, Change>();
  for (const resource of inOrder(resources)) {
    const kind = kindOf(resource, eyes.kinds);
    const resolution = resolve(resource.inputs, outputs);
    const scope = resolution.known ? scopeOf(resource, resolution.values, eyes) : undefined;
    const observation = seen.get(resource.address) ?? { state: 'absent' };
    const change = decide(
      resource,
      kind,
      scope,
      resolution.known ? observation : unsure(observation, resolution.missing),
    );
    changes.set(resource.address, change);
    if (scope && observation.state === 'found') {
      outputs.set(resource.address, plannedOutputs(change, kind.stableOutputs, kind.outputs(scope, observation)));
    }
  }
  const ordered = inActingOrder(resources).flatMap(({ address }) => changes.get(address) ?? []);
  return { version: 1, agency: eyes.agency.slug, targetDigest, changes: ordered };
}

/** An update may change any output that its kind does not vouch for. */
function plannedOutputs(change: Change, stable: readonly string[], actual: Outputs): Outputs {
  if (change.action === 'noop' || change.action === 'recover') return actual;
  return Object.fromEntries(Object.entries(actual).filter(([name]) => stable.includes(name)));
}

/** What was found may have to change once the missing outputs are known; what blocks blocks all the same. */
function unsure(seen: Observation, missing: readonly Ref[]): Observation {
  if (seen.state === 'found') return { state: 'pending', missing, id: seen.id };
  return seen.state === 'absent' ? { state: 'pending', missing } : seen;
}

/** Whether applying it would change anything at all. */
export function hasChanges(plan: Plan): boolean {
  return plan.changes.some(({ action }) => action !== 'noop');
}
