import type { Condition, Status } from './schema.ts';
import { renderStatus } from './status-text.ts';

/** A manifest whose last lines are a status block exactly as we write it. */
export interface Halves {
  /** Everything before the block, its last line end included. */
  readonly head: string;
  readonly status: Status;
}

/**
 * Cuts off a status block that stands at the end exactly as `renderStatus` writes it, which is how nearly every
 * manifest ends. The block is two thirds of the file, and reading these few forms takes a tenth of the time that the
 * YAML library does. What was read has to render back to the same bytes: anything else gives `undefined`, and the
 * caller reads the whole file as YAML.
 */
export function cutStatus(text: string): Halves | undefined {
  const start = text.lastIndexOf('\nstatus:') + 1;
  if (start === 0) return undefined;
  const [head, block] = [text.slice(0, start), text.slice(start)];
  // A line of tabs is a blank line at the end of a text and an error before another key: not for halves to judge.
  if (head.includes('\t')) return undefined;
  const lineEnd = block.includes('\r\n') ? '\r\n' : '\n';
  const status = readLines(block.split(lineEnd));
  return status && renderStatus(status, lineEnd) === block ? { head, status } : undefined;
}

type Draft = { -readonly [K in keyof Status]: Status[K] };

const facts = ['observedSpecDigest', 'lastAppliedRevision', 'startedAt', 'completedAt', 'retainUntil'] as const;

function readLines(lines: readonly string[]): Status | undefined {
  const status: Draft = { conditions: [], outputs: {}, resources: {} };
  let section = '';
  for (const line of lines.slice(1)) {
    const entry = entryOf(line);
    if (line.startsWith('    - ')) status.conditions.push(readFlow(line) as Condition);
    else if (!entry) section = line.trim();
    else if (!line.startsWith('    ')) setFact(status, entry);
    else if (section === 'outputs:') status.outputs[entry.key] = unquote(entry.value);
    else status.resources[entry.key] = readFlow(entry.value);
  }
  return status;
}

function setFact(status: Draft, { key, value }: { key: string; value: string }): void {
  const name = facts.find((fact) => fact === key);
  if (name) status[name] = unquote(value);
}

function entryOf(line: string): { key: string; value: string } | undefined {
  const [, key, value] = /^ +("(?:[^"\\]|\\.)*"|[^":{ ]+): (.+)$/.exec(line) ?? [];
  return key === undefined || value === undefined ? undefined : { key: unquote(key), value };
}

const member = /("(?:[^"\\]|\\.)*"|[^":,{} -][^":,{}]*): ("(?:[^"\\]|\\.)*"|[^",{}]*[^",{} ])/g;

function readFlow(text: string): Record<string, string> {
  return Object.fromEntries(
    Array.from(text.matchAll(member), ([, key = '', value = '']) => [unquote(key), unquote(value)]),
  );
}

/** What JSON cannot read, such as YAML's long escape, stays quoted; it renders back differently. */
function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
