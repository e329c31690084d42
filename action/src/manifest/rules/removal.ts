import type { Finding } from '../problem.ts';
import type { AgencyManifest } from '../schema.ts';
import { quote } from '../text.ts';
import { about, eachAgency, type Rule } from './rule.ts';

/** What stands by itself at a vendor. All else is part of one of the two, and goes with it. */
const THINGS = ['supabase.project', 'vercel.project'];

const DESTROY = ['spec', 'destroy'];

/** Destroying is the last of three steps, each merged by itself: retired, kept for its time, named to be destroyed. */
export const destroyedAfterRetired: Rule = eachAgency(({ manifest: { spec, status } }) => {
  if (!isMarked(spec)) return [];
  if (spec.lifecycle !== 'retired') {
    const remedy = 'write lifecycle: retired and leave destroy out until status shows retainUntil';
    return [about(DESTROY, `only a retired agency is destroyed, and this one is ${spec.lifecycle}`, remedy, 'key')];
  }
  if (status?.retainUntil !== undefined) return [];
  const remedy = 'leave destroy out for now; once this is merged and applied, status shows how long it is kept';
  return [about(DESTROY, 'it is not recorded as retired yet', remedy, 'key')];
});

/** Exactly what is recorded, and all of it: half an agency is nobody's. What is gone already may still be named. */
export const destroyedByName: Rule = eachAgency(({ manifest: { spec, status } }) => {
  if (!isMarked(spec)) return [];
  const wrong = Object.entries(spec.destroy).flatMap(([address, id]) => wrongName(address, id, idOf(status, address)));
  const left = THINGS.flatMap((address) => {
    const id = idOf(status, address);
    return id === undefined || spec.destroy[address] !== undefined ? [] : [`${address}: ${id}`];
  });
  if (left.length === 0) return wrong;
  const remedy = `add ${left.join(' and ')}, or take destroy out`;
  return [...wrong, about(DESTROY, 'it would leave a part of the agency behind', remedy, 'key')];
});

function wrongName(address: string, id: string, recorded: string | undefined): Finding[] {
  const path = [...DESTROY, address];
  if (!THINGS.includes(address)) {
    const remedy = `name ${THINGS.join(' and ')}; everything else is part of them`;
    return [about(path, 'this does not stand by itself', remedy, 'key')];
  }
  if (recorded === undefined || recorded === id) return [];
  const remedy = `write ${recorded} if that is meant to be destroyed`;
  return [about(path, `${quote(id)} is not what is recorded, which is ${quote(recorded)}`, remedy)];
}

/** An empty database under the old name would look as if nothing had happened. */
export const destroyedForGood: Rule = eachAgency(({ manifest: { spec, status } }) => {
  const wasDestroyed = status?.conditions.some(({ type, reason }) => type === 'Ready' && reason === 'Destroyed');
  if (!wasDestroyed || spec.lifecycle === 'retired') return [];
  const remedy = 'delete this file, and make the agency anew: npm run provision -- new <slug> --name … --owner …';
  return [about(['spec', 'lifecycle'], 'this agency was destroyed, and its uid is never used again', remedy)];
});

type Marked = AgencyManifest['spec'] & { readonly destroy: Readonly<Record<string, string>> };

function isMarked(spec: AgencyManifest['spec']): spec is Marked {
  return Object.keys(spec.destroy ?? {}).length > 0;
}

function idOf(status: AgencyManifest['status'], address: string): string | undefined {
  return status?.resources[address]?.id;
}
