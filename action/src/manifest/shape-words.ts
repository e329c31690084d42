import * as z from 'zod';
import { nearest } from './nearest.ts';
import type { Path } from './problem.ts';
import { quote, tell } from './text.ts';

/** What stands at a path of a value that was read from YAML; `undefined` when nothing does. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => (isRecord(at) ? at[String(step)] : undefined), value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The keys that a schema knows at a path; none where it takes any. */
export function keysAt(schema: z.ZodType, path: Path): string[] {
  const at = path.reduce<unknown>((inner, step) => memberOf(bare(inner), String(step)), schema);
  const known = bare(at);
  if (known instanceof z.ZodRecord) return known.keyType instanceof z.ZodEnum ? known.keyType.options.map(String) : [];
  return known instanceof z.ZodObject ? Object.keys(known.shape) : [];
}

function memberOf(schema: unknown, key: string): unknown {
  return schema instanceof z.ZodObject ? schema.shape[key] : undefined;
}

/** The schema without what makes it optional or gives it a default. */
function bare(schema: unknown): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodExactOptional) {
    return bare(schema.unwrap());
  }
  return schema;
}

export function missing(path: Path): string {
  const key = String(path.at(-1) ?? 'a mapping');
  const parent = path.slice(0, -1).join('.');
  return tell('it is missing', `add "${key}:" ${parent === '' ? 'at the left margin' : `under ${parent}`}`);
}

export function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  if (meant !== undefined) return tell('this key is unknown', `write ${meant}`);
  const list = known.length === 0 ? '' : `; known here: ${known.join(', ')}`;
  return tell('this key is unknown', `remove it${list}`);
}

export function wrongType(path: Path, expected: string, given: unknown): string {
  if (given === undefined) return missing(path);
  if (expected === 'string') return mistyped(given) ?? wrongKind(expected, given);
  return given === null ? empty : wrongKind(expected, given);
}

const empty = tell('it is empty', 'give it a value, or remove the line');

/** What YAML read as a number, a boolean or nothing although text was meant. */
export function mistyped(given: unknown): string | undefined {
  if (given === null) return empty;
  if (typeof given !== 'number' && typeof given !== 'boolean') return undefined;
  return tell(`it is a ${typeof given}, not a string`, `quote it: ${JSON.stringify(String(given))}`);
}

function wrongKind(expected: string, given: unknown): string {
  return tell(`it is ${kindOf(given)}`, `make it ${names[expected] ?? `a value of type ${expected}`}`);
}

const names: Readonly<Record<string, string>> = {
  string: 'a string',
  object: 'a mapping (lines of "key: value", indented)',
  record: 'a mapping (lines of "key: value", indented)',
  array: 'a list (lines that begin with "- ")',
  int: 'a whole number',
  number: 'a whole number',
};

function kindOf(given: unknown): string {
  if (Array.isArray(given)) return 'a list';
  if (typeof given === 'object') return 'a mapping';
  return `the ${typeof given} ${quote(given)}`;
}

export function wrongWord(given: unknown, allowed: readonly string[]): string {
  if (given === null) return empty;
  const meant = nearest(String(given), allowed);
  const hint = meant === undefined || allowed.length === 1 ? '' : `${meant}, or another `;
  const remedy =
    allowed.length === 1 ? `write ${allowed[0]}` : `write ${hint}${hint === '' ? 'one ' : ''}of ${allowed.join(', ')}`;
  return tell(`${quote(given)} is not known here`, remedy);
}
