import { InternalError } from './errors.ts';
import type { Address, Dependency, Resource } from './resource.ts';

/** Resources so that each stands behind all it refers to; by address where the order is free. */
export function inOrder(resources: readonly Resource[]): Resource[] {
  return sorted(resources, ({ after }) => after);
}

/** The same in the order in which they can be acted on: what is removed goes before what it stands on. */
export function inActingOrder(resources: readonly Resource[]): Resource[] {
  return sorted(resources, (resource) => waitsFor(resource, resources));
}

/** What a resource waits for before it is acted on. One that is removed waits until what stands on it is gone. */
export function waitsFor(resource: Resource, resources: readonly Resource[]): readonly Dependency[] {
  if (resource.wish !== 'absent') return resource.after;
  return resources
    .filter(({ wish, after }) => wish === 'absent' && after.some(({ address }) => address === resource.address))
    .map(({ address }) => ({ address, stage: 'ready' }));
}

function sorted(resources: readonly Resource[], before: (resource: Resource) => readonly Dependency[]): Resource[] {
  const left = new Map(resources.toSorted(byAddress).map((resource) => [resource.address, resource]));
  const ordered: Resource[] = [];
  while (left.size > 0) {
    const next = [...left.values()].find((resource) => before(resource).every(({ address }) => !left.has(address)));
    if (!next)
      throw new InternalError(`the blueprint waits in a circle: ${[...left.keys()].join(', ')}`, 'Mend blueprint.ts.');
    left.delete(next.address);
    ordered.push(next);
  }
  return ordered;
}

/** Fails when a resource waits for what the blueprint does not hold, or stands on what is to go. */
export function assertComplete(resources: readonly Resource[]): void {
  const known = new Map(resources.map((resource) => [resource.address, resource]));
  for (const { address, after, wish } of resources) {
    for (const dependency of after) {
      const stands = known.get(dependency.address);
      const why = stands ? 'is to go' : 'does not exist';
      if (stands && (stands.wish !== 'absent' || wish === 'absent')) continue;
      throw new InternalError(`${address} waits for ${dependency.address}, which ${why}`, 'Mend blueprint.ts.');
    }
  }
}

function byAddress(a: { address: Address }, b: { address: Address }): number {
  return a.address < b.address ? -1 : 1;
}
