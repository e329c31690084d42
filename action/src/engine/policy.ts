import type { Change } from './decide.ts';
import type { Plan } from './plan.ts';

/** A dangerous act that a reviewed plan showed, e.g. `vercel.project:adopt:prj_1`. */
export type Permit = string;

/** The permit that a change needs; `undefined` when it is not dangerous. */
export function permitFor({ address, danger, id }: Change): Permit | undefined {
  if (danger === 'none') return undefined;
  return `${address}:${danger}:${id ?? ''}`;
}

/** Whether anything may be deleted with these. */
export function permitsDelete(permits: ReadonlySet<Permit>): boolean {
  return [...permits].some((permit) => permit.split(':')[1] === ('delete' satisfies Change['danger']));
}

/** Every dangerous act that a plan shows: what its reviewers permit by approving it. */
export function permitsOf(plan: Plan): ReadonlySet<Permit> {
  return new Set(plan.changes.flatMap((change) => permitFor(change) ?? []));
}

export type Gate =
  | { readonly open: true; readonly permits: ReadonlySet<Permit> }
  | { readonly open: false; readonly because: string; readonly remedy: string };

/**
 * Whether a plan may be executed: everything dangerous in it must be among `reviewed`. Blocked changes do not close
 * the gate, because what does not depend on them can still be done; execute stops at each of them. Only what deletes
 * is done as a whole or not at all.
 */
export function gate(plan: Plan, reviewed: ReadonlySet<Permit>): Gate {
  const blocked = plan.changes.find(({ action }) => action === 'blocked');
  if (blocked && plan.changes.some(({ danger }) => danger === 'delete')) {
    const { address, because, remedy = 'Decide, and run again.' } = blocked;
    return { open: false, because: `nothing is deleted, because ${address} is blocked: ${because}`, remedy };
  }
  const surprising = plan.changes.filter((change) => {
    const permit = permitFor(change);
    return permit !== undefined && !reviewed.has(permit);
  });
  if (surprising.length === 0) return { open: true, permits: reviewed };
  const acts = surprising.map(({ danger, address }) => `${danger} ${address}`).join(', ');
  return {
    open: false,
    because: `nobody agreed to this dangerous change: ${acts}`,
    remedy: `If it is meant, merge a pull request whose plan shows it, or ${applyByName(plan.agency)}.`,
  };
}

/** The way of whoever may decide alone. At GitHub it takes the lease of the workflows only when it records there. */
export function applyByName(slug: string): string {
  return `apply this agency by its name: npm run provision -- apply ${slug} (add --record commit where workflows apply it)`;
}
