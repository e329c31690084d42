import { InternalError } from './errors.ts';
import type { Address, Resource } from './resource.ts';

/** Resources so that each stands behind all it waits for; by address where the order is free. */
export function inOrder(resources: readonly Resource[]): Resource[] {
  const left = new Map(resources.toSorted(byAddress).map((resource) => [resource.address, resource]));
  const ordered: Resource[] = [];
  while (left.size > 0) {
    const next = [...left.values()].find((resource) => resource.after.every(({ address }) => !left.has(address)));
    if (!next)
      throw new InternalError(`the blueprint waits in a circle: ${[...left.keys()].join(', ')}`, 'Mend blueprint.ts.');
    left.delete(next.address);
    ordered.push(next);
  }
  return ordered;
}

/** Fails when a resource waits for an address that the blueprint does not hold. */
export function assertComplete(resources: readonly Resource[]): void {
  const known = new Set(resources.map(({ address }) => address));
  for (const { address, after } of resources) {
    const missing = after.find((dependency) => !known.has(dependency.address));
    if (missing)
      throw new InternalError(`${address} waits for ${missing.address}, which does not exist`, 'Mend blueprint.ts.');
  }
}

function byAddress(a: { address: Address }, b: { address: Address }): number {
  return a.address < b.address ? -1 : 1;
}
