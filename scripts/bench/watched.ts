import type { Event } from '../../action/src/engine/events.ts';
import type { ErasedKind, Kinds, Scope } from '../../action/src/engine/kind.ts';
import type { Address, Dependency } from '../../action/src/engine/resource.ts';
import type { Link } from './chain.ts';

/** One agency's run as it went; times are milliseconds of `now`. */
export interface Watch {
  /** The kinds to run with. */
  wrap(kinds: Kinds): Kinds;
  /** Every event of the run goes through here. */
  see(event: Event): void;
  /** What each resource took from its first look to its end, with what it waited for. */
  links(): Link[];
  /** When a resource ended. Throws when it did not, or not well. */
  endOf(address: Address): number;
}

interface Seen {
  readonly after: readonly Dependency[];
  began?: number;
  created?: number;
  ended?: number;
}

/**
 * Watches a run over one agency through its kinds and events. With `oneByOne` a resource waits until the one before it
 * in the plan has ended, so that the same engine makes the same calls one after another.
 */
export function watch(now: () => number, { oneByOne = false } = {}): Watch {
  const seen = new Map<Address, Seen>();
  const turns = new Map<Address, Turn>();
  const plan = (changes: readonly { address: Address; after: readonly Dependency[] }[]) => {
    for (const { address, after } of changes) {
      seen.set(address, { after });
      turns.set(address, turn());
    }
    nextTurn();
  };
  const nextTurn = () => [...turns].find(([address]) => seen.get(address)?.ended === undefined)?.[1].open();
  const begin = async ({ address }: Scope) => {
    if (oneByOne) await turns.get(address)?.opened;
    const one = seen.get(address);
    if (one) one.began ??= now();
  };
  const wrapOne = (kind: ErasedKind): ErasedKind => ({
    ...kind,
    identify: async (scope) => {
      await begin(scope);
      return kind.identify(scope);
    },
    create: async (scope) => {
      const made = await kind.create(scope);
      const one = seen.get(scope.address);
      if (one) one.created = now();
      return made;
    },
  });
  return {
    wrap: (kinds) => new Map([...kinds].map(([name, kind]) => [name, wrapOne(kind)])),
    see: (event) => {
      if (event.type === 'plan') plan(event.changes);
      if (event.type !== 'outcome') return;
      if (event.error) throw new Error(`${event.address}: ${event.error.message}`);
      const one = seen.get(event.address);
      if (one) one.ended = now();
      nextTurn();
    },
    links: () => [...seen].map(([address, one]) => linkOf(address, one)),
    endOf: (address) => {
      const ended = seen.get(address)?.ended;
      if (ended === undefined) throw new Error(`${address} has not ended`);
      return ended;
    },
  };
}

function linkOf(address: Address, { after, began, created, ended }: Seen): Link {
  if (began === undefined || ended === undefined) throw new Error(`${address} was not run`);
  return { address, after, createdMs: (created ?? ended) - began, readyMs: ended - began };
}

interface Turn {
  readonly opened: Promise<void>;
  open(): void;
}

function turn(): Turn {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
