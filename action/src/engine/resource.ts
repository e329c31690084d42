import { Secret } from '../lib/secret.ts';

/** Where a resource stands within its agency, e.g. `vercel.project`. */
export type Address = string;

/** The stage of a resource that a dependency waits for: it exists, or it works. */
export type Stage = 'created' | 'ready';

export interface Dependency {
  readonly address: Address;
  readonly stage: Stage;
}

export type Literal = string | number | boolean | null;

/** What a resource is told: literals, secrets, and references to what other resources put out. */
export type Input = Literal | Secret | Ref | readonly Input[] | { readonly [key: string]: Input };
export type Inputs = { readonly [key: string]: Input };

/** The same with every reference resolved. */
export type Value = Literal | Secret | readonly Value[] | { readonly [key: string]: Value };
export type Values = { readonly [key: string]: Value };

/** An output of another resource, known once that resource was observed or applied. */
export class Ref {
  readonly address: Address;
  readonly output: string;

  constructor(address: Address, output: string) {
    this.address = address;
    this.output = output;
  }

  toJSON(): string {
    return `(${this.address}.${this.output})`;
  }
}

/** What a person allowed by name in the manifest; each is a dangerous act and shows as one in the plan. */
export interface Allowance {
  /** Take over the foreign thing with exactly this id. */
  readonly adopt?: string;
  /** Remove the thing with exactly this id for good. */
  readonly destroy?: string;
  /** Create anew what was recorded under exactly this id and is gone; it dies with use, because another id follows. */
  readonly recreate?: string;
}

/**
 * Whether a thing is wished: `present`, as nearly everything is; `kept` = tended where it stands and never made, which
 * is how an agency at rest has it; `absent` = removed for good, a dangerous act.
 */
export type Wish = 'present' | 'kept' | 'absent';

/** One thing an agency consists of, as the blueprint wishes it. */
export interface Resource {
  readonly address: Address;
  /** The name of the kind that looks after it. */
  readonly kind: string;
  readonly inputs: Inputs;
  readonly after: readonly Dependency[];
  /** The condition of the agency that it carries; several may carry `Ready`. */
  readonly condition: 'Ready' | 'Notified';
  readonly allow?: Allowance;
  /** `present` unless told. What is wished absent takes literals alone: nothing is put out for it any more. */
  readonly wish?: Wish;
  /** For what is wished absent: the addresses recorded beside it that are gone with it. */
  readonly parts?: readonly Address[];
}

/** What one resource hands to others: plain text, or a secret that is never recorded. */
export type Output = string | Secret;
export type Outputs = { readonly [name: string]: Output };

/** What status remembers of a resource: its `id`, an open `intent` (when a create began), and facts of its kind. */
export type Recorded = { readonly [key: string]: string };

/** Inputs with every reference replaced, or the references that are not known yet. */
export type Resolution =
  | { readonly known: true; readonly values: Values }
  | { readonly known: false; readonly missing: readonly Ref[] };

/** Replaces references by what is known; `outputs` holds the outputs of every resource observed or applied so far. */
export function resolve(inputs: Inputs, outputs: ReadonlyMap<Address, Outputs>): Resolution {
  const missing: Ref[] = [];
  const replace = (input: Input): Value => {
    if (input instanceof Ref) {
      const value = outputs.get(input.address)?.[input.output];
      if (value === undefined) missing.push(input);
      return value ?? null;
    }
    if (input instanceof Secret || input === null || typeof input !== 'object') return input;
    if (isList(input)) return input.map(replace);
    return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, replace(value)]));
  };
  const values = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, replace(value)]));
  return missing.length === 0 ? { known: true, values } : { known: false, missing };
}

/** `Array.isArray` that knows of read-only lists. */
export function isList(input: Input): input is readonly Input[] {
  return Array.isArray(input);
}
