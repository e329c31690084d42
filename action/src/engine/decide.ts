import { type Trouble, troubleOf } from './errors.ts';
import type { Difference, ErasedKind, Found, Scope } from './kind.ts';
import type { Observation } from './observe.ts';
import { preview } from './preview.ts';
import type { Address, Dependency, Ref, Resource } from './resource.ts';

export type Action = 'create' | 'update' | 'replace' | 'delete' | 'recover' | 'adopt' | 'noop' | 'blocked';

/** Why a change needs a person's word; `none` needs no more than the merge. */
export type Danger = 'none' | 'adopt' | 'recreate' | 'replace' | 'delete' | 'lower-protection';

/** What would be done to one resource, as a value that can be shown, compared and stored. */
export interface Change {
  readonly address: Address;
  readonly kind: string;
  readonly action: Action;
  readonly danger: Danger;
  readonly id?: string;
  readonly differences: readonly Difference[];
  /** Outputs of other resources that decide whether this stays as it is, known only after apply. */
  readonly knownAfter: readonly string[];
  /** Why it is blocked, or what a person should know. */
  readonly because?: string;
  /** How to go on when it is blocked. */
  readonly remedy?: string;
  /** What kept it from being looked at; it is not blocked by anybody's decision then. */
  readonly error?: Trouble;
  readonly after: readonly Dependency[];
}

type Verdict = Pick<Change, 'action'> & Partial<Change>;

/**
 * What to do about one resource, given what was seen. The plan calls it for all, and execute calls it again for each
 * just before it acts: one function, so that the two cannot disagree. `scope` is undefined while inputs are unknown.
 */
export function decide(resource: Resource, kind: ErasedKind, scope: Scope | undefined, seen: Observation): Change {
  return {
    address: resource.address,
    kind: resource.kind,
    danger: 'none',
    differences: [],
    knownAfter: [],
    after: resource.after,
    ...verdict(resource, kind, scope, seen),
  };
}

function verdict(resource: Resource, kind: ErasedKind, scope: Scope | undefined, seen: Observation): Verdict {
  if (seen.state !== 'unreadable' && resource.wish === 'absent') return removal(resource, scope, seen);
  if (resource.wish === 'kept' && mayStayAway(kind, seen)) return { action: 'noop' };
  switch (seen.state) {
    case 'pending':
      return pending(resource, kind, seen);
    case 'unreadable':
      return {
        action: 'blocked',
        because: seen.error.message,
        remedy: seen.error.remedy,
        error: troubleOf(seen.error),
      };
    case 'absent':
      return { action: 'create', differences: preview(resource.inputs) };
    case 'vanished':
      return vanished(resource, kind, seen);
    case 'foreign':
      return foreign(resource, kind, scope, seen);
    case 'found':
      return scope ? found(kind, scope, seen) : { action: 'update', id: seen.id };
  }
}

type Looked = Exclude<Observation, { readonly state: 'unreadable' }>;

/** Only what is provably ours is removed; what is gone already is as wished. */
function removal({ address, allow, parts = [] }: Resource, scope: Scope | undefined, seen: Looked): Verdict {
  if (seen.state === 'found' && seen.id !== allow?.destroy) {
    const because = `${seen.id} stands there, and nobody named it to be destroyed`;
    return {
      action: 'blocked',
      id: seen.id,
      because,
      remedy: `If it is meant: spec.destroy: { ${address}: ${seen.id} }.`,
    };
  }
  if (seen.state === 'found') return { action: 'delete', danger: 'delete', id: seen.id, ...goingWith(parts) };
  const isGone = seen.state === 'absent' || (seen.state === 'vanished' && !seen.stands);
  if (isGone || (seen.state === 'foreign' && scope?.recorded?.id === undefined)) return { action: 'noop' };
  return {
    action: 'blocked',
    because: seen.state === 'pending' ? `nobody can tell which ${address} is meant` : seen.because,
    remedy:
      'Nothing is removed that is not provably ours: give it its own name and mark back at the vendor, or remove it there.',
  };
}

