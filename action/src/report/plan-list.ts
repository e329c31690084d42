import type { Change } from '../engine/decide.ts';
import { escapeMarkdown } from '../lib/markdown.ts';
import { changeWords, planCounts, worthShowing } from './plan-text.ts';

/** A plan as a list in Markdown, in the words of `planText`: what is done with each resource, and with which settings. */
export function planList(changes: readonly Change[]): string {
  const items = worthShowing(changes).map(itemOf);
  return [`${planCounts(changes)}.`, ...(items.length > 0 ? [items.join('\n')] : [])].join('\n\n');
}

function itemOf(change: Change): string {
  const { address, kind } = change;
  const { what, settings, danger, because, remedy } = changeWords(change);
  const of = kind === address ? '' : ` (${escapeMarkdown(kind)})`;
  return [
    `- **${escapeMarkdown(address)}**${of}: ${escapeMarkdown(what)}`,
    ...[
      ...(danger === undefined ? [] : [`⚠️ ${danger}`]),
      ...settings.map(escapeMarkdown),
      ...(because === undefined ? [] : [escapeMarkdown(because)]),
      ...(remedy === undefined ? [] : [`Next: ${escapeMarkdown(remedy)}`]),
    ].map((line) => `  - ${line}`),
  ].join('\n');
}
