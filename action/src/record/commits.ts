import { type Condition, wasKilled } from '../engine/conditions.ts';
import { BlockedError, classify, type ProvisionerError } from '../engine/errors.ts';
import type { Status } from '../manifest/schema.ts';
import { spliceStatus } from '../manifest/status.ts';
import type { Entry } from './entries.ts';
import { type Failures, type LandOptions, lander } from './land.ts';
import { type Recorder, redacted } from './recorder.ts';

/** How much of a long run may be missing from the branch, in milliseconds of the vendors' time. */
const EVERY_MS = 10 * 60_000;

/**
 * Agencies that begin at about the same time share a commit: the first waits a second for the others, and while more and
 * more of them begin, as in a rollout over a fleet, such commits keep half a minute between them.
 */
const GATHER_MS = 1_000;
const BETWEEN_MS = 30_000;

/**
 * Records by commits on the branch's head, signed by the platform. A commit is made when agencies begin to be created,
 * together for all that begin at once; then at most every ten minutes, and at the end. What is lost with the process in
 * between is found again, because the record says of each such agency that a run began and never ended.
 */
export function commitRecorder(options: LandOptions): Recorder {
  const { room, clock, tell, signal } = options;
  const land = lander(options);
  const unsaved = new Map<string, Status>();
  const durable = new Map<string, Status>();
  const failed = new Map<string, ProvisionerError>();
  let next: Promise<Failures> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let landedAt = clock.elapsed();
  let isFirst = true;

  const landAll = async (): Promise<Failures> => {
    next = undefined;
    isFirst = false;
    landedAt = clock.elapsed();
    const batch = new Map(unsaved);
    unsaved.clear();
    try {
      const failures = await land([...batch].map(([file, status]) => entryOf(file, status)));
      for (const [file, status] of batch) durable.set(file, status);
      for (const [file, error] of failures) failed.set(file, error);
      return failures;
    } catch (thrown) {
      for (const [file, status] of batch) if (!unsaved.has(file)) unsaved.set(file, status);
      throw thrown;
    }
  };
  /** One commit for all who ask before it begins. */
  const landing = (wait = async (): Promise<void> => undefined) => {
    if (next) return next;
    next = last.then(wait).then(landAll);
    last = next.catch(() => undefined);
    return next;
  };
  const gathered = async () => {
    const sinceMs = isFirst ? BETWEEN_MS : clock.elapsed() - landedAt;
    // Whoever is stopped meanwhile has no time to wait for anybody.
    await clock.sleep(Math.max(GATHER_MS, BETWEEN_MS - sinceMs), signal).catch(() => undefined);
  };
  const entryOf = (file: string, status: Status): Entry => {
    const text = room.known(file);
    if (text === undefined) throw unknownFile(file);
    return { file, status, text: spliceStatus(text, status) };
  };
  return {
    save: async (file, status) => {
      const wanted = redacted(status);
      // Checked before anything waits for it: what cannot be written now cannot be written later.
      entryOf(file, wanted);
      unsaved.set(file, wanted);
      if (mayNotBeLost(wanted, durable.get(file))) {
        const error = (await landing(gathered)).get(file);
        if (error) throw error;
      } else if (clock.elapsed() - landedAt >= EVERY_MS) {
        // The work does not wait for it; what could not be written stays for the next commit.
        landing().catch((thrown) => tell(`status is not recorded yet: ${classify(thrown).message}`));
      }
    },
    flush: async () => {
      await last;
      if (unsaved.size > 0) await landing();
      const [first, ...others] = failed.values();
      if (first) throw others.length === 0 ? first : several(first, others.length);
    },
  };
}

/**
 * Whether something could be created twice if this were lost. An intent is covered by a record that says that a run
 * began. An id that is given up is not: the next run would look for what is gone, and not for what took its place.
 */
function mayNotBeLost({ resources }: Status, durable: Status | undefined): boolean {
  const isBegun = durable !== undefined && wasKilled(durable.conditions as Condition[]);
  return Object.entries(resources).some(
    ([address, { id, intent }]) =>
      intent !== undefined && (!isBegun || (id === undefined && durable.resources[address]?.id !== undefined)),
  );
}

function unknownFile(file: string): BlockedError {
  return new BlockedError(
    `the status of ${file} was to be recorded, and no such manifest was read`,
    'Run again; it reads all of them anew.',
  );
}

function several(first: ProvisionerError, others: number): BlockedError {
  return new BlockedError(`${first.message} (and so for ${others} more)`, first.remedy, first);
}
