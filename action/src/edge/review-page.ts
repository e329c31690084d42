import { accessTo, composeRun } from '../compose.ts';
import { troubleOf } from '../engine/errors.ts';
import type { RunResult } from '../engine/events.ts';
import { hasChanges } from '../engine/plan.ts';
import { type ForgeEnvironment, readEnvironment } from '../environment.ts';
import type { RoomInput } from '../manifest/load.ts';
import type { AgencyReview, ReviewPage } from '../report/review.ts';
import { type ReviewedAgency, type RoomChange, review } from '../review.ts';
import { run } from '../run.ts';
import type { Hosting } from './hosting.ts';
import { changeOf, isForeign } from './room-change.ts';
import type { Task } from './task.ts';
import type { Trial } from './trial-merge.ts';

/** What merging the pull request would do to the branch as it is now, or what keeps it from being merged. */
export async function pageOf(
  task: Task,
  hosted: Hosting,
  environment: ForgeEnvironment,
  { pull, merge }: Trial,
): Promise<ReviewPage> {
  const { inputs, workflow } = task;
  const shared = {
    live: inputs.live,
    commit: pull.head.sha,
    ...(workflow && { runUrl: workflow.url }),
  };
  const nothing = { ...shared, agencies: [], problems: [] };
  if (!merge) return { ...nothing, refusal: CONFLICT };
  const { change, doubt, refusal } = await changeOf(hosted, pull, merge);
  if (!change) return { ...nothing, refusal };
  const { after } = change;
  const most = isForeign(pull, hosted.forge) ? LOOKUPS.foreign : LOOKUPS.own;
  const found = await reviewed(task, hosted, environment, change, most);
  const live = inputs.live ? await livePlans(task, after, found.agencies) : new Map<string, Partial<AgencyReview>>();
  const agencies = found.agencies.map((one) => ({ ...agencyReview(one), ...live.get(one.slug) }));
  const removed = found.removed.map((slug): AgencyReview => {
    return { slug, file: `agencies/${slug}.yaml`, displayName: '', change: 'removed', mails: [], warnings: [] };
  });
  return {
    ...shared,
    agencies: [...agencies, ...removed],
    problems: found.room.problems,
    ...(doubt && { doubt }),
  };
}

const CONFLICT = 'it conflicts with the branch. Resolve the conflict, and it is planned anew.';

/** Each costs a request that the token of the whole repository is short of, and a stranger may name as many as they like. */
const LOOKUPS = { own: 100, foreign: 20 };

async function reviewed(
  { here }: Task,
  { clock }: Hosting,
  environment: ForgeEnvironment,
  change: RoomChange,
  most: number,
) {
  const { atMost, githubRevisions } = await import('../forge/revisions.ts');
  const policy = { clock, signal: here.signal, ...(here.fetch && { fetch: here.fetch }) };
  return review(change, {
    revisions: atMost(most, githubRevisions(accessTo(environment), policy)),
    clock,
    signal: here.signal,
  });
}

/** The same agencies with what is there at the vendors, by the one way that plans are made. */
async function livePlans({ variables, here }: Task, after: RoomInput, touched: readonly ReviewedAgency[]) {
  const closed = async (): Promise<never> => Promise.reject(new TypeError('a plan takes no lease'));
  const ports = await composeRun(here, readEnvironment(variables), {
    load: async () => after,
    lease: closed,
    recorder: { save: closed, flush: async () => undefined },
    revision: () => undefined,
  });
  const slugs = touched.map(({ slug }) => slug);
  if (slugs.length === 0) return new Map<string, Partial<AgencyReview>>();
  const { agencies, error } = await run({ mode: 'plan', agencies: slugs }, ports);
  if (error) throw error;
  return new Map(
    agencies.map(({ slug, plan, error: own }): [string, Partial<AgencyReview>] => [
      slug,
      { ...(plan && { plan }), ...(own && { error: troubleOf(own) }) },
    ]),
  );
}

function agencyReview({ slug, file, agency, isNew, plan, error, unresolved }: ReviewedAgency): AgencyReview {
  const { displayName, owner } = agency.target;
  const welcome = plan?.changes.some(({ kind, action }) => kind === 'resend.welcome' && action === 'create') ?? false;
  return {
    slug,
    file,
    displayName,
    change: isNew ? 'new' : 'changed',
    ...(plan && { plan }),
    mails: welcome ? [{ to: owner.email, what: 'the welcome mail, with address, login and first password' }] : [],
    warnings: unresolved
      ? [`The commit of its app is not known, so its ref stands in the plan: ${unresolved.message}`]
      : [],
    ...(error && { error: troubleOf(error) }),
  };
}

export function verdictOf({ agencies, problems, refusal, doubt }: ReviewPage): RunResult {
  if (problems.length > 0 || refusal !== undefined) return 'failed';
  if (doubt !== undefined) return 'blocked';
  const isBlocked = agencies.some(
    ({ error, plan }) => error !== undefined || plan?.changes.some(({ action }) => action === 'blocked'),
  );
  if (isBlocked) return 'blocked';
  return agencies.some(({ plan, change }) => change === 'removed' || (plan && hasChanges(plan))) ? 'changes' : 'done';
}
