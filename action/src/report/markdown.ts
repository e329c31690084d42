import { escapeMarkdown, fenced } from '../lib/markdown.ts';
import { planText } from './plan-text.ts';
import { type AgencySummary, headline, outcomeCounts, problemLine, RESULT_WORDS, type RunSummary } from './summary.ts';

export { escapeMarkdown, fenced };

/** The address as a link when it is one, and as text otherwise. */
export function link(url: string): string {
  if (!URL.canParse(url)) return escapeMarkdown(url);
  const { protocol, href, host, pathname } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') return escapeMarkdown(url);
  const shown = `${host}${pathname.replace(/\/$/, '')}`;
  return `[${escapeMarkdown(shown)}](<${href.replace(/[<>]/g, encodeURIComponent)}>)`;
}

/** A run as Markdown of at most `limit` UTF-8 bytes: the first line, a table, and each agency's plan folded away. */
export function summaryMarkdown(summary: RunSummary, limit: number): string {
  const { agencies, problems } = summary;
  const head = [`### ${escapeMarkdown(headline(summary))}`, ...problemList(problems), ...table(agencies)].join('\n\n');
  let text = cut(head, limit - 200);
  let left = 0;
  for (const agency of agencies) {
    const more = `\n\n${details(agency)}`;
    if (Buffer.byteLength(text) + Buffer.byteLength(more) > limit - 200) left += 1;
    else text += more;
  }
  return left === 0 ? `${text}\n` : `${text}\n\nThe plans of ${left} more agencies are in the log.\n`;
}

function problemList(problems: RunSummary['problems']): string[] {
  if (problems.length === 0) return [];
  return [problems.map((problem) => `- ${escapeMarkdown(problemLine(problem))}`).join('\n')];
}

function table(agencies: readonly AgencySummary[]): string[] {
  if (agencies.length === 0) return [];
  const rows = agencies.map(({ slug, result, outcomes, url, error }) => {
    const what = error ? `${error.message} Next: ${error.remedy}` : outcomeCounts(outcomes);
    const cells = [
      escapeMarkdown(slug),
      RESULT_WORDS[result],
      escapeMarkdown(what),
      url === undefined ? '' : link(url),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [['| Agency | Result | What | Address |', '|--|--|--|--|', ...rows].join('\n')];
}

function details({ slug, changes }: AgencySummary): string {
  const text = fenced(planText({ agency: slug, changes }));
  return `<details><summary>Plan of ${escapeMarkdown(slug)}</summary>\n\n${text}\n\n</details>`;
}

/** Cut at a line end, so that no entity, row or link is torn. */
function cut(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text;
  const head = Buffer.from(text).subarray(0, limit).toString('utf8');
  return `${head.slice(0, head.lastIndexOf('\n'))}\n\nThe rest is in the log.`;
}
