import { ManifestError } from '../engine/errors.ts';
import { canonicalJson } from '../lib/digest.ts';
import type { RoomInput } from './load.ts';
import type { SourceFile } from './problem.ts';
import type { Status } from './schema.ts';
import { readStatus, spliceStatus } from './status.ts';

export interface Carried {
  readonly room: RoomInput;
  /** Files that people changed on both sides: they stand here as the change has them, and git may put them together. */
  readonly doubtful: readonly string[];
}

/** The files that a change touched, before it and after it; one that is missing was not there. */
export interface Change {
  readonly was: Files;
  readonly made: Files;
}

type Files = readonly SourceFile[];

/**
 * Carries a change from the room that it was made in onto the room as it is now: what it did not touch is as it is now,
 * and what it did touch is as it says, with the status that was recorded meanwhile. A status that the change itself
 * rewrote stays rewritten, for the rules to refuse.
 */
export function carry({ was, made }: Change, now: RoomInput): Carried {
  const doubtful: string[] = [];
  const within = (folder: string, there: Files) => {
    const ofFolder = (files: Files) => files.filter(({ file }) => file.startsWith(folder));
    return carryFiles(ofFolder(was), ofFolder(made), there, doubtful);
  };
  const { file } = now.fleet;
  const [fleet = { file, text: '' }] = within(file, [now.fleet]);
  const room = {
    ...now,
    fleet,
    agencies: within('agencies/', now.agencies),
    migrations: within('migrations/agency/', now.migrations),
  };
  return { room, doubtful };
}

function carryFiles(was: Files, made: Files, now: Files, doubtful: string[]): SourceFile[] {
  const [old, ours, theirs] = [was, made, now].map((files) => new Map(files.map(({ file, text }) => [file, text])));
  const names = [...new Set([...made, ...now].map(({ file }) => file))].sort();
  return names.flatMap((file): SourceFile[] => {
    const text = carryText(old?.get(file), ours?.get(file), theirs?.get(file), () => doubtful.push(file));
    return text === undefined ? [] : [{ file, text }];
  });
}

type Text = string | undefined;

function carryText(was: Text, made: Text, now: Text, doubt: () => void): Text {
  if (made === was) return now;
  if (now === was || now === made) return made;
  const recorded = statusIn(now);
  if (was === undefined || made === undefined || now === undefined || withStatus(was, recorded) !== now) doubt();
  return made !== undefined && sameStatus(statusIn(was), statusIn(made)) ? withStatus(made, recorded) : made;
}

function statusIn(text = ''): Status | undefined {
  const reading = readStatus({ file: '', text });
  return reading.ok ? reading.status : undefined;
}

function sameStatus(one: Status | undefined, other: Status | undefined): boolean {
  return canonicalJson(one ?? null) === canonicalJson(other ?? null);
}

/** What is no manifest has no place for a status; the rules say what is wrong with it. */
function withStatus(text: string, status: Status | undefined): string {
  if (!status) return text;
  try {
    return spliceStatus(text, status);
  } catch (thrown) {
    if (thrown instanceof ManifestError) return text;
    throw thrown;
  }
}
