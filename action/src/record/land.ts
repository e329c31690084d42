import { BlockedError, isTransient, ProviderError, type ProvisionerError, WaitingError } from '../engine/errors.ts';
import type { GitData, Pulls } from '../forge/forge.ts';
import type { Clock } from '../lib/clock.ts';
import { uidIn } from '../manifest/inventory.ts';
import { type Entry, type Filed, fileInto, type Misfit, RECORD_BRANCH } from './entries.ts';
import type { Branches, HeadRoom } from './head.ts';
import { messageOf, recordPull } from './record-text.ts';
import type { Snapshot } from './snapshot.ts';
import { blobSha } from './texts.ts';

export interface LandOptions {
  readonly git: GitData;
  readonly room: HeadRoom;
  /** Without `heads/`. */
  readonly branch: string;
  readonly pulls: Pick<Pulls, 'ensure'>;
  readonly clock: Clock;
  /** Rejects when this run no longer holds the lease: what it knows may be older than what is recorded. */
  readonly assertHeld?: () => Promise<void>;
  /** Ends the waiting for others to share a commit: who is stopped writes what there is at once. */
  readonly signal?: AbortSignal;
  /** Takes a sentence for people; of what went another way than usual. */
  readonly tell: (message: string) => void;
  /** Where the run can be read. */
  readonly runUrl?: string;
  readonly random?: () => number;
}

/** Those whose status is recorded and yet not where it belongs, by file. */
export type Failures = ReadonlyMap<string, ProvisionerError>;

const FOR_MS = 5 * 60_000;
const PAUSE_MS = { base: 200, cap: 5_000 };
/** GitHub's readers may lag behind its writers by that. */
const LATE_MS = 1_000;

/**
 * Brings entries onto the branch, each time as it is now, until that did not move meanwhile and GitHub answered, for five
 * minutes. No HTTP retry, but compare-and-swap: everything is read and written anew. Where a rule of the branch refuses,
 * they go onto a branch of their own and into a pull request, and stay there for the rest of the run.
 */
export function lander(options: LandOptions): (entries: readonly Entry[]) => Promise<Failures> {
  const { branch, clock, tell, random = Math.random } = options;
  let refused: ProviderError | undefined;
  return async (entries) => {
    const deadline = clock.elapsed() + FOR_MS;
    for (let attempt = 1; ; attempt += 1) {
      const { landed, misfits } = await landOnce(options, entries, refused !== undefined).catch(failing);
      if (landed === 'landed') return failuresOf(entries, misfits);
      if ('refused' in landed) {
        refused = landed.refused;
        tell(`${branch} takes no direct commits, so status goes into a pull request: ${refused.message}`);
        continue;
      }
      if (clock.elapsed() >= deadline) throw landed.failed;
      await clock.sleep(pauseMs(attempt, random));
    }
  };
}

function pauseMs(attempt: number, random: () => number): number {
  return Math.min(PAUSE_MS.cap, PAUSE_MS.base * 2 ** attempt) * (0.5 + random() / 2);
}

/** `failed` may go well a little later. */
type Landed = 'landed' | { readonly refused: ProviderError } | { readonly failed: ProvisionerError };

/** A short outage is waited out as a restless branch is; whoever lost the lease has nothing to wait for. */
function failing(thrown: unknown): { readonly landed: Landed; readonly misfits: readonly Misfit[] } {
  if (thrown instanceof ProviderError && isTransient(thrown)) return { landed: { failed: thrown }, misfits: [] };
  throw thrown;
}

async function landOnce(options: LandOptions, entries: readonly Entry[], isRefused: boolean) {
  await options.assertHeld?.();
  const { main, record, pending } = await options.room.branches();
  const wished = merged(pending, entries);
  const { files, misfits } = await fileInto(main, wished);
  if (files.size > 0 || misfits.length > 0) {
    return { misfits, landed: await bring(options, { main, record, entries: wished, files, misfits, isRefused }) };
  }
  if (record) await takeAway(options.git, record.commit);
  return { misfits, landed: 'landed' as const };
}

interface Load extends Filed {
  readonly main: Branches['main'];
  readonly record: Branches['record'];
  readonly entries: readonly Entry[];
  readonly isRefused: boolean;
}

/**
 * The record's branch first, where there is one or has to be: a run that dies between the two leaves the newest there,
 * where the next one looks. It goes once the main branch says everything that it said.
 */
