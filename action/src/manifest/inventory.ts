import type { SourceFile } from './problem.ts';
import type { RecordedResource } from './schema.ts';
import { readStatus } from './status.ts';

/** The lines of a manifest's status block, as they stand; empty when it has none at the left margin. */
export function statusLines(text: string): string {
  return /^status:.*$(?:\r?\n(?:[ \t-].*)?$)*/m.exec(text)?.[0].trimEnd() ?? '';
}

/** `supabase.project: { id: abc`, or the same over two lines. Bounded, because the text may be anything. */
const recorded = /(?<![\w.-])([a-z][\w.-]{0,60})["']?:\s{0,20}\{?\s{0,20}["']?id["']?:\s{0,20}["']?([^\s"',}]{1,200})/g;

/**
 * The ids that a manifest records, by address, also when it cannot be read: what a broken manifest holds is still its
 * own. Pairs, because two lines of a broken one may bear the same address.
 */
export function recordedIds(source: SourceFile): [address: string, id: string][] {
  const reading = readStatus(source);
  if (!reading.ok) return Array.from(source.text.matchAll(recorded), ([, address = '', id = '']) => [address, id]);
  return idsOf(reading.status?.resources ?? {});
}

export function idsOf(resources: Readonly<Record<string, RecordedResource>>): [address: string, id: string][] {
  return Object.entries(resources).flatMap(([address, { id }]) => (id === undefined ? [] : [[address, id]]));
}

/** Where a uid begins: a line of a block, or anywhere in `metadata: { … }`. Bounded, because the text may be anything. */
const block = /^[ \t]{1,20}/;
const flow = /^(?:[^#\n]{0,200}[{,])?[ \t]{0,20}["']?metadata["']?:\s{0,20}\{(?:[^{}]{0,200},)?\s{0,20}/;
const uid = new RegExp(
  `(?:${block.source}|${flow.source})["']?uid["']?:[ \\t]{0,20}["']?([a-z0-9]{8,12})(?![\\w-])`,
  'm',
);

/** The uid that a manifest bears, also when it cannot be read. */
export function uidIn(text: string): string | undefined {
  return uid.exec(text)?.[1];
}
