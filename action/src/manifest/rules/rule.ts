import type { Finding, SourceFile } from '../problem.ts';
import type { AgencyManifest, Fleet } from '../schema.ts';

/** An agency whose manifest has the right shape. */
export interface Candidate {
  readonly source: SourceFile;
  /** The file's name without `.yaml`. */
  readonly slug: string;
  readonly manifest: AgencyManifest;
}

/** An agency whose manifest cannot be read, and what can be told of it nevertheless. */
export interface Broken {
  readonly source: SourceFile;
  /** Absent when not even that can be read. */
  readonly uid: string | undefined;
  /** What it records: pairs of address and id. */
  readonly inventory: readonly (readonly [address: string, id: string])[];
}

/** An agency as it was at the merge base; without a manifest when that could not be read. */
export interface Former {
  readonly source: SourceFile;
  readonly manifest: AgencyManifest | undefined;
}

/** Everything that rules may look at. */
export interface Room {
  readonly fleet: Fleet | undefined;
  readonly agencies: readonly Candidate[];
  /** Nothing is done for these, and nobody may take what is theirs. */
  readonly broken: readonly Broken[];
  /** Every file of agencies/, also those that cannot be read. */
  readonly files: ReadonlySet<string>;
  /** The merge base by file, where there is one: only files that changed or are gone since. */
  readonly changed: ReadonlyMap<string, Former> | undefined;
  /** Files that were there at the merge base already. */
  readonly known: ReadonlySet<string> | undefined;
  /** GITHUB_REPOSITORY. */
  readonly repository: string | undefined;
}

export type FileFinding = Finding & { readonly file: string };

/** Says what is wrong with a control room whose files each have the right shape. */
export type Rule = (room: Room) => FileFinding[];

/** A rule that looks at one agency at a time. */
export function eachAgency(rule: (agency: Candidate, room: Room) => Finding[]): Rule {
  return (room) =>
    room.agencies.flatMap((agency) => rule(agency, room).map((finding) => ({ ...finding, file: agency.source.file })));
}

/** A finding about a value, its message beginning with the path. */
export function about(path: Finding['path'], message: string, remedy: string, on: Finding['on'] = 'value'): Finding {
  return { path, on, message: path.length === 0 ? message : `${path.join('.')}: ${message}`, remedy };
}
