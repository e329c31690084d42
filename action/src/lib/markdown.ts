import { oneLine } from './one-line.ts';

/** Everything that Markdown, HTML or GitHub (mentions, issue numbers, emoji, formulas) would give a meaning. */
const SPECIAL = /[\\`*_{}[\]()<>#+\-.!|~&@:$"'^=]/g;

/** Foreign text as one line that shows as it is, in running text and in table cells. */
export function escapeMarkdown(text: string): string {
  return oneLine(text).replace(SPECIAL, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** A text between fences that it cannot close. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}
