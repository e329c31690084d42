import type { Forge, PullRequest } from '../forge/forge.ts';
import { mapPooled } from '../lib/pool.ts';
import { carry } from '../manifest/carry.ts';
import type { SourceFile } from '../manifest/load.ts';
import { RECORD_BRANCH } from '../record/entries.ts';
import type { Snapshot } from '../record/snapshot.ts';
import type { RoomChange } from '../review.ts';
import type { Hosting } from './hosting.ts';
import { roomBefore } from './reviewed.ts';
import type { TrialMerge } from './trial-merge.ts';

/**
 * A file costs a request, of a thousand that everybody who works with the repository's token has in an hour; a stranger
 * may spend fewer of them.
 */
const MOST_FILES = { own: 300, foreign: 50 };
const AT_A_TIME = 10;

export type Changing =
  | { readonly change: RoomChange; readonly doubt?: string; readonly refusal?: undefined }
  | { readonly change?: undefined; readonly doubt?: undefined; readonly refusal: string };

/**
 * What merging would change. GitHub may keep a merge that it made on trial for half a day while the branch goes on, and
 * records come onto the branch all the time: the change is carried onto the branch as it is now.
 */
export async function changeOf(hosted: Hosting, pull: PullRequest, merge: TrialMerge): Promise<Changing> {
  const { forge, branch } = hosted;
  const { room } = hosted.room;
  const { commit, onto } = merge;
  const [was, made] = await Promise.all([room.snapshot(onto), room.snapshot(commit)]);
  const touched = touchedBetween(was, made);
  const most = isForeign(pull, forge) ? MOST_FILES.foreign : MOST_FILES.own;
  if (touched.length > most && !isOurs(pull, forge)) return { refusal: tooMany(touched.length, most) };
  if (!made.files.has('fleet.yaml')) return { refusal: NO_FLEET };
  const now = (await forge.git.head(`heads/${branch}`)) ?? onto;
  const before = await roomBefore(room, now, 'recorded');
  if (now === onto || !before) {
    return { change: { before, after: await room.at(commit, 'recorded') } };
  }
  const change = { was: await textsOf(was, touched), made: await textsOf(made, touched) };
  const { room: after, doubtful } = carry(change, before);
  return { change: { before, after }, ...(doubtful.length > 0 && { doubt: changedOnBothSides(doubtful, branch) }) };
}

/** The record of a whole fleet may wait for a merge. */
function isOurs(pull: PullRequest, forge: Pick<Forge, 'repository'>): boolean {
  return pull.head.ref === RECORD_BRANCH && !isForeign(pull, forge);
}

/** Whether its branch is in another repository, where anybody may push. */
export function isForeign({ head }: PullRequest, { repository }: Pick<Forge, 'repository'>): boolean {
  return head.repository !== repository;
}

const OF_ROOM = /^(?:fleet\.yaml$|agencies\/|migrations\/agency\/)/;

function touchedBetween({ files: was }: Snapshot, { files: made }: Snapshot): string[] {
  const names = new Set([...was.keys(), ...made.keys()]);
  return [...names].filter((name) => OF_ROOM.test(name) && was.get(name) !== made.get(name));
}

/** What the branch has besides is taken as it is now, and need not be read as it was. */
async function textsOf(snapshot: Snapshot, names: readonly string[]): Promise<SourceFile[]> {
  const texts = await mapPooled(names, AT_A_TIME, async (file) => ({ file, text: await snapshot.text(file) }));
  return texts.flatMap(({ file, text }) => (text === undefined ? [] : [{ file, text }]));
}

const NO_FLEET = 'it leaves no fleet.yaml, without which nothing is applied any more. Put it back.';

function tooMany(changed: number, most: number): string {
  return (
    `it changes ${changed} files of the control room, and more than ${most} are not planned at once. ` +
    'Split it into several pull requests.'
  );
}

function changedOnBothSides(files: readonly string[], branch: string): string {
  return (
    `${files.slice(0, 3).join(', ')}${files.length > 3 ? ` and ${files.length - 3} more` : ''} changed on ${branch} too since GitHub last merged this pull request on trial; shown is what it ` +
    `says by itself. Update its branch from ${branch}, and it is planned anew.`
  );
}
