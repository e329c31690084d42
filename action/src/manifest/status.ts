import { isCollection, isNode, isPair, type Scalar, type YAMLMap } from 'yaml';
import { InternalError, ManifestError } from '../engine/errors.ts';
import { canonicalJson } from '../lib/digest.ts';
import { AGENCY_LIMIT_BYTES, type Mapping, type Parsed, parseAgency, parseYaml, type Reading } from './parse.ts';
import { type Problem, renderProblem, type SourceFile } from './problem.ts';
import { type Status, statusSchema } from './schema.ts';
import { checkShape } from './shape.ts';
import { cutStatus } from './status-block.ts';
import { renderStatus } from './status-text.ts';

export type StatusReading =
  | { readonly ok: true; readonly status: Status | undefined }
  | { readonly ok: false; readonly problems: readonly Problem[] };

type Good = Extract<Parsed, { ok: true }>;
interface Range {
  readonly start: number;
  readonly end: number;
}

/** The status block of a manifest, or what keeps it from being read; `undefined` when the manifest carries none. */
export function readStatus(source: SourceFile): StatusReading {
  const parsed = parseAgency(source);
  if (!parsed.ok) return parsed;
  if (!Object.hasOwn(parsed.value, 'status')) return { ok: true, status: undefined };
  const shape = checkShape(statusSchema, parsed.value.status, source, ['status']);
  return shape.ok ? { ok: true, status: shape.value } : shape;
}

/**
 * The manifest with its `status` block replaced, or added as its last key. Every byte outside the lines of the block
 * stays: comments, quotes, blank lines, line ends, key order, a missing line end at the very end of the file.
 * Throws a ManifestError when the text is not a manifest, and an InternalError rather than give a text that would read
 * differently.
 */
export function spliceStatus(text: string, status: Status): string {
  const before = good(parseAgency({ file, text }));
  const block = renderStatus(status, text.includes('\r\n') ? '\r\n' : '\n');
  const head = cutStatus(text)?.head;
  const spliced = head === undefined ? splice(text, block) : head + block;
  assertOnlyStatusChanged(before.value, spliced, status);
  return spliced;
}

/** What errors call the text, whose name the caller knows. */
const file = 'the manifest';

function good<R extends Reading>(reading: R): Extract<R, { ok: true }> {
  if (isGood(reading)) return reading;
  throw new ManifestError(
    `the status cannot be written: ${problemsOf(reading).map(renderProblem).join('; ')}`,
    'Mend the manifest; what was done is found again by name and recorded by the next run.',
  );
}

function isGood<R extends Reading>(reading: R): reading is Extract<R, { ok: true }> {
  return reading.ok;
}

function problemsOf(reading: Reading): readonly Problem[] {
  return reading.ok ? [] : reading.problems;
}

function splice(text: string, block: string): string {
  const range = statusRange(text, good(parseYaml({ file, text }, AGENCY_LIMIT_BYTES)));
  const head = range ? text.slice(0, range.start) : text;
  const tail = range ? text.slice(range.end) : '';
  if (range && isBlank(tail)) return withEndOf(text, head + block + tail);
  return withEndOf(text, endLine(head + tail, block) + block);
}

/** Comments and blank lines may follow the block; another key may not. */
function isBlank(tail: string): boolean {
  return tail.split('\n').every((line) => /^\s*(?:#|$)/.test(line));
}

/** The text with its last line ended in the way of the block, so that the block begins on a line of its own. */
function endLine(text: string, block: string): string {
  if (text === '' || text.endsWith('\n')) return text;
  return text + (block.endsWith('\r\n') ? '\r\n' : '\n');
}

/** A file that ended without a line end keeps doing so. */
function withEndOf(original: string, text: string): string {
  return original.endsWith('\n') ? text : text.replace(/\r?\n$/, '');
}

/** The whole lines that the status block takes, comments inside it included. */
function statusRange(text: string, { document }: Good): Range | undefined {
  const root = document.contents as unknown as YAMLMap<Scalar, unknown>;
  const pair = root.items.find(({ key }) => key.value === 'status');
  if (!pair) return undefined;
  const start = pair.key.range?.[0] ?? 0;
  const end = Math.max(pair.key.range?.[1] ?? 0, endOf(pair.value));
  return { start: text.lastIndexOf('\n', start) + 1, end: lineEndAfter(text, end) };
}

/** Where the last sign of a node stands. A block collection ends with its last leaf; its own range runs further. */
function endOf(node: unknown): number {
  if (isPair(node)) return Math.max(endOf(node.key), endOf(node.value));
  if (isCollection(node) && !node.flow) return Math.max(0, ...node.items.map(endOf));
  return isNode(node) ? (node.range?.[1] ?? 0) : 0;
}

/** The index after the line that `index` stands in; `index` itself at the beginning of a line. */
function lineEndAfter(text: string, index: number): number {
  if (text[index - 1] === '\n') return index;
  const end = text.indexOf('\n', index);
  return end < 0 ? text.length : end + 1;
}

function assertOnlyStatusChanged(before: Mapping, spliced: string, status: Status): void {
  const after = parseAgency({ file, text: spliced });
  if (after.ok && meaning({ ...before, status }) === meaning(after.value)) return;
  throw new InternalError('writing the status would have changed the rest of the manifest', 'Please open an issue.');
}

/** What a manifest says, however it is written: an empty list or mapping of the status is none. */
function meaning({ status, ...rest }: Mapping): string {
  const entries = Object.entries(status ?? {}).filter(([, value]) => typeof value === 'string' || !isEmpty(value));
  return canonicalJson({ ...rest, status: Object.fromEntries(entries) });
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
