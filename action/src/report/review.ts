import type { Trouble } from '../engine/errors.ts';
import type { Plan } from '../engine/plan.ts';
import { escapeMarkdown, fenced } from '../lib/markdown.ts';
import type { Problem } from '../manifest/problem.ts';
import { type Costs, costsOf, costsText, total } from './costs.ts';
import { graph } from './graph.ts';
import { planCounts, planText } from './plan-text.ts';
import { problemLine } from './summary.ts';
import { count } from './text.ts';

/** What a change would do to one agency. */
export interface AgencyReview {
  readonly slug: string;
  readonly file: string;
  readonly displayName: string;
  readonly change: 'new' | 'changed' | 'removed';
  readonly plan?: Plan;
  /** Who would be mailed what. */
  readonly mails: readonly { readonly to: string; readonly what: string }[];
  readonly warnings: readonly string[];
  readonly error?: Trouble;
}

/** What merging a change would do. */
export interface ReviewPage {
  readonly agencies: readonly AgencyReview[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
  /** Why the whole of it cannot be planned, and what to do: what completes "it cannot be merged as it is: …". */
  readonly refusal?: string;
  /** Whether the vendors were looked at. */
  readonly live: boolean;
  /** The commit that was looked at. */
  readonly commit: string;
  readonly runUrl?: string;
}

/** GitHub takes 65,536 characters for a comment, and a megabyte for the page of a run. */
const [COMMENT, WHOLE] = [60_000, 900_000];
const MOST_ROWS = 200;
const MOST_PROBLEMS = 50;

/** The same for the pull request, within what a comment may hold, and for the page of the run. */
export function reviewMarkdown(review: ReviewPage): { readonly comment: string; readonly whole: string } {
  return { comment: within(COMMENT, review), whole: within(WHOLE, review) };
}

/** One sentence: what merging would do, or what keeps it from being done. */
export function reviewHeadline({ agencies, problems, refusal }: ReviewPage): string {
  if (refusal !== undefined) return `Not to be merged as it is: ${refusal}`;
  const [first, ...others] = problems;
  if (first) {
    const more = others.length > 0 ? ` (and ${count(others.length, 'more problem')})` : '';
    return `Not to be merged as it is: ${problemLine({ type: 'problem', ...first })}${more}`;
  }
  const blocked = agencies.find(({ error, plan }) => error || plan?.changes.some(({ action }) => action === 'blocked'));
  if (blocked) {
    const trouble = blocked.error ?? blocked.plan?.changes.find(({ action }) => action === 'blocked');
    const why = trouble && 'message' in trouble ? trouble.message : trouble?.because;
    return `Merging would not bring ${blocked.slug} to its end: ${why}. Next: ${trouble?.remedy}`;
  }
  if (agencies.length === 0) return 'Merging changes nothing for any agency.';
  const of = (change: AgencyReview['change']) => agencies.filter((one) => one.change === change).length;
  const parts = [
    ...(of('new') > 0 ? [`makes ${count(of('new'), 'new agency', 'new agencies')}`] : []),
    ...(of('changed') > 0 ? [`changes ${count(of('changed'), 'agency', 'agencies')}`] : []),
    ...(of('removed') > 0 ? [`takes ${count(of('removed'), 'manifest')} away, of which nothing is left`] : []),
  ];
  const dangers = agencies.filter(isDangerous).length;
  return `Merging ${parts.join(', ')}${dangers > 0 ? `, and something about ${dangers} of them is dangerous` : ''}.`;
}

function isDangerous({ plan }: AgencyReview): boolean {
  return plan?.changes.some(({ danger }) => danger !== 'none') ?? false;
}

/** Details are left out from the longest on, so that most agencies are shown whole; nothing is ever cut in its middle. */
function within(limit: number, review: ReviewPage): string {
  const head = headOf(review);
  const foot = footOf(review);
  const details = review.agencies.map((agency) => detailsOf(agency));
  const lengths = details.map(({ length }) => length + 2);
  let room = limit - head.length - foot.length - 200;
  const shown = new Set<number>();
  for (const at of lengths.map((_, index) => index).toSorted((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0))) {
    const length = lengths[at] ?? 0;
    if (length > room) break;
    room -= length;
    shown.add(at);
  }
  const left = details.length - shown.size;
  return [
    head,
    ...details.filter((_, at) => shown.has(at)),
    ...(left > 0 ? [`The details of ${left} more are in the summary of the run.`] : []),
    foot,
  ].join('\n\n');
}

function headOf(review: ReviewPage): string {
  const { agencies, problems, warnings } = review;
  const costs = costsText(total(agencies.map(costsIn)));
  return [
    `### ${escapeMarkdown(short(reviewHeadline(review)))}`,
    ...problemList(problems),
    ...table(agencies),
    ...(costs === '' ? [] : [`**Estimate:** ${escapeMarkdown(costs)}`]),
    ...warnings.slice(0, MOST_PROBLEMS).map(warning),
  ].join('\n\n');
}

function problemList(problems: readonly Problem[]): string[] {
  if (problems.length === 0) return [];
  const lines = problems.slice(0, MOST_PROBLEMS).map((one) => {
    return `- ${escapeMarkdown(short(problemLine({ type: 'problem', ...one })))}`;
  });
  const left = problems.length - lines.length;
  return [[...lines, ...(left > 0 ? [`- and ${left} more`] : [])].join('\n')];
}

const CHANGES: Readonly<Record<AgencyReview['change'], string>> = {
  new: 'new',
  changed: 'changed',
  removed: 'manifest removed',
};

function table(agencies: readonly AgencyReview[]): string[] {
  if (agencies.length === 0) return [];
  const rows = agencies.slice(0, MOST_ROWS).map((agency) => {
    const { slug, displayName, change, plan, mails, error } = agency;
    const what = error ? `blocked: ${error.message}` : plan ? planCounts(plan.changes) : 'nothing is left of it';
    const to = mails.map((one) => one.to).join(', ');
    return `| ${[slug, short(displayName, 60), CHANGES[change], short(what), short(to, 100)].map(escapeMarkdown).join(' | ')} |`;
  });
  const left = agencies.length - rows.length;
  const text = ['| Agency | Name | | Would be done | Mailed to |', '|--|--|--|--|--|', ...rows].join('\n');
  return [text, ...(left > 0 ? [`And ${count(left, 'more agency', 'more agencies')}.`] : [])];
}

function detailsOf(agency: AgencyReview): string {
  const { slug, plan, mails, warnings, error } = agency;
  const costs = costsText(costsIn(agency));
  const parts = [
    ...(error ? [`${escapeMarkdown(short(error.message))} ${escapeMarkdown(short(error.remedy))}`] : []),
    ...warnings.map(warning),
    ...(plan ? [fenced(planText({ agency: slug, changes: plan.changes }))] : []),
    ...mails.map(({ to, what }) => `Mailed to ${escapeMarkdown(short(to))}: ${escapeMarkdown(what)}.`),
    ...(costs === '' ? [] : [`Estimate: ${escapeMarkdown(costs)}`]),
    ...(plan ? [graph(plan.changes)] : []),
  ];
  return `<details><summary>${escapeMarkdown(slug)}</summary>\n\n${parts.join('\n\n')}\n\n</details>`;
}

function footOf({ live, commit, runUrl }: ReviewPage): string {
  const by = live ? 'with what is there at the vendors' : 'with what is recorded, without looking at the vendors';
  const where = runUrl === undefined ? '' : ` · [run](<${runUrl}>)`;
  return `<sub>Compared ${by} · ${escapeMarkdown(commit.slice(0, 12))}${where}</sub>`;
}

function costsIn({ plan }: AgencyReview): Costs {
  return costsOf(plan?.changes ?? []);
}

function warning(text: string): string {
  return `⚠️ ${escapeMarkdown(short(text))}`;
}

function short(text: string, length = 500): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}

/** A remark on a line of a file, as a check shows it. */
export function reviewAnnotations(problems: readonly Problem[]) {
  return problems.map(({ file, line, message, remedy }) => ({
    path: file,
    startLine: line,
    endLine: line,
    level: 'failure' as const,
    title: 'Control room',
    message: `${message}\n${remedy}`,
  }));
}
