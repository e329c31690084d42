import { classify } from '../engine/errors.ts';
import type { Emit, RunResult, Stamped } from '../engine/events.ts';
import type { Check, Checks, Comments, Conclusion } from '../forge/forge.ts';
import type { Clock } from '../lib/clock.ts';
import type { RunReport } from '../outcome.ts';
import type { Follower } from '../ports.ts';
import { gantt } from '../report/gantt.ts';
import { escapeMarkdown, summaryMarkdown } from '../report/markdown.ts';
import { gather, headline } from '../report/summary.ts';
import { truncate } from '../report/text.ts';
import { summaryOf } from '../run.ts';
import { stepOf } from './onboarding.ts';
import { paced } from './paced.ts';

export const APPLY_MARKER = '<!-- agency-provisioner apply -->';
export const APPLY_CHECK = 'provisioner / apply';

/**
 * Between two edits, in the vendor's time. A run has a thousand requests an hour with the job's token and an edit takes
 * five, so the longer it lasts the rarer they get.
 */
const EDIT_GAP_MS = { least: 10_000, most: 60_000, share: 1 / 20 };
const MOST_ROWS = 100;
/** A check's summary takes 65,535 characters, a comment a few more. */
const LONGEST_BYTES = 50_000;
const UNDER_WAY = 'Applying:';
const [LONGEST_TITLE, REMEDY] = [250, ' Next: '];

export interface GithubProgressOptions {
  readonly comments: Comments;
  readonly checks: Checks;
  readonly clock: Clock;
  readonly emit: Emit;
  /** The pull request that the run came from. */
  readonly pull?: number;
  /** The commit that the check is about. */
  readonly sha: string;
  readonly runUrl: string;
}

/** Shows a run where people approved it: one comment on the pull request and one check on the commit, while it goes on. */
export function githubProgress(options: GithubProgressOptions): Follower {
  const { emit, clock, runUrl } = options;
  const events: Stamped[] = [];
  const gathering = gather();
  const rows = new Map<string, string>();
  const began = clock.elapsed();
  const gapMs = () =>
    Math.min(EDIT_GAP_MS.most, Math.max(EDIT_GAP_MS.least, (clock.elapsed() - began) * EDIT_GAP_MS.share));
  const edits = paced<undefined>(
    () => show(options, { title: 'Applying', body: underWay(rows, runUrl) }, undefined),
    gapMs,
    clock,
  );
  return {
    begin: async (agencies) => {
      for (const { slug } of agencies) rows.set(slug, 'waits its turn');
      // A run that finds nothing to do has nothing to show.
      if (agencies.length > 0) edits.tell(undefined);
    },
    event: (event) => {
      gathering.add(event);
      if (event.type === 'outcome') events.push(event);
      const row = rowOf(event);
      if (!row) return;
      rows.set(row.agency, row.text);
      edits.tell(undefined);
    },
    end: async (report) => {
      await edits.end();
      if (report.agencies.length === 0 && !report.error) return finishOthers(options).catch(emitting(emit));
      gathering.add({ type: 'run', ...summaryOf(report) });
      const summary = gathering.summary();
      const chart = gantt(events);
      const body = [summaryMarkdown(summary, LONGEST_BYTES), ...(chart ? [chart] : []), `[The run](<${runUrl}>)`];
      await show(options, { title: titleOf(headline(summary)), body: body.join('\n\n') }, conclusionOf(report)).catch(
        emitting(emit),
      );
    },
  };
}

/** An attempt that died without a word left things undecided; now everything is as it should be. */
async function finishOthers({ comments, checks, pull, sha, runUrl }: GithubProgressOptions): Promise<void> {
  const title = 'Done: nothing is left to do';
  const body = `### ${title}\n\nAn earlier attempt ended without its last word; this one found everything as it is wished. [The run](<${runUrl}>)`;
  await checks.finish({ sha, name: APPLY_CHECK, title, summary: body, conclusion: 'success' });
  if (pull !== undefined) await comments.ensure(pull, APPLY_MARKER, body, { instead: `### ${UNDER_WAY}` });
}

/** A check's title takes 255 characters: the cause is cut, so that the remedy stays. */
function titleOf(line: string): string {
  const at = line.lastIndexOf(REMEDY);
  if (at === -1) return truncate(line, LONGEST_TITLE);
  const remedy = truncate(line.slice(at), LONGEST_TITLE / 2);
  return `${truncate(line.slice(0, at), LONGEST_TITLE - remedy.length)}${remedy}`;
}

function rowOf(event: Stamped): { readonly agency: string; readonly text: string } | undefined {
  if (event.type === 'agency') return { agency: event.agency, text: event.result };
  const step = stepOf(event);
  return step !== undefined && 'agency' in event && event.agency !== undefined
    ? { agency: event.agency, text: step }
    : undefined;
}

function underWay(rows: ReadonlyMap<string, string>, runUrl: string): string {
  const shown = [...rows].slice(0, MOST_ROWS);
  const lines = shown.map(([slug, step]) => `| ${escapeMarkdown(slug)} | ${escapeMarkdown(step)} |`);
  const left = rows.size - shown.length;
  return [
    `### ${UNDER_WAY} [the run](<${runUrl}>) is under way`,
    ['| Agency | Now |', '|--|--|', ...lines].join('\n'),
    ...(left > 0 ? [`And ${left} more.`] : []),
  ].join('\n\n');
}

interface Page {
  readonly title: string;
  readonly body: string;
}

/** Neither keeps the other from being said. */
async function show(
  { comments, checks, pull, sha, emit }: GithubProgressOptions,
  { title, body }: Page,
  conclusion: Conclusion | undefined,
): Promise<void> {
  const check: Check = { sha, name: APPLY_CHECK, title, summary: body, ...(conclusion && { conclusion }) };
  await Promise.all([
    checks.ensure(check).catch(emitting(emit)),
    ...(pull === undefined ? [] : [comments.ensure(pull, APPLY_MARKER, body).catch(emitting(emit))]),
  ]);
}

/** Who looks on must not stop a run. */
function emitting(emit: Emit): (thrown: unknown) => void {
  return (thrown) => emit({ type: 'notice', message: `the pull request was not told: ${classify(thrown).message}` });
}

const CONCLUSIONS: Readonly<Record<RunResult, Conclusion>> = {
  done: 'success',
  changes: 'success',
  waiting: 'neutral',
  blocked: 'action_required',
  failed: 'failure',
};

function conclusionOf({ result }: RunReport): Conclusion {
  return CONCLUSIONS[result];
}
