import type { Stamped } from '../engine/events.ts';

type Outcome = Extract<Stamped, { type: 'outcome' }>;

/** More bars than this help nobody, and GitHub draws no more. */
const MOST_BARS = 120;

/** What took how long, agency by agency, as a mermaid gantt; nothing when nothing took any time. */
export function gantt(events: readonly Stamped[]): string | undefined {
  const bars = events.filter((event): event is Outcome => event.type === 'outcome' && event.ms > 0);
  if (bars.length === 0) return undefined;
  const spans = bars.map((bar) => {
    const end = Date.parse(bar.at);
    return { bar, end, start: end - bar.ms };
  });
  const zero = Math.min(...spans.map(({ start }) => start));
  const shown = spans.toSorted((a, b) => a.start - b.start).slice(0, MOST_BARS);
  const agencies = [...new Set(shown.map(({ bar }) => bar.agency))];
  const lines = agencies.flatMap((agency) => [
    `  section ${label(agency)}`,
    ...shown
      .filter(({ bar }) => bar.agency === agency)
      .map(({ bar, start, end }) => {
        const look = bar.outcome === 'failed' || bar.outcome === 'blocked' ? 'crit, ' : '';
        return `  ${label(bar.address)} :${look}${Math.round(start - zero)}, ${Math.max(1, Math.round(end - zero))}`;
      }),
  ]);
  return ['```mermaid', 'gantt', '  dateFormat x', '  axisFormat %M:%S', ...lines, '```'].join('\n');
}

/** Of slugs and addresses only what has no meaning to mermaid. */
function label(text: string): string {
  return text.replace(/[^\w .-]/g, '');
}
