import * as z from 'zod';
import type { Commit } from '../forge/forge.ts';

/** Who asks for the lease of a repository. */
export interface Claimant {
  /** For people: `workflow apply`, or who sits at which machine. */
  readonly owner: string;
  /** The run of a workflow: GITHUB_RUN_ID and GITHUB_RUN_ATTEMPT. */
  readonly run?: { readonly id: string; readonly attempt: number };
  /** Where the run can be read. */
  readonly url?: string;
}

const claim = z.object({
  /** Tells two claims apart that say the same. */
  token: z.string(),
  owner: z.string(),
  run: z.object({ id: z.string(), attempt: z.number() }).optional(),
  url: z.string().optional(),
  /** How long after the commit it holds, in milliseconds of the platform's time. */
  forMs: z.number(),
  released: z.boolean().optional(),
});

export type Claim = z.output<typeof claim>;

/** A claim as the message of a commit: a line for people, the rest for us. */
export function messageOf(one: Claim): string {
  return `${one.released ? 'Given back by' : 'Held by'} ${one.owner}\n\n${JSON.stringify(one)}\n`;
}

/** The claim of a commit; one that nobody can read holds for `otherwiseMs`, for somebody's it is. */
export function claimOf({ message, sha }: Commit, otherwiseMs: number): Claim {
  const unknown = { token: sha, owner: `commit ${sha}, which says nothing that we know`, forMs: otherwiseMs };
  try {
    return claim.safeParse(JSON.parse(message.slice(message.indexOf('\n\n')))).data ?? unknown;
  } catch {
    return unknown;
  }
}

/** Whether a claim stands in nobody's way: given back, or an earlier attempt's of the same run, which is over by now. */
export function isVacant(held: Claim, { run }: Claimant): boolean {
  if (held.released) return true;
  return run !== undefined && held.run?.id === run.id && held.run.attempt < run.attempt;
}
