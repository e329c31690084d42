import { oneLine } from './one-line.ts';

/** Everything that Markdown, HTML or GitHub (mentions, issue numbers, emoji, formulas) would give a meaning. */
const SPECIAL = /[\\`*_{}[\]()<>#+\-.!|~&@:$"'^=]/g;

/**
 * Mentions, references to issues, and emoji are looked for after entities were resolved, so that an escaped sign still
 * has its meaning (https://github.com/github/cmark-gfm/issues/181): only what is parted from its name has none.
 */
const FOUND_LATER = /(?<!\w)@(?=[a-z0-9])|#(?=\d)|\bGH(?=-\d)|:(?=(?:[\w+-]{0,40}[a-z+-][\w+-]{0,40}|100|1234):)/gi;
/** Comes to nothing on the page, and cannot stand in one line of text. */
const [GAP, MARK] = ['<!-- -->', '\0'];

/** Foreign text as one line that shows as it is, in running text and in table cells. */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replace(FOUND_LATER, (sign) => sign + MARK)
    .replace(SPECIAL, (sign) => `&#${sign.charCodeAt(0)};`)
    .replaceAll(MARK, GAP);
}

/** A text between fences that it cannot close. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}