async function bring(options: LandOptions, load: Load): Promise<Landed> {
  const { git, branch } = options;
  const { main, record, entries, files, misfits, isRefused } = load;
  const { tree } = await git.commit(main.commit);
  const writer: Writer = (wanted, parents, quiet) => {
    for (const text of wanted.values()) options.room.keep(text);
    const message = messageOf(entries, { ...options, quiet });
    return git.write({ message, parents, tree, files: Object.fromEntries(wanted) });
  };

  const isKept = isRefused || misfits.length > 0;
  const kept = record || isKept ? await keepAside(git, load, writer) : undefined;
  if (kept === 'diverged') return { failed: tooBusy(branch) };
  if (!isRefused && files.size > 0) {
    const moved = await git.moveRef(`heads/${branch}`, await writer(files, [main.commit], true));
    if (typeof moved === 'object' && (await standsStill(options, main.commit))) return moved;
    if (moved !== 'moved') return { failed: tooBusy(branch) };
  }
  if (isKept) await propose(options, entries);
  else if (kept !== undefined) await takeAway(git, kept);
  return 'landed';
}

/** A refusal holds for the rest of the run, so it is believed when the branch is not seen to move a little later either. */
async function standsStill({ git, branch, clock }: LandOptions, commit: string): Promise<boolean> {
  await clock.sleep(LATE_MS);
  return (await git.head(`heads/${branch}`)) === commit;
}

type Writer = (wanted: ReadonlyMap<string, string>, parents: readonly string[], quiet: boolean) => Promise<string>;

/** Brings everything onto the record's branch, unless it stands there. Gives the commit that it stands at then. */
async function keepAside(git: GitData, { main, record, files, misfits }: Load, write: Writer): Promise<string> {
  const all = new Map([...files, ...misfits.map(({ entry }) => [entry.file, entry.text] as const)]);
  if (record && holds(record, all)) return record.commit;
  const sha = await write(all, record ? [record.commit, main.commit] : [main.commit], false);
  return (await moveRecord(git, sha, record === undefined)) ? sha : 'diverged';
}

function holds({ files }: Snapshot, wanted: ReadonlyMap<string, string>): boolean {
  return [...wanted].every(([path, text]) => files.get(path) === blobSha(Buffer.from(text)));
}

async function moveRecord(git: GitData, sha: string, isNew: boolean): Promise<boolean> {
  if (isNew) return (await git.createRef(`heads/${RECORD_BRANCH}`, sha)) === 'created';
  const moved = await git.moveRef(`heads/${RECORD_BRANCH}`, sha);
  if (typeof moved === 'object') throw moved.refused;
  return moved === 'moved';
}

/** Unless somebody added to it since; the lease is what keeps that from happening between the two calls. */
async function takeAway(git: GitData, sha: string): Promise<void> {
  if ((await git.head(`heads/${RECORD_BRANCH}`)) === sha) await git.deleteRef(`heads/${RECORD_BRANCH}`);
}

/** The record is safe by now, so what keeps the pull request from being opened stops nothing. */
async function propose({ pulls, branch, tell, runUrl }: LandOptions, entries: readonly Entry[]): Promise<void> {
  try {
    const { pull, opened } = await pulls.ensure({ head: RECORD_BRANCH, base: branch, ...recordPull(entries, runUrl) });
    if (opened) tell(`what was recorded waits to be merged: ${pull.url}`);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    tell(`what was recorded stands on the branch ${RECORD_BRANCH}, but no pull request could be opened for it: ${why}`);
  }
}

/** What is new takes the place of what waited for the same agency. */
function merged(pending: readonly Entry[], entries: readonly Entry[]): Entry[] {
  const key = ({ file, text }: Entry) => uidIn(text) ?? file;
  return [...new Map([...pending, ...entries].map((entry) => [key(entry), entry])).values()];
}

function failuresOf(entries: readonly Entry[], misfits: readonly Misfit[]): Failures {
  const ours = misfits.filter(({ entry }) => entries.includes(entry));
  return new Map(ours.map((misfit) => [misfit.entry.file, misfitError(misfit)]));
}

function misfitError({ entry: { file, status }, because }: Misfit): BlockedError {
  const ids = Object.entries(status.resources).flatMap(([address, { id }]) =>
    id === undefined ? [] : `${address} ${id}`,
  );
  return new BlockedError(
    `the status of ${file} could not be written into it: ${because}`,
    `Its record stands on the branch ${RECORD_BRANCH} and in its pull request: bring the file back or mend it, and run again. ` +
      `What exists: ${ids.join(', ') || 'nothing yet'}.`,
  );
}

function tooBusy(branch: string): WaitingError {
  return new WaitingError(
    `${branch} moved each time before the record could be added to it`,
    'Run again when fewer people push; what was done is found again by name.',
  );
}
