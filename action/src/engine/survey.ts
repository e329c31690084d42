import type { Kinds } from './kind.ts';
import type { Address, Recorded } from './resource.ts';

/** One agency as far as list calls can tell: what status recorded, and the names its things should bear. */
export interface Surveyed {
  readonly slug: string;
  readonly recorded: ReadonlyMap<Address, Recorded>;
  readonly names: ReadonlyMap<Address, string>;
}

/** What the vendors' lists say of a whole fleet, in 2·⌈N/100⌉ calls: who lost something, and what it was. */
export async function survey(
  agencies: readonly Surveyed[],
  kinds: Kinds,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const lists = new Map(
    await Promise.all(
      [...kinds.values()].flatMap((kind) =>
        kind.survey ? [kind.survey(signal).then((list) => [kind.name, list] as const)] : [],
      ),
    ),
  );
  const missing = new Map<string, string>();
  for (const { slug, recorded, names } of agencies) {
    for (const [address, name] of names) {
      const id = recorded.get(address)?.id;
      const listed = id === undefined ? undefined : lists.get(address)?.get(id);
      if (id !== undefined && lists.has(address) && listed?.name !== name) {
        missing.set(slug, listed ? `${address} ${id} is now called ${listed.name}` : `${address} ${id} is gone`);
      }
    }
  }
  return missing;
}
