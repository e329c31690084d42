import { ManifestError } from '../engine/errors.ts';
import type { GitData } from '../forge/forge.ts';
import type { RoomInput } from '../manifest/load.ts';
import { type Entry, fileInto, pendingIn, RECORD_BRANCH } from './entries.ts';
import { type Snapshot, snapshotOf } from './snapshot.ts';
import { textsOf } from './texts.ts';

export interface HeadOptions {
  readonly git: GitData;
  /** The branch that is applied; its name without `heads/`. */
  readonly branch: string;
  /** A checkout of the repository, of whatever commit. What it has in common with the head is not fetched. */
  readonly dir?: string;
  /** `owner/name`, to be checked against fleet.yaml. */
  readonly repository?: string;
}

/** The control room of a repository, read through the API. */
export interface HeadRoom {
  /** The room as of the branch's head now, with what is recorded elsewhere laid over. */
  read(): Promise<RoomInput>;
  /**
   * The room of one commit of the repository: to the letter, or with `recorded` as `read` would give it, which is
   * how a pull request is judged while the record waits for a merge of its own.
   */
  at(commit: string, recorded?: 'recorded'): Promise<RoomInput>;
  /** The files of any commit, each read when it is asked for. */
  snapshot(commit: string): Promise<Snapshot>;
  /** The head that was read last. */
  readonly commit: string | undefined;
  /** The manifest as it was read last. */
  known(file: string): string | undefined;
  /** Takes a text that is about to be written, so that it need not be fetched afterwards. */
  keep(text: string): void;
  /** Where the branches stand now; `record` only while there is such a branch. */
  branches(): Promise<Branches>;
}

export interface Branches {
  readonly main: Snapshot;
  readonly record?: Snapshot | undefined;
  /** What only the record's branch says. */
  readonly pending: readonly Entry[];
}

/**
 * Three calls when the checkout is that of the head, however many manifests there are; one more for each file that is
 * not. Rejects with a ManifestError when there is no fleet.yaml, and with a BlockedError where what is recorded elsewhere
 * cannot be read.
 */
export function headRoom({ git, branch, dir, repository }: HeadOptions): HeadRoom {
  const texts = textsOf(git, dir);
  let commit: string | undefined;
  let known = new Map<string, string>();
  const branches = async (): Promise<Branches> => {
    const [head, waiting] = await Promise.all([git.head(`heads/${branch}`), git.head(`heads/${RECORD_BRANCH}`)]);
    if (head === undefined) throw noBranch(branch);
    const main = await snapshotOf(git, texts, head);
    if (waiting === undefined) return { main, pending: [] };
    const record = await snapshotOf(git, texts, waiting);
    return { main, record, pending: await pendingIn(record, main) };
  };
  const laidOver = async (snapshot: Snapshot, pending: readonly Entry[]): Promise<RoomInput> => {
    const [room, { files }] = await Promise.all([roomOf(snapshot, repository), fileInto(snapshot, pending)]);
    return { ...room, agencies: room.agencies.map(({ file, text }) => ({ file, text: files.get(file) ?? text })) };
  };
  return {
    branches,
    read: async () => {
      const { main, pending } = await branches();
      const room = await laidOver(main, pending);
      commit = main.commit;
      known = new Map(room.agencies.map(({ file, text }) => [file, text]));
      return room;
    },
    at: async (sha, recorded) => {
      const pending = recorded ? (await branches()).pending : [];
      return laidOver(await snapshotOf(git, texts, sha), pending);
    },
    snapshot: (sha) => snapshotOf(git, texts, sha),
    get commit() {
      return commit;
    },
    known: (file) => known.get(file),
    keep: texts.keep,
  };
}

async function roomOf(snapshot: Snapshot, repository: string | undefined): Promise<RoomInput> {
  const [fleet, agencies, migrations] = await Promise.all([
    snapshot.text('fleet.yaml'),
    snapshot.folder('agencies'),
    snapshot.folder('migrations/agency'),
  ]);
  if (fleet === undefined) throw noFleet(snapshot.commit);
  return {
    fleet: { file: 'fleet.yaml', text: fleet },
    agencies,
    migrations,
    ...(repository !== undefined && { repository }),
  };
}

function noBranch(branch: string): ManifestError {
  return new ManifestError(
    `the repository has no branch ${branch}`,
    'Push the control room to its default branch, and run again.',
  );
}

function noFleet(commit: string): ManifestError {
  return new ManifestError(
    `there is no fleet.yaml in commit ${commit}`,
    'Run it in the repository of the control room, with fleet.yaml at its top.',
  );
}
