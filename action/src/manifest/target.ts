import { canonicalJson, sha256 } from '../lib/digest.ts';
import type { Migration } from './migrations.ts';
import type { AgencyManifest, EnvValue, Fleet } from './schema.ts';

/** What is wished of one agency, with the fleet's values merged in: everything that the blueprint needs to know. */
export interface Target {
  readonly slug: string;
  readonly uid: string;
  readonly displayName: string;
  readonly owner: { readonly email: string; readonly name: string };
  readonly requestId?: string;
  /** `<prefix>-<slug>-<uid>`: a Supabase project of exactly this name is ours. */
  readonly supabaseName: string;
  /** `<prefix>-<slug>`, at most 52 characters. */
  readonly vercelName: string;
  readonly organization: string;
  readonly team: string;
  readonly region: string;
  readonly size: string;
  readonly app: TargetApp;
  /** Fleet, then agency; values that are secrets are still names. */
  readonly env: Readonly<Record<string, EnvValue>>;
  /** The names under which the app gets what belongs to its instance. */
  readonly instanceEnv: Fleet['spec']['instanceEnv'];
  readonly healthPath: string;
  readonly mail: { readonly from: string; readonly support: string };
  readonly lifecycle: AgencyManifest['spec']['lifecycle'];
  readonly schema: TargetSchema;
  /** Foreign things that a person allowed to take over: address to id. */
  readonly adopt: Readonly<Record<string, string>>;
  /** Vanished things that a person allowed to be created anew: address to the id that is gone. */
  readonly recreate: Readonly<Record<string, string>>;
  /** What is to be destroyed for good: address to id. */
  readonly destroy: Readonly<Record<string, string>>;
  /** For how long an agency that is retired now is kept. */
  readonly retentionDays: number;
  /** What status recorded that decides how an agency is put to rest; no wish. */
  readonly known: {
    /** Until when it is kept at least since it was retired; ISO 8601. */
    readonly retainUntil: string | undefined;
    readonly instanceUrl: string | undefined;
  };
}

export interface TargetApp {
  readonly repository: string;
  readonly ref: string;
  /** The commit that `ref` stands for; `ref` itself when nobody has resolved it. */
  readonly revision: string;
  readonly framework?: string;
  readonly rootDirectory?: string;
}

export interface TargetSchema {
  /** Version of the last file; empty when there are no migrations. */
  readonly version: string;
  readonly files: readonly Migration[];
}

/** Commits by `owner/name@ref`. */
export type Revisions = ReadonlyMap<string, string>;

export interface TargetInput {
  readonly fleet: Fleet;
  readonly manifest: AgencyManifest;
  readonly migrations: readonly Migration[];
  readonly revisions: Revisions;
}

/** Merges fleet and manifest into the wish for one agency. Pure. */
export function resolveTarget({ fleet, manifest, migrations, revisions }: TargetInput): Target {
  const shared = fleet.spec;
  const { spec } = manifest;
  const { name: slug, uid } = manifest.metadata;
  return {
    slug,
    uid,
    displayName: spec.displayName,
    owner: spec.owner,
    ...(spec.requestId === undefined ? {} : { requestId: spec.requestId }),
    ...namesOf(fleet, manifest),
    organization: shared.supabase.organization,
    team: shared.vercel.team,
    region: regionOf(fleet, manifest),
    size: spec.size ?? shared.defaults.size,
    app: appOf(fleet, manifest, revisions),
    env: { ...shared.env, ...spec.env },
    instanceEnv: shared.instanceEnv,
    healthPath: shared.healthPath,
    // Who is told of failures is no wish of any agency.
    mail: { from: shared.mail.from, support: shared.mail.support },
    lifecycle: spec.lifecycle,
    schema: { version: migrations.at(-1)?.version ?? '', files: migrations },
    adopt: spec.adopt ?? {},
    recreate: spec.recreate ?? {},
    destroy: spec.destroy ?? {},
    retentionDays: shared.policy.retentionDays,
    known: { retainUntil: manifest.status?.retainUntil, instanceUrl: manifest.status?.outputs.instanceUrl },
  };
}

/** The names of an agency's things at the vendors. */
export function namesOf(fleet: Fleet, manifest: AgencyManifest): { supabaseName: string; vercelName: string } {
  const vercelName = `${fleet.spec.namePrefix}-${manifest.metadata.name}`;
  return { supabaseName: `${vercelName}-${manifest.metadata.uid}`, vercelName };
}

/**
 * The digest that says whether a target is the one that was last applied. A migration counts by version and digest; of
 * an agency at rest only what it is put to rest by, so that no release makes it due.
 */
export function targetDigest(target: Target): string {
  return sha256(canonicalJson(target.lifecycle === 'active' ? runningTarget(target) : restingTarget(target)));
}

/** When it was retired, and for how long, is no wish: it changes nothing about an agency that runs. */
function runningTarget({ destroy, retentionDays, known, ...target }: Target) {
  const { version, files } = target.schema;
  return { ...target, schema: { version, files: digestOfFiles(files) } };
}

function restingTarget({ slug, uid, supabaseName, vercelName, organization, team, lifecycle, adopt, ...rest }: Target) {
  const { recreate, destroy } = rest;
  return { slug, uid, supabaseName, vercelName, organization, team, lifecycle, adopt, recreate, destroy };
}

/** By the list itself, which is one and the same for all agencies of a run. */
const digestsOfFiles = new WeakMap<readonly Migration[], string>();

function digestOfFiles(files: readonly Migration[]): string {
  const known = digestsOfFiles.get(files);
  if (known !== undefined) return known;
  const made = sha256(canonicalJson(files.map(({ version, digest }) => ({ version, digest }))));
  digestsOfFiles.set(files, made);
  return made;
}

/** The default region is for new agencies: one that stands somewhere stays there when the fleet's default changes. */
function regionOf(fleet: Fleet, manifest: AgencyManifest): string {
  const recorded = manifest.status?.resources['supabase.project']?.region;
  return manifest.spec.region ?? recorded ?? fleet.spec.defaults.region;
}

function appOf(fleet: Fleet, manifest: AgencyManifest, revisions: Revisions): TargetApp {
  const app = { ...fleet.spec.app, ...manifest.spec.app };
  return { ...app, revision: revisions.get(`${app.repository}@${app.ref}`) ?? app.ref };
}
