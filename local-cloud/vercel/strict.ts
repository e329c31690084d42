import type { z } from 'zod';
import { badRequest, type Call } from './answers.ts';

type Issue = z.core.$ZodIssue;

function place(path: readonly PropertyKey[], last?: string): string {
  const parts = last === undefined ? path : [...path, last];
  return parts
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at > 0 ? '.' : ''}${String(part)}`))
    .join('');
}

/** The issue that a person would name: the branch of a union that fits best. */
function plainest(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const deepest = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0]?.[0];
  return deepest === undefined ? issue : plainest({ ...deepest, path: [...issue.path, ...deepest.path] });
}

function depth(issues: readonly Issue[]): number {
  const first = issues[0];
  return first === undefined ? -1 : first.path.length + (first.code === 'unrecognized_keys' ? 1 : 0);
}

/** A problem in the words of the vendor's validator. */
export function wording(found: Issue, value: unknown): string {
  const issue = plainest(found);
  if (issue.code === 'unrecognized_keys') {
    return `should NOT have additional property \`${place(issue.path, issue.keys[0])}\`. Please remove it.`;
  }
  const name = place(issue.path);
  if (at(value, issue.path) === undefined) return `missing required property \`${name}\`.`;
  if (issue.code === 'invalid_type') return `\`${name}\` should be ${issue.expected}.`;
  if (issue.code === 'invalid_value') return `\`${name}\` should be equal to one of the allowed values.`;
  if (issue.code === 'too_big') return `\`${name}\` should NOT be longer than ${issue.maximum}.`;
  if (issue.code === 'too_small') return `\`${name}\` should NOT be shorter than ${issue.minimum}.`;
  return `\`${name}\` ${issue.message}`;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, part) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, part) : undefined),
    value,
  );
}

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw badRequest(`Invalid ${what}: ${issue === undefined ? 'not understood.' : wording(issue, value)}`);
}

/**
 * The JSON body of a request.
 * @throws Refusal 400 when it is no JSON or does not fit, unknown properties included.
 */
export async function body<T>(call: Call, schema: z.ZodType<T>): Promise<T> {
  const text = await call.req.text();
  let value: unknown;
  try {
    value = text === '' ? {} : JSON.parse(text);
  } catch {
    throw badRequest('Invalid JSON');
  }
  return checked(schema, value, 'request');
}

/**
 * The query of a request without `teamId` and `slug`, which every route takes.
 * @throws Refusal 400 on a parameter that the route does not know.
 */
export function query<T>(call: Call, schema: z.ZodType<T>): T {
  const { teamId: _team, slug: _slug, ...own } = call.req.query();
  return checked(schema, own, 'query');
}
