import { type Condition, restIn } from '../engine/conditions.ts';
import { oneLine } from '../lib/one-line.ts';
import { pad, truncate, widthOf } from './text.ts';

/** What is known of one agency without asking anybody. */
export interface Standing {
  readonly slug: string;
  readonly conditions: readonly Condition[];
  readonly outputs: Readonly<Record<string, string>>;
  /** Why the next run would work on it; `undefined` when nothing is left to do. */
  readonly due: string | undefined;
  /** What is wrong with its manifest, each with its place. */
  readonly problems: readonly string[];
}

const HEADS = ['AGENCY', 'READY', 'NOTIFIED', 'SCHEMA', 'APP', 'ADDRESS', 'NEXT'] as const;

/** All agencies as a table that fits `width` columns; the last column takes what is left. */
export function statusTable(standings: readonly Standing[], width: number): string {
  if (standings.length === 0) return 'There is no agency yet: npm run provision -- new <slug> --name … --owner …\n';
  const rows = [HEADS as readonly string[], ...standings.map(rowOf)];
  const columns = HEADS.map((_, index) => Math.max(...rows.map((row) => widthOf(row[index] ?? ''))));
  const lines = rows.map((row) => row.map((cell, index) => pad(cell, columns[index] ?? 0)).join('  '));
  return `${lines.map((line) => truncate(line.trimEnd(), Math.max(40, width))).join('\n')}\n`;
}

function rowOf({ slug, conditions, outputs, due, problems }: Standing): string[] {
  // A broken manifest may have a status that cannot be read, and what runs must not look as if nothing were there.
  const isUnread = problems.length > 0 && conditions.length === 0;
  const [no, none] = isUnread ? ['?', '?'] : ['no', '-'];
  return [
    oneLine(slug),
    short(conditions, 'Ready', no),
    short(conditions, 'Notified', no),
    oneLine(outputs.schemaVersion ?? none),
    oneLine(outputs.appRevision?.slice(0, 7) ?? none),
    oneLine(outputs.instanceUrl ?? none),
    next(conditions, due, problems),
  ];
}

/** `absent` is for a condition that is not there. */
function short(conditions: readonly Condition[], type: Condition['type'], absent: string): string {
  const status = conditions.find((condition) => condition.type === type)?.status;
  return status === undefined ? absent : { True: 'yes', False: 'no', Unknown: '…' }[status];
}

function next(conditions: readonly Condition[], due: string | undefined, problems: readonly string[]): string {
  if (problems.length > 0) return oneLine(`mend the manifest: ${problems[0]}`);
  const stalled = conditions.find(({ type, status }) => type === 'Stalled' && status === 'True');
  if (stalled) return oneLine(`waits for a person: ${stalled.message}`);
  if (due !== undefined) return oneLine(`apply: ${due}`);
  const rest = restIn(conditions);
  return rest ? oneLine(`${rest.reason.toLowerCase()}: ${rest.message}`) : '-';
}
