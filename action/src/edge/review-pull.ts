import { accessTo, composeRun } from '../compose.ts';
import { classify, ManifestError, WaitingError } from '../engine/errors.ts';
import type { RunResult } from '../engine/events.ts';
import { hasChanges } from '../engine/plan.ts';
import { type ForgeEnvironment, readEnvironment, readForgeEnvironment } from '../environment.ts';
import type { Forge, PullRequest } from '../forge/forge.ts';
import type { RoomInput } from '../manifest/load.ts';
import { inert } from '../report/actions.ts';
import { redacted } from '../report/reporter.ts';
import {
  type AgencyReview,
  type ReviewPage,
  reviewAnnotations,
  reviewHeadline,
  reviewMarkdown,
} from '../report/review.ts';
import { type ReviewedAgency, type RoomChange, review } from '../review.ts';
import { run } from '../run.ts';
import { type Hosting, hosting } from './hosting.ts';
import { roomBefore } from './reviewed.ts';
import type { Task } from './task.ts';

export const PLAN_MARKER = '<!-- agency-provisioner plan -->';
export const PLAN_CHECK = 'provisioner / plan';

/** GitHub finds out within seconds whether a pull request can be merged, once it is asked. */
const [LOOKS, APART_MS] = [12, 3_000];
const ANNOTATIONS = 10;

/**
 * Says on a pull request what merging it would do. Its files are data that come through the API: nothing of it is run,
 * and no secret is near, unless it is asked to look at the vendors. Green once it was said, where the run is none of the
 * pull request's own.
 */
export async function reviewPull(task: Task): Promise<RunResult> {
  const { inputs, variables, workflow, here } = task;
  const environment = readForgeEnvironment(variables);
  const hosted = await hosting(here, { environment, workflow });
  const pull = await pullOf(task, hosted);
  if (!pull) return conclude(task, 'done', 'Done: no open pull request has this commit at its head.', '');
  // Before anything is escaped: a secret in pieces would be known by nobody.
  const page = redacted(await pageOf(task, hosted, environment, pull)) as ReviewPage;
  const { comment, whole } = reviewMarkdown(page);
  const headline = reviewHeadline(page);
  for (const { path, startLine, message } of reviewAnnotations(page.problems).slice(0, ANNOTATIONS)) {
    task.job.annotate(message, { title: 'Control room', file: path, startLine });
  }
  const isSaid = !inputs.comment || (await say(task, hosted.forge, pull, page, comment));
  const result = verdictOf(page);
  conclude(task, result, headline, whole);
  const isElsewhere = typeof inputs.pull === 'object';
  return isElsewhere ? (isSaid ? 'done' : 'failed') : result;
}

async function pullOf({ inputs: { pull } }: Task, { forge }: Hosting): Promise<PullRequest | undefined> {
  if (typeof pull === 'number') return forge.pulls.read(pull);
  const open = await forge.pulls.open();
  const found = open.find(({ head }) => head.sha === pull?.head);
  return found && forge.pulls.read(found.number);
}

async function pageOf(
  task: Task,
  hosted: Hosting,
  environment: ForgeEnvironment,
  pull: PullRequest,
): Promise<ReviewPage> {
  const { inputs, workflow } = task;
  const { head, mergeCommit } = await settled(pull, hosted, task);
  const shared = {
    live: inputs.live,
    commit: head.sha,
    ...(workflow && { runUrl: workflow.url }),
  };
  if (mergeCommit === undefined) return { ...shared, agencies: [], problems: [], warnings: [CONFLICT] };
  const { git } = hosted.forge;
  const [base = ''] = (await git.commit(mergeCommit)).parents;
  const { room } = hosted.room;
  const [before, after] = await Promise.all([roomBefore(room, base, 'recorded'), room.at(mergeCommit, 'recorded')]);
  const found = await reviewed(task, hosted, environment, { before, after });
  const live = inputs.live ? await livePlans(task, after, found.agencies) : new Map<string, Partial<AgencyReview>>();
  const agencies = found.agencies.map((one) => ({ ...agencyReview(one), ...live.get(one.slug) }));
  const removed = found.removed.map((slug): AgencyReview => {
    return { slug, file: `agencies/${slug}.yaml`, displayName: '', change: 'removed', mails: [], warnings: [] };
  });
  return { ...shared, agencies: [...agencies, ...removed], problems: found.room.problems, warnings: [] };
}

const CONFLICT =
  'This pull request cannot be merged as it is: it conflicts with the branch. Resolve the conflict, and it is planned anew.';

async function settled(pull: PullRequest, { forge, clock }: Hosting, { here }: Task): Promise<PullRequest> {
  let seen = pull;
  for (let look = 1; seen.mergeable === undefined && seen.state === 'open'; look += 1) {
    if (look > LOOKS) {
      throw new WaitingError(
        `GitHub does not say whether pull request #${pull.number} can be merged`,
        'Run it again in a minute.',
      );
    }
    await clock.sleep(APART_MS, here.signal);
    seen = await forge.pulls.read(pull.number);
  }
  if (seen.state === 'open') return seen;
  throw new ManifestError(`pull request #${pull.number} is closed`, 'What was merged is planned and applied by apply.');
}

async function reviewed({ here }: Task, { clock }: Hosting, environment: ForgeEnvironment, change: RoomChange) {
  const { githubRevisions } = await import('../forge/revisions.ts');
  const policy = { clock, signal: here.signal, ...(here.fetch && { fetch: here.fetch }) };
  return review(change, {
    revisions: githubRevisions(accessTo(environment), policy),
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
      { ...(plan && { plan }), ...(own && { error: own }) },
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
    ...(error && { error }),
  };
}

function verdictOf({ agencies, problems, warnings }: ReviewPage): RunResult {
  if (problems.length > 0 || warnings.includes(CONFLICT)) return 'failed';
  const isBlocked = agencies.some(
    ({ error, plan }) => error !== undefined || plan?.changes.some(({ action }) => action === 'blocked'),
  );
  if (isBlocked) return 'blocked';
  return agencies.some(({ plan, change }) => change === 'removed' || (plan && hasChanges(plan))) ? 'changes' : 'done';
}

/** Whether it stands on the pull request now. A token that may not is no fault of the pull request. */
async function say({ here }: Task, forge: Forge, pull: PullRequest, page: ReviewPage, comment: string) {
  const { agencies, problems, warnings } = page;
  const isQuiet = agencies.length + problems.length + warnings.length === 0;
  const result = verdictOf(page);
  try {
    await forge.comments.ensure(pull.number, PLAN_MARKER, comment, isQuiet ? 'if-there' : 'always');
    await forge.checks.ensure({
      sha: pull.head.sha,
      name: PLAN_CHECK,
      conclusion: result === 'failed' ? 'failure' : result === 'blocked' ? 'action_required' : 'success',
      title: reviewHeadline(page),
      summary: comment,
      annotations: reviewAnnotations(problems),
    });
    return true;
  } catch (thrown) {
    here.emit({ type: 'notice', message: `the plan was not written to the pull request: ${classify(thrown).message}` });
    return false;
  }
}

function conclude({ job }: Task, result: RunResult, headline: string, markdown: string): RunResult {
  job.log(inert(`${headline}\n`));
  job.summarize(markdown === '' ? `${headline}\n` : markdown);
  job.setOutput('changed', String(result === 'changes'));
  job.setOutput('result', result);
  job.setOutput('summary', headline);
  return result;
}
