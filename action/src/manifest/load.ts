import { recordedIds, uidIn } from './inventory.ts';
import { type Migration, readMigrations } from './migrations.ts';
import { normaliseAgency } from './normalise.ts';
import { FLEET_LIMIT_BYTES, parseAgency, parseYaml } from './parse.ts';
import { placeFindings } from './place.ts';
import { type Problem, problemAt, type SourceFile, sortProblems } from './problem.ts';
import { type Base, releasedProblems } from './released.ts';
import { judge } from './rules/all.ts';
import { fleetRules } from './rules/fleet.ts';
import type { Candidate, FileFinding, Former, Room } from './rules/rule.ts';
import { type AgencyManifest, agencySchema, type Fleet, fleetSchema } from './schema.ts';
import { checkShape } from './shape.ts';
import { explainSlug, slugPattern } from './slug.ts';
import { split } from './text.ts';

export type { SourceFile };

/** The files of a control room, as text; nothing is read from disk here. */
export interface RoomInput {
  /** fleet.yaml; empty text when there is none. */
  readonly fleet: SourceFile;
  /** Every file of agencies/; its README and schema are passed over. */
  readonly agencies: readonly SourceFile[];
  /** Every file of migrations/agency/. */
  readonly migrations: readonly SourceFile[];
  /** GITHUB_REPOSITORY, where there is one: a fleet that belongs elsewhere is refused. */
  readonly repository?: string;
  /** When a change is judged. */
  readonly base?: Base;
}

export interface LoadedAgency {
  readonly file: string;
  /** The file's name without its ending. */
  readonly slug: string;
  readonly text: string;
  /** Absent when the agency has problems: nothing may be done for it then. */
  readonly manifest?: AgencyManifest;
  readonly problems: readonly Problem[];
}

export interface ControlRoom {
  /** Absent when fleet.yaml or a migration is bad: nothing may be done for anybody then. */
  readonly fleet?: Fleet;
  readonly agencies: readonly LoadedAgency[];
  readonly migrations: readonly Migration[];
  /** All problems of all files, sorted by place. */
  readonly problems: readonly Problem[];
}

/**
 * Reads and checks a whole control room: shape, then one spelling, then the rules. Reports the problems of all files at
 * once; those of shape hide what rules would say of the same file.
 */
export function loadControlRoom(input: RoomInput): ControlRoom {
  const fleet = loadFleet(input);
  const { migrations, problems: ofMigrations } = readMigrations(input.migrations);
  const read = input.agencies.filter(isManifest).map(readAgency);
  const room = roomOf(input, fleet.value, read);
  const ofRules = placeByFile(judge(room), input.agencies);
  const gone = [...ofRules.keys()].filter((file) => !room.files.has(file)).map(goneAgency);
  const agencies = [...read, ...gone].map((agency) => finish(agency, ofRules.get(agency.source.file) ?? []));
  const ofHistory = judgeMigrations(input, migrations);
  const judged = new Set(ofHistory.map(({ file }) => file));
  const shared = [...fleet.problems, ...ofHistory, ...ofMigrations.filter(({ file }) => !judged.has(file))];
  return {
    ...(fleet.value && shared.length === 0 ? { fleet: fleet.value } : {}),
    agencies,
    migrations,
    problems: sortProblems([...shared, ...agencies.flatMap(({ problems }) => problems)]),
  };
}

interface Reading<T> {
  readonly value: T | undefined;
  readonly problems: readonly Problem[];
}

function loadFleet({ fleet: source, repository }: RoomInput): Reading<Fleet> {
  const parsed = parseYaml(source, FLEET_LIMIT_BYTES);
  if (!parsed.ok) return { value: undefined, problems: parsed.problems };
  const shape = checkShape(fleetSchema, parsed.value, source);
  if (!shape.ok) return { value: undefined, problems: shape.problems };
  const findings = fleetRules.flatMap((rule) => rule(shape.value, { repository }));
  return { value: shape.value, problems: placeFindings(source, findings) };
}

function judgeMigrations({ base }: RoomInput, migrations: readonly Migration[]): Problem[] {
  return base?.migrations ? releasedProblems(base, readMigrations(base.migrations).migrations, migrations) : [];
}

