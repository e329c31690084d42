import * as z from 'zod';
import { placeFindings } from './place.ts';
import type { Finding, Path, Problem, SourceFile } from './problem.ts';
import { keysAt, missing, mistyped, unknownKey, valueAt, wrongType, wrongWord } from './shape-words.ts';
import { split } from './text.ts';

export type Shape<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Holds a value against a schema and says everything that does not fit, with its place in the file. */
export function checkShape<S extends z.ZodType>(
  schema: S,
  value: unknown,
  source: SourceFile,
  under: Path = [],
): Shape<z.output<S>> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  const findings = result.error.issues.flatMap((issue) => explain(issue, { schema, value, under }));
  return { ok: false, problems: placeFindings(source, findings) };
}

interface Scene {
  readonly schema: z.ZodType;
  readonly value: unknown;
  /** The path of the checked value within its file. */
  readonly under: Path;
}

function explain(issue: z.core.$ZodIssue, scene: Scene): Finding[] {
  const inner = issue.path as Path;
  const path = [...scene.under, ...inner];
  const given = valueAt(scene.value, inner);
  const finding = (told: string, on: Finding['on'] = 'value') => [about(path, on, told)];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => about([...path, key], 'key', unknownKey(key, keysAt(scene.schema, inner))));
    case 'invalid_key':
      return finding(issue.issues[0]?.message ?? issue.message, 'key');
    case 'invalid_type':
      return finding(wrongType(path, issue.expected, given), given === undefined ? 'key' : 'value');
    case 'invalid_value':
      if (split(issue.message).remedy !== '') return finding(issue.message);
      return finding(given === undefined ? missing(path) : wrongWord(given, issue.values.map(String)));
    case 'invalid_union':
      return (
        unionFindings(issue, path, given) ??
        finding(given === undefined ? missing(path) : (mistyped(given) ?? issue.message))
      );
    default:
      return finding(issue.message);
  }
}

/** When one branch of a union fits apart from what is inside it, its inner issues say more than the union can. */
function unionFindings(issue: z.core.$ZodIssueInvalidUnion, path: Path, given: unknown): Finding[] | undefined {
  const branch = issue.errors.find((issues) =>
    issues.every(({ path: inner, code }) => inner.length > 0 || (code !== 'invalid_type' && code !== 'invalid_value')),
  );
  return branch?.flatMap((inner) => explain(inner, { schema: z.unknown(), value: given, under: path }));
}

/** A finding whose message begins with the key it is about. */
function about(path: Path, on: Finding['on'], told: string): Finding {
  const { message, remedy } = split(told);
  return { path, on, message: path.length === 0 ? message : `${path.join('.')}: ${message}`, remedy };
}
