import type { Address, Dependency } from '../../action/src/engine/resource.ts';

/** One resource with the time it takes once it may begin, in milliseconds. */
export interface Link {
  readonly address: Address;
  readonly after: readonly Dependency[];
  /** From its beginning until it exists. */
  readonly createdMs: number;
  /** From its beginning until it works. */
  readonly readyMs: number;
}

export interface Chain {
  readonly ms: number;
  /** First to last. */
  readonly path: readonly Address[];
}

/**
 * The longest chain that ends with `last` being ready, when each resource begins as soon as the stages it waits for are
 * reached: no schedule of the same work can be shorter. Throws for a dependency that is not among `links`.
 */
export function longestChain(links: readonly Link[], last: Address): Chain {
  const byAddress = new Map(links.map((link) => [link.address, link]));
  const begins = new Map<Address, Chain>();
  const find = (address: Address): Link => {
    const link = byAddress.get(address);
    if (!link) throw new Error(`nothing is known of ${address}`);
    return link;
  };
  const reached = (address: Address, stage: Dependency['stage']): Chain => {
    const { createdMs, readyMs } = find(address);
    const begin = beginOf(address);
    return { ms: begin.ms + (stage === 'created' ? createdMs : readyMs), path: [...begin.path, address] };
  };
  const beginOf = (address: Address): Chain => {
    const known = begins.get(address);
    if (known) return known;
    const befores = find(address).after.map((before) => reached(before.address, before.stage));
    const begin = befores.reduce((a, b) => (b.ms > a.ms ? b : a), { ms: 0, path: [] });
    begins.set(address, begin);
    return begin;
  };
  return reached(last, 'ready');
}
