import type { ControlPlane, OpenJob, RequestState } from '../control-plane/control-plane.ts';
import type { Emit } from '../engine/events.ts';
import { type Clock, timestamp } from '../lib/clock.ts';
import type { Status } from '../manifest/schema.ts';
import type { RunReport } from '../outcome.ts';
import type { Followed, Follower } from '../ports.ts';
import {
  deployed,
  isFulfilled,
  isJobId,
  isWell,
  jobIdOf,
  keyOf,
  type Resident,
  rested,
  restedEarly,
  type Standing,
  standingAfter,
  statusAfter,
  stepOf,
  whereabouts,
} from './onboarding.ts';
import { endLeft, endOf } from './open-jobs.ts';
import { type Paced, paced } from './paced.ts';
import { type Say, sayer } from './say.ts';

export interface ControlPlaneFollowerOptions {
  readonly plane: Omit<ControlPlane, 'request'>;
  /** Names the run; the same when it is run again. */
  readonly runId: string;
  /** The agencies of the control room as it was loaded last; asked for only where something may have to be put right. */
  room(): Promise<readonly Resident[]>;
  readonly clock: Clock;
  readonly emit: Emit;
}

/** For one agency, in the vendor's time. */
const STEP_GAP_MS = 5_000;

/** One agency whose request is told of its run. What is told of it goes out in the order in which it happened. */
interface Line {
  readonly agency: Followed;
  readonly job: { readonly id: string; readonly requestId: string };
  readonly steps: Paced<string>;
  /** Says that work has begun; once, however often it is called. */
  open(): Promise<void>;
  readonly isOpen: () => boolean;
}

/**
 * Keeps the rows of `agency_onboarding_requests` and `provisioning_jobs` in step with a run that acts. A request goes
 * provisioning -> deployed | failed until it is fulfilled once; later runs over its agency show in their jobs alone, and
 * one that changes nothing writes nothing. It is level-based: at the end every row that still says otherwise, and every
 * job that an earlier run left open, is set to what is recorded, so a word that was lost is said by the next run.
 */
export function controlPlaneFollower(options: ControlPlaneFollowerOptions): Follower {
  const lines = new Map<string, Line>();
  const say = sayer(options.clock, options.emit);
  const open: OpenJob[] = [];
  let looking: Promise<void> | undefined;
  const leftOf = async (job: Line['job']) => {
    await looking;
    return open.filter(({ id, requestId }) => keyOf(requestId) === keyOf(job.requestId) && keyOf(id) !== job.id);
  };
  return {
    begin: async (agencies) => {
      // Now, while nobody else may act: what is open and not this run's was left by a run that is over.
      looking = say('jobs that were left open', async () => {
        open.push(...(await options.plane.openJobs()).filter(({ id }) => isJobId(id)));
      });
      for (const agency of agencies) {
        if (agency.requestId === undefined) continue;
        const line = lineOf(agency, agency.requestId, { ...options, say, leftOf });
        lines.set(agency.slug, line);
        // Not waited for: a run does not wait for those who look on.
        if (!isFulfilled(agency.before) && agency.lifecycle === 'active') void line.open();
      }
    },
    event: (event) => {
      const line = 'agency' in event && event.agency !== undefined ? lines.get(event.agency) : undefined;
      const step = line && stepOf(event);
      if (step !== undefined) line?.steps.tell(step);
    },
    end: async (report) => {
      await Promise.all([...lines.values()].map((line) => line.steps.end()));
      say.again();
      await Promise.all([...lines.values()].map((line) => close(line, report, options, say)));
      await putRight(report, lines, options, say);
      await looking;
      const told = new Set([...lines.values()].flatMap(({ job, isOpen }) => (isOpen() ? [keyOf(job.requestId)] : [])));
      // Those of the requests that it told of were ended when it began with them.
      const left = open.filter((job) => !told.has(keyOf(job.requestId)));
      if (left.length > 0) await say('jobs that were left open', () => endLeft(left, report, options));
    },
  };
}

interface LineOptions extends ControlPlaneFollowerOptions {
  readonly say: Say;
  /** The jobs that earlier runs left open over the same request. */
  leftOf(job: Line['job']): Promise<readonly OpenJob[]>;
}

