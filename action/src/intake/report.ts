import type { Trouble } from '../engine/errors.ts';
import { escapeMarkdown } from '../lib/markdown.ts';
import { oneLine } from '../lib/one-line.ts';
import { redact } from '../lib/redact.ts';
import type { IntakeOutcome } from './run-intake.ts';

/** The page of a run holds a megabyte. */
const MOST_ROWS = 500;

const WORDS: Readonly<Record<IntakeOutcome['state'], string>> = {
  opened: 'its pull request was opened',
  open: 'its pull request is open already',
  merged: 'its pull request was merged already',
  declined: 'its pull request was closed without being merged: declined',
  failed: 'failed',
};

/** One request as a line of the log. */
export function lineOf({ request, state, slug, url, error }: IntakeOutcome): string {
  const agency = slug === undefined ? '' : ` (${slug})`;
  const what = error ? sentence(error) : WORDS[state];
  return oneLine(redact(`request ${request}${agency}: ${what}${url === undefined ? '' : ` · ${url}`}`));
}

/** The first line of all that is said: the first failure with its remedy, or what was achieved. */
export function headlineOf(outcomes: readonly IntakeOutcome[]): string {
  const failures = outcomes.filter(({ error }) => error !== undefined);
  const [first] = failures;
  if (first) {
    const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : '';
    return `Failed: ${lineOf(first)}${more}`;
  }
  if (outcomes.length === 0) return 'Done: no request waits for a pull request.';
  const opened = outcomes.filter((outcome) => outcome.opened).length;
  const rest = outcomes.length - opened;
  return `Done: ${opened} pull ${opened === 1 ? 'request' : 'requests'} opened, ${rest} settled before.`;
}

/** The same with a table of all requests. */
export function intakeMarkdown(outcomes: readonly IntakeOutcome[]): string {
  const head = `### ${escapeMarkdown(headlineOf(outcomes))}\n`;
  if (outcomes.length === 0) return head;
  const rows = outcomes.slice(0, MOST_ROWS).map(({ request, state, slug = '', url, error }) => {
    const what = error ? redact(sentence(error)) : WORDS[state];
    return `| ${[request, slug, what].map(escapeMarkdown).join(' | ')} | ${url === undefined ? '' : linked(url)} |`;
  });
  const left = outcomes.length - rows.length;
  const more = left > 0 ? `\n${left} more requests are in the log.\n` : '';
  return `${head}\n${['| Request | Agency | What | Pull request |', '|--|--|--|--|', ...rows].join('\n')}\n${more}`;
}

/** GitHub gives pull requests their number at the end of their address. */
function linked(url: string): string {
  const name = /\/(\d+)$/.exec(url)?.[1];
  return `[${name === undefined ? 'open' : `#${name}`}](<${url.replace(/[<>\s]/g, encodeURIComponent)}>)`;
}

function sentence({ message, remedy }: Trouble): string {
  return `${message}${/[.!?]$/.test(message) ? '' : '.'} Next: ${remedy}`;
}
