import { classify } from '../engine/errors.ts';
import type { Emit } from '../engine/events.ts';
import type { Issues } from '../forge/forge.ts';
import type { AgencyReport } from '../outcome.ts';
import type { Follower } from '../ports.ts';
import { escapeMarkdown, fenced } from '../report/markdown.ts';
import { planText } from '../report/plan-text.ts';
import { count } from '../report/text.ts';

const KEY = 'drift';
/** An issue takes 65,536 characters. */
const LONGEST = 60_000;

export interface DriftIssueOptions {
  readonly issues: Pick<Issues, 'ensure' | 'close'>;
  readonly emit: Emit;
  /** Where the run can be read. */
  readonly runUrl?: string;
}

/** Keeps one issue for all that moved by itself, and closes it once everything is as the manifests say. */
export function driftIssue({ issues, emit, runUrl }: DriftIssueOptions): Follower {
  return {
    begin: async () => undefined,
    event: () => undefined,
    end: async ({ agencies, error }) => {
      // What could not be looked at has not been found to be fine.
      if (error) return;
      const moved = agencies.filter(({ result }) => result === 'changes' || result === 'blocked');
      const isSure = agencies.every(({ result }) => result !== 'failed' && result !== 'waiting');
      try {
        if (moved.length > 0) await issues.ensure({ key: KEY, ...issueOf(moved, runUrl) });
        else if (isSure) await issues.close(KEY, 'Everything is as the manifests say again.');
      } catch (thrown) {
        emit({ type: 'notice', message: `the issue about drift was not kept: ${classify(thrown).message}` });
      }
    },
  };
}

function issueOf(moved: readonly AgencyReport[], runUrl: string | undefined) {
  const number = count(moved.length, 'agency', 'agencies');
  const head = [
    `At the vendors ${moved.length === 1 ? 'one agency is' : `${number} are`} not as recorded, although no manifest changed.`,
    'If somebody’s change is meant to stay, put it into the manifest. If not, run `apply` for these agencies: ' +
      `${moved.map(({ slug }) => escapeMarkdown(slug)).join(', ')}.`,
    ...(runUrl === undefined ? [] : [`Seen by ${runUrl}`]),
  ].join('\n\n');
  let body = head;
  let left = 0;
  for (const { slug, plan, error } of moved) {
    const what = plan
      ? fenced(planText({ agency: slug, changes: plan.changes }))
      : escapeMarkdown(error?.message ?? '');
    const more = `\n\n**${escapeMarkdown(slug)}**\n\n${what}`;
    if (body.length + more.length > LONGEST) left += 1;
    else body += more;
  }
  if (left > 0) body += `\n\nThe plans of ${left} more are in the log of the run.`;
  return { title: `Drift: ${number} moved at the vendors`, body };
}
