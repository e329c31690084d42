import { randomBytes } from 'node:crypto';
import { blueprint } from './blueprint.ts';
import { classify, InternalError, type ProvisionerError } from './engine/errors.ts';
import type { Kinds } from './engine/kind.ts';
import { type Eyes, observe } from './engine/observe.ts';
import { type Plan, plan } from './engine/plan.ts';
import { type Permit, permitsOf } from './engine/policy.ts';
import { recordedKinds } from './engine/recorded.ts';
import type { Lookups } from './forge/revisions.ts';
import type { Clock } from './lib/clock.ts';
import { canonicalJson } from './lib/digest.ts';
import type { Keyring } from './lib/keyring.ts';
import { Secret } from './lib/secret.ts';
import { type ControlRoom, loadControlRoom, type RoomInput } from './manifest/load.ts';
import { type Agency, agenciesOf, appOf } from './selection.ts';

/** A change of the control room: how it is without it, and with it. */
export interface RoomChange {
  /** Judged against; nothing when there was no control room before. */
  readonly before: RoomInput | undefined;
  readonly after: RoomInput;
}

export interface ReviewPorts {
  /** Commits of `owner/name@ref`, or why there is none. */
  revisions(refs: ReadonlySet<string>): Promise<Lookups>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What a change would do to one agency, as far as the record knows. */
export interface ReviewedAgency {
  readonly slug: string;
  readonly file: string;
  readonly agency: Agency;
  readonly isNew: boolean;
  readonly plan?: Plan;
  /** Why it could not be planned. */
  readonly error?: ProvisionerError;
  /** The commit of its app is not known; the ref itself stands in the plan. */
  readonly unresolved?: ProvisionerError;
}

/** What a change would do, as far as the record knows. */
export interface Review {
  /** The room with the change, judged against the one without it. */
  readonly room: ControlRoom;
  /** Those that the change is about, by slug. */
  readonly agencies: readonly ReviewedAgency[];
  /** Slugs whose manifests the change removes. */
  readonly removed: readonly string[];
}

/**
 * Plans a change from the record alone: no vendor is asked and no secret is needed, so it can be shown to anybody and
 * is the same whoever computes it. By the same blueprint and the same decisions as every other plan.
 */
export async function review(change: RoomChange, ports: ReviewPorts): Promise<Review> {
  return reviewOf(change, judged(change), ports);
}

/** Slugs of the agencies that the rules about changes refuse. */
export function refusedIn(change: RoomChange): string[] {
  return judged(change)
    .agencies.filter(({ problems }) => problems.length > 0)
    .map(({ slug }) => slug);
}

function judged({ before, after }: RoomChange): ControlRoom {
  const { agencies = [], migrations = [] } = before ?? {};
  return loadControlRoom({ ...after, base: { agencies, migrations } });
}

async function reviewOf({ before }: RoomChange, room: ControlRoom, ports: ReviewPorts): Promise<Review> {
  const former = before && loadControlRoom(before);
  const removed = goneFrom(former, room);
  if (!room.fleet) return { room, agencies: [], removed };
  const { fleet } = room;
  const lookups = await ports.revisions(refsOf(former, room));
  const kinds = await tiedKinds();
  const known = new Map(former ? targetsOf(former, lookups).map((agency) => [agency.slug, agency]) : []);
  const touched = targetsOf(room, lookups).filter((agency) => {
    const was = known.get(agency.slug);
    return !was || wishOf(was) !== wishOf(agency);
  });
  const agencies = await Promise.all(
    touched.map(async (agency): Promise<ReviewedAgency> => {
      const manifest = room.agencies.find(({ file }) => file === agency.file)?.manifest;
      const unresolved = lookups.get(appOf(fleet, manifest));
      const was = known.get(agency.slug);
      return {
        slug: agency.slug,
        file: agency.file,
        agency,
        isNew: !was,
        ...(unresolved instanceof Error && { unresolved }),
        ...(await planned(agency, was, kinds, ports)),
      };
    }),
  );
  return { room, agencies: agencies.toSorted((a, b) => (a.slug < b.slug ? -1 : 1)), removed };
}

/**
 * The dangerous acts that whoever approved a change agreed to: those that its plan shows, computed anew from the
 * commits. What a comment says of it counts for nothing.
 */
export async function reviewedPermits(
  change: RoomChange,
  ports: ReviewPorts,
): Promise<ReadonlyMap<string, ReadonlySet<Permit>>> {
  // Not judged again: what was recorded since the merge stands in it by right.
  const { agencies } = await reviewOf(change, loadControlRoom(change.after), ports);
  return new Map(agencies.flatMap(({ slug, plan: shown }) => (shown ? [[slug, permitsOf(shown)] as const] : [])));
}

async function planned(agency: Agency, was: Agency | undefined, kinds: Kinds, { clock, signal }: ReviewPorts) {
  const { slug, target, digest, status } = agency;
  const recorded = new Map(Object.entries(status?.resources ?? {}));
  const { keyring, secret } = standIns();
  const wished = (of: Agency) => blueprint({ target: of.target, recorded, keyring, secret, now: clock.now() });
  try {
    const resources = wished(agency);
    const hearsay = recordedKinds(kinds, { resources, former: was ? wished(was) : [] });
    const eyes: Eyes = { agency: { slug, uid: target.uid }, kinds: hearsay, recorded, keyring, clock, signal };
    return { plan: plan(digest, resources, await observe(resources, eyes), eyes) };
  } catch (thrown) {
    return { error: classify(thrown) };
  }
}

/** What status tells of a target is no wish: a record between the two must not look like a change by people. */
function wishOf({ target: { known: _, ...wish } }: Agency): string {
  return canonicalJson(wish);
}

/** Every agency with a target: where nobody found its app's commit, the ref stands for it. */
function targetsOf(room: ControlRoom, lookups: Lookups): Agency[] {
  const { fleet } = room;
  if (!fleet) return [];
  const found = new Map([...lookups].filter(([, commit]) => typeof commit === 'string'));
  return agenciesOf(room, fleet, found).agencies;
}

/** Those of the first room come first. */
function refsOf(...rooms: readonly (ControlRoom | undefined)[]): ReadonlySet<string> {
  return new Set(
    rooms.flatMap((room) => {
      const fleet = room?.fleet;
      return fleet ? room.agencies.map(({ manifest }) => appOf(fleet, manifest)) : [];
    }),
  );
}

function goneFrom(former: ControlRoom | undefined, { agencies }: ControlRoom): string[] {
  const there = new Set(agencies.map(({ slug }) => slug));
  return (former?.agencies ?? []).map(({ slug }) => slug).filter((slug) => !there.has(slug));
}

/** The same for the same name, so that the two wishes differ only where they name different secrets. */
function standIns(): { keyring: Keyring; secret: (name: string) => Secret } {
  const made = new Map<string, Secret>();
  const secret = (name: string): Secret => {
    const known = made.get(name) ?? new Secret(`stand-in-${randomBytes(12).toString('hex')}`);
    made.set(name, known);
    return known;
  };
  const keyring = {
    keyId: 'stand-in',
    password: (label: string) => secret(`password:${label}`),
    fingerprint: (text: string) => `stand-in:${text.length}`,
    matches: () => true,
    isCurrent: () => true,
  };
  return { keyring, secret };
}

/** What the kinds are, from the kinds themselves; nothing can be reached through these. */
async function tiedKinds(): Promise<Kinds> {
  const [{ connect }, { createKinds }] = await Promise.all([
    import('./providers/connect.ts'),
    import('./providers/index.ts'),
  ]);
  const unreachable = 'https://unreachable.invalid';
  const nothing = new Secret(`stand-in-${randomBytes(12).toString('hex')}`);
  const refuse = async (): Promise<never> => {
    throw new InternalError('a plan from the record reaches for a vendor', 'Mend review.ts.');
  };
  return createKinds(
    connect({
      supabase: { token: nothing, organization: '', apiUrl: unreachable, projectUrl: `${unreachable}/{ref}` },
      vercel: { token: nothing, apiUrl: unreachable },
      resend: { apiKey: nothing, baseUrl: unreachable },
      instanceUrl: `${unreachable}/{host}`,
      clock: { now: () => 0, elapsed: () => 0, sleep: refuse },
      fetch: refuse,
    }),
  );
}
