import { type Document, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, Schema, type YAMLMap } from 'yaml';
import { type Problem, problemAt, type SourceFile } from './problem.ts';
import { cutStatus } from './status-block.ts';
import { findHidden, quote, split, tell } from './text.ts';
import { explainYaml } from './yaml-errors.ts';

export const AGENCY_LIMIT_BYTES = 64 * 1024;
export const FLEET_LIMIT_BYTES = 256 * 1024;

export type Mapping = { readonly [key: string]: unknown };

export type Reading =
  | { readonly ok: true; readonly value: Mapping }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A reading with the nodes and their places. */
export type Parsed =
  | { readonly ok: true; readonly value: Mapping; readonly document: Document.Parsed }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads an agency's manifest: as YAML, but for a status block that stands as we write it (see `cutStatus`). What reads
 * well in two halves reads the same as a whole; whatever does not is read as a whole, for the sake of its problems.
 */
export function parseAgency(source: SourceFile): Reading {
  const halves = source.text.length > AGENCY_LIMIT_BYTES ? undefined : cutStatus(source.text);
  const head = halves && parseYaml({ ...source, text: halves.head }, AGENCY_LIMIT_BYTES);
  if (!head?.ok || findHidden(source.text) || Object.hasOwn(head.value, 'status')) {
    return parseYaml(source, AGENCY_LIMIT_BYTES);
  }
  return { ok: true, value: { ...head.value, status: halves?.status } };
}

/**
 * Reads one YAML 1.2 document whose root is a block mapping. Refuses what people cannot review: anchors, aliases, tags,
 * merge and duplicate keys, directives, several documents, hidden characters, and files above the limit.
 */
export function parseYaml(source: SourceFile, limitBytes: number): Parsed {
  const unreadable = findUnreadable(source, limitBytes);
  if (unreadable) return { ok: false, problems: [unreadable] };
  const document = composeYaml(source.text);
  if (document.errors.length > 0) return { ok: false, problems: syntaxProblems(source, document) };
  const complaints: Complaint[] = [];
  const value = readRoot(source.text, document, complaints);
  if (value && complaints.length === 0) return { ok: true, value, document };
  return { ok: false, problems: complaints.map(({ index, told }) => at(source, index, told)) };
}

/** YAML 1.2's own; one for all documents, or the library would put it together anew for each of them. */
const schema = new Schema({ schema: 'core', resolveKnownTags: true });

/** The document with its nodes and their places; duplicate keys are left to the reader below, in linear time. */
function composeYaml(text: string): Document.Parsed {
  return parseDocument(text, { schema, prettyErrors: false, stringKeys: true, uniqueKeys: false, logLevel: 'error' });
}

function at(source: SourceFile, index: number, told: string): Problem {
  const { message, remedy } = split(told);
  return problemAt(source, index, message, remedy);
}

function findUnreadable(source: SourceFile, limitBytes: number): Problem | undefined {
  const { text } = source;
  if (text.length > limitBytes || Buffer.byteLength(text) > limitBytes) {
    const limit = `${limitBytes / 1024} KB`;
    return problemAt(
      source,
      0,
      `the file is larger than ${limit}`,
      `keep it under ${limit}; it holds settings, not data`,
    );
  }
  const hidden = findHidden(text);
  if (hidden) {
    const remedy = 'remove it, and save the file as UTF-8 without a byte-order mark';
    return problemAt(source, hidden.index, `the file contains ${hidden.name}`, remedy);
  }
  if (text.trim() === '') return at(source, 0, emptyFile);
  const deep = tooDeep.exec(text);
  return deep
    ? at(source, deep.index, tell('the file nests too deeply', 'flatten it; manifests nest a few levels'))
    : undefined;
}

/**
 * The library compiles a regular expression as long as the indentation and recurses into brackets: thousands of either
 * end the whole process, so they are refused before it sees them.
 */
const tooDeep = /^[ \t]{200}|(?:[-?:][ \t]+){100}|(?:[[{][^\]}[{]{0,8}){50}/m;

const emptyFile = tell('the file is empty', 'write the manifest into it, or delete it');

/** One mistake spoils what follows it, so the first few errors say all there is to say. */
function syntaxProblems(source: SourceFile, document: Document.Parsed): Problem[] {
  return document.errors.slice(0, 3).map((error) => at(source, error.pos[0], explainYaml(error)));
}

interface Complaint {
  readonly index: number;
  readonly told: string;
}

function readRoot(text: string, document: Document.Parsed, complaints: Complaint[]): Mapping | undefined {
  const root = document.contents;
  const told = rootComplaint(text, document, root);
  if (told !== undefined) complaints.push({ index: root?.range[0] ?? 0, told });
  return isMap(root) ? readMap(root as YAMLMap, complaints) : undefined;
}

function rootComplaint(text: string, document: Document.Parsed, root: Document.Parsed['contents']): string | undefined {
  const { directives } = document;
  if (directives.yaml.explicit || Object.keys(directives.tags).length > 1) {
    return tell('the file begins with a YAML directive', 'remove the lines that begin with %');
  }
  if (directives.docEnd) return tell('the file ends with a document end marker', 'remove the line of three dots');
  if (root === null || (isScalar(root) && root.source === '')) return emptyFile;
  if (!isMap(root)) return tell('the file is not a mapping', 'write it as lines of "key: value"');
  if (root.range[0] > 0 && text[root.range[0] - 1] !== '\n') return indented;
  if (root.flow) return tell('the file is one flow mapping', 'write it as lines of "key: value", without outer braces');
  return undefined;
}

const indented = tell('the file is indented as a whole', 'begin its keys at the left margin');

/** The JavaScript value of a node, built and checked in one pass. */
function readNode(node: unknown, complaints: Complaint[]): unknown {
  if (isScalar(node)) {
    checkProperties(node, complaints);
    return node.value;
  }
  if (isMap(node)) return readMap(node, complaints);
  if (isSeq(node)) {
    checkProperties(node, complaints);
    return node.items.map((item) => readNode(item, complaints));
  }
  if (node) complaints.push({ index: startOf(node as Node), told: noAliases });
  return null;
}

function readMap(map: YAMLMap, complaints: Complaint[]): Mapping {
  checkProperties(map, complaints);
  const value: Record<string, unknown> = {};
  for (const pair of map.items) {
    const key = readKey(pair, value, complaints);
    const member = readNode(pair.value, complaints);
    if (key !== undefined) value[key] = member;
  }
  return value;
}

function readKey(pair: Pair, known: Mapping, complaints: Complaint[]): string | undefined {
  const key = String(readNode(pair.key, complaints));
  const told = keyComplaint(key, known);
  if (told === undefined) return key;
  complaints.push({ index: startOf(pair.key as Node), told });
  return undefined;
}

function keyComplaint(key: string, known: Mapping): string | undefined {
  if (Object.hasOwn(known, key)) return tell(`the key ${quote(key)} stands here twice`, 'keep one of them');
  if (key === '<<') return tell('merge keys are not taken', 'write the keys out');
  if (key === '__proto__') return tell('"__proto__" is not a key', 'remove it');
  return undefined;
}

const noAliases = tell('anchors and aliases are not taken', 'write the value out where it is needed');
const noTags = tell('tags are not taken', 'remove the tag (the word that begins with "!")');

function checkProperties(node: Node & { anchor?: string }, complaints: Complaint[]): void {
  if (node.anchor !== undefined) complaints.push({ index: startOf(node), told: noAliases });
  if (node.tag !== undefined) complaints.push({ index: startOf(node), told: noTags });
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}
