import { listedNames } from './blueprint.ts';
import type { Condition } from './engine/conditions.ts';
import { whyDue } from './engine/due.ts';
import { ManifestError, ProvisionerError } from './engine/errors.ts';
import type { Kinds } from './engine/kind.ts';
import type { Permit } from './engine/policy.ts';
import { survey } from './engine/survey.ts';
import type { Lookups } from './forge/revisions.ts';
import { oneLine } from './lib/one-line.ts';
import type { ControlRoom } from './manifest/load.ts';
import { nearest } from './manifest/nearest.ts';
import type { AgencyManifest, Fleet, Status } from './manifest/schema.ts';
import { resolveTarget, type Target, targetDigest } from './manifest/target.ts';
import type { RunRequest } from './ports.ts';

/** One agency with what is wished of it and what is recorded of it. */
export interface Agency {
  readonly slug: string;
  readonly file: string;
  readonly target: Target;
  readonly digest: string;
  readonly status: Status | undefined;
}

/** An agency to work on, and why, in words for people. */
export interface Chosen {
  readonly agency: Agency;
  readonly why: string;
  /** The dangerous acts that people agreed to; `shown` = all of its plan, by naming it. */
  readonly agreed: 'shown' | ReadonlySet<Permit>;
}

/** An agency that cannot be worked on, and why. */
export interface Unserved {
  readonly slug: string;
  readonly error: ProvisionerError;
}

/** Every agency whose manifest is good, apart from those whose app's commit could not be found. */
export function agenciesOf(
  room: ControlRoom,
  fleet: Fleet,
  lookups: Lookups,
): { agencies: Agency[]; unserved: Unserved[] } {
  const agencies: Agency[] = [];
  const unserved: Unserved[] = [];
  const commits = new Map([...lookups].filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  for (const { slug, file, manifest } of room.agencies) {
    if (!manifest) continue;
    const error = lookups.get(appOf(fleet, manifest));
    // One at rest runs no app, so it does not matter what became of its revision.
    if (error instanceof ProvisionerError && manifest.spec.lifecycle === 'active') {
      unserved.push({ slug, error });
      continue;
    }
    const target = resolveTarget({ fleet, manifest, migrations: room.migrations, revisions: commits });
    agencies.push({ slug, file, target, digest: targetDigest(target), status: manifest.status });
  }
  return { agencies, unserved };
}

/** The app that an agency runs, as `owner/name@ref`. */
export function appOf({ spec }: Fleet, manifest: AgencyManifest | undefined): string {
  return `${spec.app.repository}@${manifest?.spec.app?.ref ?? spec.app.ref}`;
}

/** Fails for a name that no file bears; a misspelt slug must not look like an agency with nothing to do. */
export function assertKnown(requested: readonly string[], room: Pick<ControlRoom, 'agencies'>): void {
  const known = room.agencies.map(({ slug }) => slug);
  const unknown = requested.filter((slug) => !known.includes(slug));
  if (unknown.length > 0) throw noSuchAgency(unknown, known);
}

/** For slugs that no file bears; names those that were probably meant, or else those that exist. */
export function noSuchAgency(unknown: readonly string[], known: readonly string[]): ManifestError {
  const [first = '', ...others] = unknown.map(oneLine);
  const close = new Set(unknown.flatMap((slug) => nearest(slug, known) ?? []));
  return new ManifestError(
    `there is no agencies/${first}.yaml${others.length > 0 ? ` (nor ${others.join(', ')})` : ''}`,
    close.size > 0
      ? `Did you mean ${[...close].join(', ')}?`
      : `Name agencies that exist: ${known.slice(0, 10).join(', ') || 'there are none yet'}.`,
  );
}

/**
 * Those a person named, or all of them; or else those that are due, be it that status says so or that the vendors'
 * lists do. The lists are asked in each case: a wrong token stops the run here, before anything is done for anybody.
 */
export async function choose(
  agencies: readonly Agency[],
  request: Choice,
  kinds: Kinds,
  signal: AbortSignal,
): Promise<Chosen[]> {
  const lost = await survey(agencies.filter(hasInventory).map(surveyed), kinds, signal);
  return agencies.flatMap((agency) => {
    const why = whyChosen(agency, request, lost.get(agency.slug));
    return why === undefined ? [] : [{ agency, why, agreed: agreementFor(agency, request) }];
  });
}

/** What decides which agencies a run works on, and what was agreed to. */
export type Choice = Pick<RunRequest, 'agencies' | 'all' | 'agreed' | 'failed' | 'settled'> & {
  readonly reviewed?: ReadonlyMap<string, ReadonlySet<Permit>>;
};

function whyChosen(agency: Agency, request: Choice, lost?: string): string | undefined {
  const { agencies: requested, all, failed, settled } = request;
  const named = requested.includes(agency.slug);
  if (requested.length > 0 && !named) return undefined;
  if (failed && !wentWrong(agency)) return undefined;
  if (settled) return whyDue(standingOf(agency)) === undefined ? (lost ?? 'it is as its manifest says') : undefined;
  const asked = named ? 'it was named' : all ? 'all were asked for' : undefined;
  return lost ?? whyDue(standingOf(agency)) ?? asked;
}

/** The last run over it did not end well: it waits for somebody, or for another run. */
function wentWrong({ status }: Agency): boolean {
  const conditions = status?.conditions ?? [];
  return conditions.some(({ type, status: is }) => is === 'True' && (type === 'Stalled' || type === 'Reconciling'));
}

function agreementFor({ slug }: Agency, { agencies, agreed = true, reviewed }: Choice): Chosen['agreed'] {
  if (reviewed) return reviewed.get(slug) ?? new Set();
  return agencies.includes(slug) && agreed ? 'shown' : new Set();
}

function hasInventory({ status }: Agency): boolean {
  return Object.keys(status?.resources ?? {}).length > 0;
}

function surveyed({ slug, target, status }: Agency) {
  return { slug, recorded: new Map(Object.entries(status?.resources ?? {})), names: listedNames(target) };
}

/** What decides whether an agency is due. */
export function standingOf({ digest, status }: Agency) {
  return {
    targetDigest: digest,
    observedSpecDigest: status?.observedSpecDigest,
    conditions: (status?.conditions ?? []) as Condition[],
    resources: Object.values(status?.resources ?? {}),
  };
}
