import type { Context } from 'hono';
import { z } from 'zod';
import { json } from '../../answers.ts';
import type { ProjectTiming } from '../../latency.ts';
import type { CloudContext } from '../../service.ts';
import type { Instances } from '../instances.ts';
import type { Project, World } from '../world.ts';

/** What every route of the Management API works on. */
export interface Management {
  readonly context: CloudContext;
  readonly world: World;
  readonly instances: Instances;
  readonly timing: ProjectTiming;
}

/** Carries the answer of a route that refuses. */
export class Refusal extends Error {
  readonly response: Response;

  constructor(response: Response) {
    super(`refused with ${response.status}`);
    this.response = response;
  }
}

/** Ends a request in the Management API's own error shape, `{"message": …}`. */
export function refuse(status: number, message: string): never {
  throw new Refusal(json(status, { message }));
}

/** The project that the route names. Unknown: 404. Deleted: 400, as recorded from the vendor. */
export function projectOf(api: Management, c: Context): Project {
  const ref = c.req.param('ref') ?? '';
  if (!/^[a-z]{20}$/.test(ref)) refuse(400, 'ref: must be 20 lower-case letters');
  const project = api.world.find(ref);
  if (project === undefined) refuse(404, 'Project not found');
  if (project.phase.kind === 'removed') refuse(400, 'Resource has been removed');
  return project;
}

/** The JSON body in the shape of `schema`, or 400 naming every field that is wrong. */
export async function bodyOf<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const result = schema.safeParse(await jsonOf(c));
  if (result.success) return result.data;
  return refuse(400, result.error.issues.map(complaint).join(', '));
}

/** The query in the shape of `schema`, or 400. Parameters that the vendor does not know are ignored, as it does. */
export function queryOf<T>(c: Context, schema: z.ZodType<T>): T {
  const result = schema.safeParse(c.req.query());
  if (result.success) return result.data;
  return refuse(400, result.error.issues.map(complaint).join(', '));
}

/** `?flag=true|false` */
export const flag = z
  .enum(['true', 'false'])
  .optional()
  .transform((value) => value === 'true');

async function jsonOf(c: Context): Promise<unknown> {
  if (!(c.req.header('content-type') ?? '').includes('application/json')) return {};
  try {
    return await c.req.json();
  } catch {
    return refuse(400, 'Unexpected token in JSON');
  }
}

function complaint(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `property ${key} should not exist`).join(', ');
  return `${issue.path.join('.') || 'body'}: ${issue.message}`;
}
