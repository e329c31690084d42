import { BlockedError, ManifestError } from '../engine/errors.ts';
import { canonicalJson } from '../lib/digest.ts';
import { recordedIds, statusLines, uidIn } from '../manifest/inventory.ts';
import { type Problem, renderProblem, type SourceFile } from '../manifest/problem.ts';
import type { Status } from '../manifest/schema.ts';
import { readStatus, spliceStatus } from '../manifest/status.ts';
import type { Snapshot } from './snapshot.ts';

/** Where the record waits for people when the branch takes no direct commits. */
export const RECORD_BRANCH = 'provisioner/record';

/** What is to be recorded of one agency, beside its manifest as it was when that was found out. */
export interface Entry {
  readonly file: string;
  readonly text: string;
  readonly status: Status;
}

/** Entries as the files of a branch: those that it takes, and those for which it has no manifest to write into. */
export interface Filed {
  /** New texts by path; a file that says it already is not among them. */
  readonly files: ReadonlyMap<string, string>;
  readonly misfits: readonly Misfit[];
}

export interface Misfit {
  readonly entry: Entry;
  readonly because: string;
}

/** Writes each status into the manifest of the same uid, whatever else people changed in it or wherever they moved it. */
export async function fileInto(branch: Snapshot, entries: readonly Entry[]): Promise<Filed> {
  const files = new Map<string, string>();
  const misfits: Misfit[] = [];
  for (const entry of entries) {
    const manifest = await branch.manifestOf(uidIn(entry.text), entry.file);
    const after = manifest ? spliced(manifest.text, entry.status) : 'it was deleted';
    if (typeof after === 'string') misfits.push({ entry, because: after });
    else if (manifest && after.text !== manifest.text) files.set(manifest.file, after.text);
  }
  return { files, misfits };
}

/** The text, or why there is none. */
function spliced(text: string, status: Status): { readonly text: string } | string {
  try {
    return { text: spliceStatus(text, status) };
  } catch (thrown) {
    if (thrown instanceof ManifestError) return thrown.message;
    throw thrown;
  }
}

/**
 * What the record's branch knows of agencies and the main branch does not. The record's branch is moved before the main
 * one and taken away once that has everything, so while it stands there, what it says is never the older. Rejects with
 * Blocked where it cannot be read: taken for nothing, it would be taken away.
 */
export async function pendingIn(record: Snapshot, main: Snapshot): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const [file, sha] of record.files) {
    if (!/^agencies\/[^/]+\.yaml$/.test(file) || main.files.get(file) === sha) continue;
    const text = (await record.text(file)) ?? '';
    const reading = readStatus({ file, text });
    if (!reading.ok) {
      if (holdsNothing({ file, text }) || (await saysToTheLetter(main, { file, text }))) continue;
      throw unreadable(reading.problems);
    }
    const { status } = reading;
    if (status && !(await says(main, { file, text, status }))) entries.push({ file, text, status });
  }
  return entries;
}

/** One that people broke before anything was recorded of it. */
function holdsNothing(source: SourceFile): boolean {
  return statusLines(source.text) === '' && recordedIds(source).length === 0;
}

/** A manifest that people broke on the branch itself, and mended there since, is still broken in what was built on it. */
async function saysToTheLetter(branch: Snapshot, { file, text }: SourceFile): Promise<boolean> {
  const lines = statusLines(text);
  return lines !== '' && lines === statusLines((await branch.manifestOf(uidIn(text), file))?.text ?? '');
}

function unreadable(problems: readonly Problem[]): BlockedError {
  return new BlockedError(
    `the branch ${RECORD_BRANCH} holds a record that cannot be read: ${problems.map(renderProblem).join('; ')}`,
    'Mend the file on that branch: the commits before have its status as it was recorded. Then run again. ' +
      'Do not delete the branch: nobody else may know what exists.',
  );
}

/** Whether the branch has that status already, or has no such agency any more and nothing of it is left. */
async function says(branch: Snapshot, { file, text, status }: Entry): Promise<boolean> {
  const manifest = await branch.manifestOf(uidIn(text), file);
  if (!manifest) return Object.keys(status.resources).length === 0;
  const reading = readStatus(manifest);
  return reading.ok && canonicalJson(reading.status ?? null) === canonicalJson(status);
}
