import type { GitData, PullRequest } from '../forge/forge.ts';
import { carry } from '../manifest/carry.ts';
import { RECORD_BRANCH } from '../record/head.ts';
import type { RoomChange } from '../review.ts';
import type { Hosting } from './hosting.ts';
import { roomBefore } from './reviewed.ts';
import type { TrialMerge } from './trial-merge.ts';

/** A file costs a request, of a thousand that everybody who works with the repository's token has in an hour. */
const MOST_FILES = 300;

export type Changing =
  | { readonly change: RoomChange; readonly warnings: readonly string[]; readonly refusal?: undefined }
  | { readonly change?: undefined; readonly warnings?: undefined; readonly refusal: string };

/**
 * What merging would change. GitHub may keep a merge that it made on trial for half a day while the branch goes on, and
 * records come onto the branch all the time: the change is carried onto the branch as it is now.
 */
export async function changeOf(hosted: Hosting, pull: PullRequest, merge: TrialMerge): Promise<Changing> {
  const { forge, room, branch } = hosted;
  const { commit, onto } = merge;
  const changed = isOurs(pull, forge.repository) ? 0 : await countChanged(forge.git, merge);
  if (changed > MOST_FILES) return { refusal: tooMany(changed) };
  const now = (await forge.git.head(`heads/${branch}`)) ?? onto;
  const before = await roomBefore(room.room, now, 'recorded');
  if (now === onto) return { change: { before, after: await room.room.at(commit, 'recorded') }, warnings: [] };
  const [was, made] = await Promise.all([roomBefore(room.room, onto), room.room.at(commit)]);
  if (!before || !was) return { change: { before, after: made }, warnings: [] };
  const { room: after, doubtful } = carry(was, made, before);
  return { change: { before, after }, warnings: doubtful.length > 0 ? [changedOnBothSides(doubtful, branch)] : [] };
}

/** The record of a whole fleet may wait for a merge. */
function isOurs({ head }: PullRequest, repository: string): boolean {
  return head.ref === RECORD_BRANCH && head.repository === repository;
}

/** Two requests, however many files there are. */
async function countChanged(git: GitData, { commit, onto }: TrialMerge): Promise<number> {
  const [was, made] = await Promise.all([onto, commit].map(async (sha) => roomFiles(await git.files(sha))));
  const names = new Set([...(was?.keys() ?? []), ...(made?.keys() ?? [])]);
  return [...names].filter((name) => was?.get(name) !== made?.get(name)).length;
}

function roomFiles(files: Awaited<ReturnType<GitData['files']>>): ReadonlyMap<string, string> {
  const ofRoom = /^(?:fleet\.yaml$|agencies\/|migrations\/agency\/)/;
  return new Map(files.flatMap(({ path, sha }) => (ofRoom.test(path) ? [[path, sha] as const] : [])));
}

function tooMany(changed: number): string {
  return (
    `it changes ${changed} files of the control room, and more than ${MOST_FILES} are not planned at once. ` +
    'Split it into several pull requests.'
  );
}

function changedOnBothSides(files: readonly string[], branch: string): string {
  return (
    `${files.join(', ')} changed on ${branch} too since GitHub last merged this pull request on trial; shown is what it ` +
    `says by itself. Update its branch from ${branch}, and it is planned anew.`
  );
}