/** What may stand in agencies/ beside manifests. */
function isManifest({ file }: SourceFile): boolean {
  const name = baseName(file);
  return !name.startsWith('.') && name !== 'README.md' && !name.endsWith('.schema.json');
}

/** One whose file was deleted and may not be: it is an agency with a problem. */
function goneAgency(file: string): ReadAgency {
  return { source: { file, text: '' }, slug: slugOf(file), value: undefined, problems: [] };
}

function slugOf(file: string): string {
  return baseName(file).replace(/\.yaml$/, '');
}

interface ReadAgency extends Reading<AgencyManifest> {
  readonly source: SourceFile;
  readonly slug: string;
}

function readAgency(source: SourceFile): ReadAgency {
  const slug = slugOf(source.file);
  const misnamed = nameProblem(source, slug);
  const { value, problems } = readManifest(source);
  if (misnamed && !isYaml(source)) return { source, slug, value, problems: [misnamed] };
  return { source, slug, value, problems: misnamed ? [misnamed, ...problems] : problems };
}

function readManifest(source: SourceFile): Reading<AgencyManifest> {
  const parsed = parseAgency(source);
  if (!parsed.ok) return { value: undefined, problems: parsed.problems };
  const shape = checkShape(agencySchema, parsed.value, source);
  if (!shape.ok) return { value: undefined, problems: shape.problems };
  return { value: normaliseAgency(shape.value), problems: [] };
}

function isYaml({ file }: SourceFile): boolean {
  return file.endsWith('.yaml');
}

function nameProblem(source: SourceFile, slug: string): Problem | undefined {
  if (!isYaml(source)) {
    return problemAt(source, 0, 'the file’s name does not end with .yaml', 'rename it, or move it out of agencies/');
  }
  if (source.file.split('/').length > 2) {
    return problemAt(source, 0, 'the file stands in a folder of agencies/', 'move it to agencies/ itself');
  }
  if (slugPattern.test(slug)) return undefined;
  const { message, remedy } = split(explainSlug(slug));
  return problemAt(source, 0, `the file’s name: ${message}`, remedy);
}

function roomOf(input: RoomInput, fleet: Fleet | undefined, read: readonly ReadAgency[]): Room {
  return {
    fleet,
    agencies: read.flatMap(({ source, slug, value }): Candidate[] =>
      value ? [{ source, slug, manifest: value }] : [],
    ),
    broken: read.flatMap(({ source, value }) =>
      value ? [] : [{ source, uid: uidIn(source.text), inventory: recordedIds(source) }],
    ),
    files: new Set(read.map(({ source }) => source.file)),
    changed: input.base && changedSince(input.base.agencies.filter(isManifest), input.agencies),
    known: input.base && new Set(input.base.agencies.map(({ file }) => file)),
    repository: input.repository,
  };
}

function changedSince(base: readonly SourceFile[], head: readonly SourceFile[]): Map<string, Former> {
  const now = new Map(head.map(({ file, text }) => [file, text]));
  const changed = base.filter(({ file, text }) => now.get(file) !== text);
  return new Map(changed.map((source) => [source.file, { source, manifest: readManifest(source).value }]));
}

function placeByFile(findings: readonly FileFinding[], sources: readonly SourceFile[]): Map<string, Problem[]> {
  if (findings.length === 0) return new Map();
  const texts = new Map(sources.map(({ file, text }) => [file, text]));
  const files = new Set(findings.map(({ file }) => file));
  return new Map(
    [...files].map((file) => [file, placeFindings({ file, text: texts.get(file) ?? '' }, ofFile(findings, file))]),
  );
}

function ofFile(findings: readonly FileFinding[], file: string): FileFinding[] {
  return findings.filter((finding) => finding.file === file);
}

/** Of a file that may be no manifest at all, more than that would mislead. */
function finish({ source, slug, value, problems: own }: ReadAgency, ofRules: readonly Problem[]): LoadedAgency {
  const problems = own.length > 0 && !isYaml(source) ? own : sortProblems([...own, ...ofRules]);
  const manifest = problems.length === 0 && value ? { manifest: value } : {};
  return { file: source.file, slug, text: source.text, ...manifest, problems };
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
