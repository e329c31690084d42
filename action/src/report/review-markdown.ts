import { escapeMarkdown } from '../lib/markdown.ts';
import type { Problem } from '../manifest/problem.ts';
import { type Costs, costsOf, costsText, total } from './costs.ts';
import { graph } from './graph.ts';
import { planList } from './plan-list.ts';
import { planCounts } from './plan-text.ts';
import { type AgencyReview, type ReviewPage, reviewHeadline } from './review.ts';
import { problemLine } from './summary.ts';
import { count } from './text.ts';

/**
 * GitHub takes 65,536 characters for a comment, and a megabyte for the page of a run. Counted in bytes of what is sent:
 * escaped, a sign is up to thirteen.
 */
const COMMENT: Place = { limit: 59_000, rest: 'in the summary of the run' };
const WHOLE: Place = { limit: 900_000, rest: 'for which there is no room here' };

interface Place {
  readonly limit: number;
  /** Where the rest is, as it is said of it. */
  readonly rest: string;
}

/** How much of the page each part of its head may take; the details of agencies have what is left. */
const SHARES = { problems: 0.35, rows: 0.4 };

/** The same for the pull request, within what a comment may hold, and for the page of the run. */
export function reviewMarkdown(review: ReviewPage): { readonly comment: string; readonly whole: string } {
  return { comment: within(COMMENT, review), whole: within(WHOLE, review) };
}

/** Details are left out from the longest on, so that most agencies are shown whole; nothing is ever cut in its middle. */
function within(place: Place, review: ReviewPage): string {
  const head = headOf(review, place);
  const foot = footOf(review);
  const details = review.agencies.map((agency) => detailsOf(agency));
  const lengths = details.map(lengthOf);
  let room = place.limit - lengthOf(head) - lengthOf(foot) - 200;
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
    ...(left > 0 ? [`And the details of ${left} more, ${place.rest}.`] : []),
    foot,
  ].join('\n\n');
}

function headOf(review: ReviewPage, { limit, rest }: Place): string {
  const { agencies, problems } = review;
  const costs = costsText(total(agencies.map(costsIn)));
  return [
    `### ${escapeMarkdown(short(reviewHeadline(review)))}`,
    ...problemList(problems, limit * SHARES.problems, rest),
    ...table(agencies, limit * SHARES.rows, rest),
    ...(costs === '' ? [] : [`**Estimate:** ${escapeMarkdown(costs)}`]),
  ].join('\n\n');
}

function problemList(problems: readonly Problem[], room: number, rest: string): string[] {
  const lines = problems.map((one) => `- ${escapeMarkdown(short(problemLine({ type: 'problem', ...one })))}`);
  const shown = fitting(lines, room);
  return [shown.join('\n'), more(lines.length - shown.length, rest, 'problem')].filter((text) => text !== '');
}

const CHANGES: Readonly<Record<AgencyReview['change'], string>> = {
  new: 'new',
  changed: 'changed',
  removed: 'manifest removed',
};

function table(agencies: readonly AgencyReview[], room: number, rest: string): string[] {
  if (agencies.length === 0) return [];
  const rows = agencies.map((agency) => {
    const { slug, displayName, change, plan, mails, error } = agency;
    const what = error ? `blocked: ${error.message}` : plan ? planCounts(plan.changes) : 'nothing is left of it';
    const to = mails.map((one) => one.to).join(', ');
    return `| ${[slug, short(displayName, 60), CHANGES[change], short(what), short(to, 100)].map(escapeMarkdown).join(' | ')} |`;
  });
  const shown = fitting(rows, room);
  const text = ['| Agency | Name | | Would be done | Mailed to |', '|--|--|--|--|--|', ...shown].join('\n');
  return [text, more(rows.length - shown.length, rest, 'agency', 'agencies')].filter((part) => part !== '');
}

/** As many of the first as there is room for. */
function fitting(lines: readonly string[], room: number): readonly string[] {
  let taken = 0;
  const end = lines.findIndex((line) => {
    taken += lengthOf(line);
    return taken > room;
  });
  return end < 0 ? lines : lines.slice(0, end);
}

/** In bytes, with the blank line that parts it from the next. */
function lengthOf(text: string): number {
  return Buffer.byteLength(text) + 2;
}

function more(left: number, rest: string, one: string, many = `${one}s`): string {
  return left > 0 ? `And ${count(left, `more ${one}`, `more ${many}`)}, ${rest}.` : '';
}

function detailsOf(agency: AgencyReview): string {
  const { slug, plan, mails, warnings, error } = agency;
  const costs = costsText(costsIn(agency));
  const parts = [
    ...(error ? [`${escapeMarkdown(short(error.message))} ${escapeMarkdown(short(error.remedy))}`] : []),
    ...warnings.map(warning),
    ...(plan ? [planList(plan.changes)] : []),
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

/** By signs: half of one is no text. */
function short(text: string, length = 500): string {
  const signs = [...text];
  return signs.length <= length ? text : `${signs.slice(0, length).join('')}…`;
}
