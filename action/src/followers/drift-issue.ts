import { classify } from '../engine/errors.ts';
import type { Emit } from '../engine/events.ts';
import type { Issues } from '../forge/forge.ts';
import { redact } from '../lib/redact.ts';
import type { AgencyReport } from '../outcome.ts';
import type { Follower } from '../ports.ts';
import { escapeMarkdown, fenced } from '../report/markdown.ts';
import { planText } from '../report/plan-text.ts';
import { count } from '../report/text.ts';

const KEY = 'drift';
/** An issue takes 65,536 characters. */
const LONGEST = 60_000;

/** How many are named in the text; the issue remembers all of them. */
const MOST_NAMED = 50;
const MEMORY = /<!-- moved: ([a-z0-9 -]*) -->/;

export interface DriftIssueOptions {
  readonly issues: Pick<Issues, 'open' | 'ensure' | 'close'>;
  readonly emit: Emit;
  /** Where the run can be read. */
  readonly runUrl?: string;
  /** The slugs of all agencies in the control room, as the run found it. */
  known(): ReadonlySet<string>;
}

/**
 * Keeps one issue for all that moved by itself, and closes it once everything is as the manifests say. A run looks only
 * at agencies that are not due, so one that the issue names stays named until it was looked at and found to be fine.
 */
export function driftIssue({ issues, emit, runUrl, known }: DriftIssueOptions): Follower {
  const keep = async (agencies: readonly AgencyReport[]) => {
    const open = (await issues.open()).find(({ key }) => key === KEY);
    const moved = agencies.filter(({ result }) => result === 'changes' || result === 'blocked');
    const fine = agencies.filter(({ result }) => result === 'unchanged' || result === 'done');
    const seen = new Set([...moved, ...fine].map(({ slug }) => slug));
    const left = rememberedIn(open?.body ?? '').filter((slug) => known().has(slug) && !seen.has(slug));
    if (moved.length > 0) await issues.ensure({ key: KEY, ...issueOf(moved, left, runUrl) });
    else if (open && left.length === 0) await issues.close(KEY, 'Everything is as the manifests say again.');
  };
  return {
    begin: async () => undefined,
    event: () => undefined,
    end: async ({ agencies, error }) => {
      // What could not be looked at has not been found to be fine.
      if (error) return;
      await keep(agencies).catch((thrown: unknown) => {
        emit({ type: 'notice', message: `the issue about drift was not kept: ${classify(thrown).message}` });
      });
    },
  };
}

function rememberedIn(body: string): string[] {
  return (MEMORY.exec(body)?.[1] ?? '').split(' ').filter((slug) => slug !== '');
}

function issueOf(moved: readonly AgencyReport[], unseen: readonly string[], runUrl: string | undefined) {
  const number = count(moved.length, 'agency', 'agencies');
  const head = [
    `At the vendors ${moved.length === 1 ? 'one agency is' : `${number} are`} not as recorded, although no manifest changed.`,
    'If somebody’s change is meant to stay, put it into the manifest. If not, run `apply` for these agencies: ' +
      `${named(moved.map(({ slug }) => slug))}.`,
    ...(unseen.length > 0 ? [`Moved before, and not looked at this time because they are due: ${named(unseen)}.`] : []),
    ...(runUrl === undefined ? [] : [`Seen by ${runUrl}`]),
    `<!-- moved: ${[...moved.map(({ slug }) => slug), ...unseen].join(' ')} -->`,
  ].join('\n\n');
  let body = head;
  let left = 0;
  for (const { slug, plan, error } of moved) {
    const what = plan
      ? fenced(redact(planText({ agency: slug, changes: plan.changes })))
      : escapeMarkdown(error?.message ?? '');
    const more = `\n\n**${escapeMarkdown(slug)}**\n\n${what}`;
    if (body.length + more.length > LONGEST) left += 1;
    else body += more;
  }
  if (left > 0) body += `\n\nThe plans of ${left} more are in the log of the run.`;
  return { title: `Drift: ${number} moved at the vendors`, body };
}

function named(slugs: readonly string[]): string {
  const shown = slugs.slice(0, MOST_NAMED).map(escapeMarkdown).join(', ');
  return slugs.length > MOST_NAMED ? `${shown} and ${slugs.length - MOST_NAMED} more` : shown;
}
