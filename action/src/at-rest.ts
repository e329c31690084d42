import type { Rest } from './engine/conditions.ts';
import { BlockedError } from './engine/errors.ts';
import { applyByName } from './engine/policy.ts';
import { type Address, type Outputs, type Recorded, Ref, type Resource } from './engine/resource.ts';
import { timestamp } from './lib/clock.ts';
import type { Target } from './manifest/target.ts';
import { CLOSED_AUTH, ready, resource } from './parts.ts';

type Inventory = ReadonlyMap<Address, Recorded>;

/** What exists by itself at the vendors; everything else that is recorded goes with one of the two. */
const [DATABASE, APP] = ['supabase.project', 'vercel.project'] as const;

export interface AtRest {
  readonly target: Target;
  readonly recorded: Inventory;
  /** Milliseconds since 1970. */
  readonly now?: number;
}

/**
 * What an agency that is not meant to run consists of: what stands is closed, or goes where its destruction is due.
 * Nothing is made. Throws a BlockedError while it is too early.
 */
export function atRest(about: AtRest): Resource[] {
  const { target, recorded, now } = about;
  if (now === undefined || !destroys(target, recorded)) return closed(about);
  assertDue(target, now);
  return removals(about);
}

/** Whether applying it is to destroy something, now or once it is due. */
export function destroys(target: Target, recorded: Inventory): boolean {
  return target.lifecycle === 'retired' && Object.keys(target.destroy).length > 0 && stands(recorded);
}

function stands(recorded: Inventory): boolean {
  return recorded.size > 0;
}

function assertDue({ slug, known: { retainUntil } }: Target, now: number): void {
  if (retainUntil !== undefined && now >= Date.parse(retainUntil)) return;
  throw new BlockedError(
    `${slug} may not be destroyed ${retainUntil === undefined ? 'before it was retired' : `before ${retainUntil}`}`,
    retainUntil === undefined
      ? 'Merge lifecycle: retired without spec.destroy first.'
      : `Nothing was done. Take spec.destroy out again; or after that time, ${applyByName(slug)}.`,
  );
}

/** The app first, the database last: as long as anything is left, all of the data is. */
function removals({ target, recorded }: AtRest): Resource[] {
  const { supabaseName, vercelName, uid, region, size } = target;
  const parts = [...recorded.keys()].filter((address) => address !== DATABASE && address !== APP);
  const ofApp = parts.filter((address) => address.startsWith('vercel.'));
  const ofDatabase = parts.filter((address) => !ofApp.includes(address));
  return [
    { ...resource(DATABASE, { name: supabaseName, region, size }, []), wish: 'absent', parts: ofDatabase },
    { ...resource(APP, { name: vercelName, uid }, [ready(DATABASE)]), wish: 'absent', parts: ofApp },
  ];
}

/** Strangers, visitors and owners are turned away. Everything else stays as it is, whatever is released meanwhile. */
function closed({ target, recorded }: AtRest): Resource[] {
  const { supabaseName, vercelName, uid, region, size, known } = target;
  const settings = { ...CLOSED_AUTH, external_email_enabled: false };
  const database: Resource[] = [
    { ...resource(DATABASE, { name: supabaseName, region, size, suspended: true }, []), wish: 'kept' },
  ];
  const auth = resource('supabase.auth', { ref: new Ref(DATABASE, 'ref'), settings }, [ready(DATABASE)]);
  const app: Resource[] = [{ ...resource(APP, { name: vercelName, uid, paused: true }, []), wish: 'kept' }];
  const seen = resource('acceptance', { url: known.instanceUrl ?? '' }, [ready(APP)]);
  return [
    ...(recorded.has(DATABASE) ? database : []),
    ...(recorded.get(DATABASE)?.id === undefined ? [] : [auth]),
    ...(recorded.has(APP) ? app : []),
    ...(recorded.has(APP) && known.instanceUrl !== undefined ? [{ ...seen, kind: 'closure' }] : []),
  ];
}

const DAY_MS = 24 * 60 * 60_000;

/** How an agency was put to rest, and until when it is kept; `undefined` for one that is meant to run. */
export type Resting = Rest & { readonly retainUntil?: string };

/** What to say of an agency once all went well. `recorded` and `outputs` are what the run left. */
export function restOf(
  target: Target,
  recorded: Inventory,
  outputs: ReadonlyMap<Address, Outputs>,
  now: number,
): Resting | undefined {
  if (target.lifecycle === 'active') return undefined;
  const how = closure(recorded, outputs.get(DATABASE)?.database === 'paused');
  if (target.lifecycle === 'suspended') return { reason: 'Suspended', message: how };
  const retainUntil = target.known.retainUntil ?? timestamp(now + target.retentionDays * DAY_MS);
  if (Object.keys(target.destroy).length > 0 && !stands(recorded)) {
    const message = 'it was destroyed; nothing of it is left, and this file may be deleted';
    return { reason: 'Destroyed', message, retainUntil };
  }
  return { reason: 'Retired', message: `${how}; ${way(recorded, retainUntil)}`, retainUntil };
}

function closure(recorded: Inventory, isPaused: boolean): string {
  if (!recorded.has(DATABASE) && !recorded.has(APP)) return 'nothing of it was made';
  const database = isPaused ? 'its database is paused' : 'its database is kept running, as its plan cannot pause one';
  return [
    ...(recorded.has(APP) ? ['its app is paused'] : []),
    ...(recorded.has(DATABASE) ? ['sign-in is refused', database] : []),
  ].join(', ');
}

function way(recorded: Inventory, retainUntil: string): string {
  const ids = [DATABASE, APP].flatMap((address) => {
    const id = recorded.get(address)?.id;
    return id === undefined ? [] : [`${address}: ${id}`];
  });
  const kept = `it is kept until ${retainUntil} at least`;
  return ids.length === 0 ? kept : `${kept}, and can then be destroyed with spec.destroy: { ${ids.join(', ')} }`;
}
