import { z } from 'zod';

const pattern = z.string().refine(isPattern, { error: 'is not a regular expression' });

/** The body of `POST /_cloud/faults`. */
export const faultSchema = z
  .strictObject({
    service: z.string().min(1).optional(),
    method: z
      .string()
      .transform((method) => method.toUpperCase())
      .optional(),
    /** Searched in the path without the service's prefix, and in the full path, each with and without the query. */
    path: pattern.optional(),
    /** The first match that is hit, counted from 1 since the fault was registered. */
    nth: z.int().min(1).default(1),
    /** How many matches in a row are hit; 0 and "always" mean all of them. */
    count: z.union([z.int().min(0), z.literal('always')]).default(1),
    effect: z.enum(['status', 'hold', 'drop-before', 'drop-after-commit', 'delay', 'stale', 'garbage']),
    status: z.int().min(200).max(599).optional(),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.unknown().optional(),
    /** Vendor milliseconds, for delay and stale. */
    ms: z.number().min(0).optional(),
    /** Whether the vendor has done its work by then. Unless said: after for garbage, before for everything else. */
    when: z.enum(['before', 'after']).optional(),
  })
  .refine((fault) => fault.effect !== 'status' || fault.status !== undefined, {
    path: ['status'],
    error: 'is required for the effect "status"',
  })
  .refine((fault) => !['delay', 'stale'].includes(fault.effect) || fault.ms !== undefined, {
    path: ['ms'],
    error: 'is required for the effects "delay" and "stale"',
  });

export type Fault = z.infer<typeof faultSchema>;

/** What a fault is compared with. */
export interface FaultTarget {
  readonly service: string;
  readonly method: string;
  /** Every spelling of the path that a pattern may name. */
  readonly paths: readonly string[];
}

export interface RegisteredFault {
  readonly id: number;
  readonly fault: Fault;
  matched: number;
  fired: number;
}

/** The faults on demand. Each counts its own matches, from the moment it was registered. */
export class Faults {
  #registered: RegisteredFault[] = [];
  #lastId = 0;

  add(fault: Fault): RegisteredFault {
    const registered = { id: ++this.#lastId, fault, matched: 0, fired: 0 };
    this.#registered.push(registered);
    return registered;
  }

  clear(): void {
    this.#registered = [];
  }

  list(): readonly RegisteredFault[] {
    return this.#registered;
  }

  /** Counts the request for every fault that it matches; the one registered first of those that are due hits it. */
  take(target: FaultTarget): Fault | undefined {
    const matching = this.#registered.filter((registered) => matches(registered.fault, target));
    for (const registered of matching) registered.matched += 1;
    const due = matching.find(isDue);
    if (due === undefined) return undefined;
    due.fired += 1;
    return due.fault;
  }
}

function isDue({ fault, matched }: RegisteredFault): boolean {
  const { nth, count } = fault;
  const last = count === 0 || count === 'always' ? Number.POSITIVE_INFINITY : nth + count - 1;
  return matched >= nth && matched <= last;
}

function matches(fault: Fault, target: FaultTarget): boolean {
  if (fault.service !== undefined && fault.service !== target.service) return false;
  if (fault.method !== undefined && fault.method !== target.method) return false;
  if (fault.path === undefined) return true;
  const path = new RegExp(fault.path);
  return target.paths.some((spelling) => path.test(spelling));
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
