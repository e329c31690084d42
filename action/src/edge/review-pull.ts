import { classify, type Trouble, troubleOf } from '../engine/errors.ts';
import type { RunResult } from '../engine/events.ts';
import { readForgeEnvironment } from '../environment.ts';
import type { Forge, PullRequest } from '../forge/forge.ts';
import { escapeMarkdown } from '../lib/markdown.ts';
import { inert } from '../report/actions.ts';
import { redacted } from '../report/reporter.ts';
import { type ReviewPage, reviewAnnotations, reviewHeadline } from '../report/review.ts';
import { reviewMarkdown } from '../report/review-markdown.ts';
import { hosting } from './hosting.ts';
import { pageOf, verdictOf } from './review-page.ts';
import type { Task } from './task.ts';
import { pullOf, trialOf } from './trial-merge.ts';

export const PLAN_MARKER = '<!-- agency-provisioner plan -->';
export const PLAN_CHECK = 'provisioner / plan';

/** A step shows ten annotations; a check takes fifty a request. */
const [ANNOTATIONS, IN_CHECK] = [10, 100];

/**
 * Says on a pull request what merging it would do. Its files are data that come through the API: nothing of it is run,
 * and no secret is near, unless it is asked to look at the vendors. Where the run is none of the pull request's own it is
 * green once that was said, and no run is green that should have said it and could not.
 */
export async function reviewPull(task: Task): Promise<RunResult> {
  const { inputs, variables, workflow, here } = task;
  const environment = readForgeEnvironment(variables);
  const hosted = await hosting(here, { environment, workflow });
  const pull = await pullOf(task, hosted);
  if (!pull) return conclude(task, 'done', 'Done: no open pull request has this commit at its head.', '');
  const { branch } = hosted;
  if (pull.base.ref !== branch) {
    return conclude(task, 'done', `Done: it is not to be merged into ${branch}, so merging it changes no agency.`, '');
  }
  const trial = await trialOf(pull, hosted, task);
  // Before anything is escaped: a secret in pieces would be known by nobody.
  const page = redacted(await pageOf(task, hosted, environment, trial)) as ReviewPage;
  const { comment, whole } = reviewMarkdown(page);
  const headline = reviewHeadline(page);
  for (const { path, startLine, message } of reviewAnnotations(page.problems.slice(0, ANNOTATIONS))) {
    task.job.annotate(message, { title: 'Control room', file: path, startLine });
  }
  const unsaid = inputs.comment ? await say(hosted.forge, pull, page, comment) : undefined;
  if (unsaid) {
    const why = `The plan was not written to the pull request: ${unsaid.message}. Next: ${unsaid.remedy}`;
    return conclude(task, 'failed', why, `${escapeMarkdown(why)}\n\n${whole}`);
  }
  const result = conclude(task, verdictOf(page), headline, whole);
  return typeof inputs.pull === 'object' ? 'done' : result;
}

/** Writes it there as a comment and a check, or gives what kept it from that. */
async function say(forge: Forge, pull: PullRequest, page: ReviewPage, comment: string): Promise<Trouble | undefined> {
  const { agencies, problems, refusal, doubt } = page;
  const isQuiet = agencies.length + problems.length === 0 && refusal === undefined && doubt === undefined;
  const result = verdictOf(page);
  try {
    await forge.comments.ensure(pull.number, PLAN_MARKER, comment, isQuiet ? 'if-there' : 'always');
    await forge.checks.ensure({
      sha: page.commit,
      name: PLAN_CHECK,
      conclusion: result === 'failed' ? 'failure' : result === 'blocked' ? 'action_required' : 'success',
      title: reviewHeadline(page),
      summary: comment,
      annotations: reviewAnnotations(problems.slice(0, IN_CHECK)),
    });
    return undefined;
  } catch (thrown) {
    return troubleOf(classify(thrown));
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