function lineOf(agency: Followed, requestId: string, options: LineOptions): Line {
  const { plane, runId, clock, say, leftOf } = options;
  const { slug, before, lifecycle } = agency;
  const job = { id: jobIdOf(requestId, runId), requestId };
  let opening: Promise<void> | undefined;
  const begin = () =>
    say(slug, async () => {
      const at = timestamp(clock.now());
      if (!isFulfilled(before) && lifecycle === 'active') {
        const fresh = { startedAt: before?.startedAt ?? at, completedAt: null, errorMessage: null };
        await plane.tell(requestId, { state: 'provisioning', slug, ...fresh });
      }
      await plane.tellJob({ ...job, state: 'in_progress', startedAt: at, completedAt: null, errorMessage: null });
      const left = await leftOf(job);
      await plane.endJobs(
        left.map(({ id }) => id),
        endOf(before),
      );
    });
  const open = () => {
    opening ??= begin();
    return opening;
  };
  const step = async (currentStep: string) => {
    await open();
    await say(slug, () => plane.tellJob({ ...job, state: 'in_progress', currentStep }));
  };
  return { agency, job, steps: paced(step, STEP_GAP_MS, clock), open, isOpen: () => opening !== undefined };
}

/** The last word about one agency of the run. */
async function close(line: Line, report: RunReport, options: ControlPlaneFollowerOptions, say: Say): Promise<void> {
  const { agency, job } = line;
  const { slug, before } = agency;
  const { plane, clock } = options;
  const standing = standingAfter(report, slug);
  if (!line.isOpen() && isOldNews(standing, before)) return;
  await line.open();
  const status = statusAfter(report, slug) ?? before;
  const completedAt = timestamp(clock.now());
  await say(slug, async () => {
    if (standing.is === 'deployed') {
      await plane.tell(job.requestId, deployed(slug, standing.status));
      await plane.tellJob({ ...job, state: 'completed', currentStep: null, errorMessage: null, completedAt });
    } else if (standing.is === 'rested') {
      await plane.tell(job.requestId, rested(slug, status, standing.message));
      await plane.tellJob({ ...job, state: 'completed', currentStep: null, errorMessage: null, completedAt });
    } else if (standing.is === 'failed') {
      const errorMessage = standing.message;
      if (!isFulfilled(before)) {
        await plane.tell(job.requestId, { state: 'failed', slug, ...whereabouts(status), errorMessage });
      }
      await plane.tellJob({ ...job, state: 'failed', errorMessage, completedAt });
    } else {
      const { on = null } = standing;
      if (!isFulfilled(before)) await plane.tell(job.requestId, whereabouts(status));
      await plane.tellJob({ ...job, state: 'pending', currentStep: on });
    }
  });
}

/** Whether an earlier run told it, as far as one that did nothing can know. */
function isOldNews(standing: Standing, before: Status | undefined): boolean {
  return standing.is === 'deployed' || (standing.is === 'rested' && standing.message === restedEarly(before));
}

/** Requests that still wait for an agency which is well or at rest, and those whose agency the run could not even begin with. */
async function putRight(
  report: RunReport,
  lines: ReadonlyMap<string, Line>,
  { plane, room }: ControlPlaneFollowerOptions,
  say: Say,
): Promise<void> {
  const waiting = new Map<string, RequestState>();
  const residents: Resident[] = [];
  await say('requests that still wait', async () => {
    for (const { id, state } of await plane.requests(['approved', 'provisioning', 'failed'])) {
      waiting.set(keyOf(id), state);
    }
    if (waiting.size > 0) residents.push(...(await room()));
  });
  const waited = residents.filter(({ requestId }) => waiting.has(keyOf(requestId)));
  for (const { slug, requestId, status: loaded } of waited) {
    const status = statusAfter(report, slug) ?? loaded;
    const isUntold = !lines.has(slug) && report.agencies.some((one) => one.slug === slug);
    const standing = standingAfter(report, slug);
    // One that this run was to wake is not at rest any more, whatever is recorded.
    const early = lines.get(slug)?.agency.lifecycle === 'active' ? undefined : restedEarly(status);
    if (isWell(status)) {
      await say(slug, () => plane.tell(requestId, deployed(slug, status)));
    } else if (early !== undefined && waiting.get(keyOf(requestId)) !== 'failed') {
      await say(slug, () => plane.tell(requestId, rested(slug, status, early)));
    } else if (isUntold && standing.is === 'failed' && !isFulfilled(status)) {
      const errorMessage = standing.message;
      await say(slug, () => plane.tell(requestId, { state: 'failed', slug, ...whereabouts(status), errorMessage }));
    }
  }
}