function goingWith(parts: readonly Address[]): Pick<Change, 'because'> {
  const along = `with it go ${parts.join(', ')}`;
  return parts.length > 0 ? { because: along } : {};
}

/** What is only tended is not made; but what holds data and vanished is worth a person's look, whoever tends it. */
function mayStayAway(kind: ErasedKind, { state }: Observation): boolean {
  return state === 'absent' || (state === 'vanished' && !kind.holdsData);
}

/** What cannot be looked for yet is shown as the most dangerous thing that it may turn out to be. */
function pending(
  resource: Resource,
  kind: ErasedKind,
  { missing, id }: { missing: readonly Ref[]; id?: string | undefined },
): Verdict {
  const knownAfter = missing.map(({ address, output }) => `${address}.${output}`);
  if (id === undefined) {
    return { action: kind.given ? 'update' : 'create', knownAfter, differences: preview(resource.inputs) };
  }
  const danger = resource.allow?.recreate === id ? 'recreate' : 'none';
  return { action: kind.superseded ? 'create' : 'update', id, knownAfter, danger };
}

function vanished(
  resource: Resource,
  kind: ErasedKind,
  seen: { id: string; because: string; remedy?: string },
): Verdict {
  const anew = { action: 'create', because: seen.because, differences: preview(resource.inputs) } as const;
  if (!kind.holdsData) return anew;
  if (resource.allow?.recreate === seen.id) return { ...anew, id: seen.id, danger: 'recreate' };
  return {
    action: 'blocked',
    id: seen.id,
    because: seen.because,
    remedy:
      seen.remedy ??
      `Bring ${seen.id} back at the vendor under its own name, and run again. ` +
        `If its data is lost for good, allow an empty one with spec.recreate: { ${resource.address}: ${seen.id} } in the manifest.`,
  };
}

function foreign(
  resource: Resource,
  kind: ErasedKind,
  scope: Scope | undefined,
  seen: { found: readonly Found<unknown>[]; because: string },
): Verdict {
  const allowed = seen.found.find(({ id }) => id === resource.allow?.adopt);
  if (allowed && scope) {
    return { ...found(kind, scope, allowed), action: 'adopt', danger: 'adopt', because: seen.because };
  }
  const ids = seen.found.map(({ id }) => id);
  const choice = ids.map((id) => `spec.adopt: { ${resource.address}: ${id} }`).join(' or ');
  return {
    action: 'blocked',
    because: seen.because,
    remedy:
      ids.length > 0
        ? `Rename or remove it at the vendor, or allow taking it over with ${choice} in the manifest.`
        : 'Rename or remove it at the vendor, and run again.',
  };
}

const PUT_BACK = 'Put the value back in the manifest; to move an agency, create a new one beside it.';

function found(kind: ErasedKind, scope: Scope, seen: Found<unknown>): Verdict {
  const all = kind.diff(scope, seen.actual);
  const differences = all.filter(({ reportOnly }) => !reportOnly);
  const immutable = differences.filter((difference) => difference.immutable);
  const reported = all.filter(({ reportOnly }) => reportOnly).map(({ path, after }) => after ?? path);
  const base = { id: seen.id, differences, ...(reported.length > 0 ? { because: reported.join('; ') } : {}) };
  if (immutable.length > 0) {
    const names = immutable.map(({ path, before = '', after = '' }) => `${path} (${before} -> ${after})`).join(', ');
    return {
      ...base,
      action: 'blocked',
      because: `${names} cannot change once it exists`,
      remedy: [...new Set(immutable.map(({ remedy = PUT_BACK }) => remedy))].join(' '),
    };
  }
  if (differences.length > 0) {
    const lowers = differences.some(({ lowersProtection }) => lowersProtection);
    return { ...base, action: 'update', danger: lowers ? 'lower-protection' : 'none' };
  }
  return { ...base, action: scope.recorded?.id === seen.id ? 'noop' : 'recover' };
}
