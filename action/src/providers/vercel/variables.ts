import * as z from 'zod';
import { ProviderError } from '../../engine/errors.ts';
import { Secret } from '../../lib/secret.ts';
import { foreignText } from '../foreign-text.ts';
import type { Vercel } from './client.ts';

/** The variable whose value, an agency's uid, says whose a project is. */
export const MARK = 'PROVISIONER_OWNER';

const variable = z.object({
  id: z.string(),
  key: z.string(),
  type: z.string(),
  value: z.string().default(''),
  target: z.union([z.string(), z.array(z.string())]).default([]),
  gitBranch: z.string().nullish(),
});

const page = z.object({
  envs: z.array(variable),
  pagination: z.object({ next: z.union([z.string(), z.number()]).nullish() }).nullish(),
});

const failure = z.object({
  error: z.object({
    code: z.string().default('unknown'),
    message: z.string().default('no reason given'),
    envVarKey: z.string().nullish(),
    key: z.string().nullish(),
  }),
});

const written = z.object({ failed: z.array(failure).default([]) });

/** A variable of a project's production environment; `value` is empty or ciphertext unless `type` is plain. */
export interface Variable {
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly value: string;
}

/**
 * What production builds of a project would get, `undefined` when there is no such project.
 * https://vercel.com/docs/rest-api/projects/retrieve-the-environment-variables-of-a-project-by-id-or-name
 */
export async function readVariables(vercel: Vercel, projectId: string): Promise<Variable[] | undefined> {
  const all: z.output<typeof variable>[] = [];
  for (let until: string | number | undefined; ; ) {
    const answer = await vercel.request({
      operation: 'read environment variables',
      method: 'GET',
      path: `/v10/projects/${encodeURIComponent(projectId)}/env`,
      query: { until },
      schema: page,
      scope: 'env:read',
      absentOn: [404],
    });
    if (!answer) return undefined;
    all.push(...answer.envs);
    const next = answer.pagination?.next ?? undefined;
    if (next === undefined || next === until) break;
    until = next;
  }
  return all.filter(isProduction).map(({ id, key, type, value }) => ({ id, key, type, value }));
}

function isProduction({ target, gitBranch }: z.output<typeof variable>): boolean {
  return [target].flat().includes('production') && !gitBranch;
}

/**
 * Sets variables for production in one call: text as `plain`, a `Secret` as `sensitive`. The answer to a batch is 201
 * even when some were refused; then it throws and names their keys, never their values.
 */
export async function writeVariables(
  vercel: Vercel,
  projectId: string,
  variables: Readonly<Record<string, string | Secret>>,
): Promise<void> {
  const entries = Object.entries(variables);
  if (entries.length === 0) return;
  const answer = await vercel.request({
    operation: 'write environment variables',
    method: 'POST',
    path: `/v10/projects/${encodeURIComponent(projectId)}/env`,
    query: { upsert: 'true' },
    body: entries.map(([key, value]) => ({ key, ...typed(value), target: ['production'] })),
    schema: written,
    scope: 'env:write',
    repeatable: true,
  });
  const failed = answer?.failed ?? [];
  if (failed.length > 0) throw notTaken(failed.map(({ error }) => error));
}

function typed(value: string | Secret): { type: string; value: string } {
  return value instanceof Secret ? { type: 'sensitive', value: value.reveal() } : { type: 'plain', value };
}

function notTaken(errors: readonly z.output<typeof failure>['error'][]): ProviderError {
  const reasons = errors.map(({ envVarKey, key, message }) => {
    return `${foreignText(envVarKey ?? key ?? 'one', 100)}: ${foreignText(message, 200)}`;
  });
  const code = foreignText(errors[0]?.code ?? 'unknown', 60);
  return new ProviderError(
    {
      vendor: 'vercel',
      operation: 'write environment variables',
      status: 201,
      code,
      transient: false,
      ambiguous: false,
    },
    `vercel: write environment variables failed in part (${code}): ${reasons.join('; ')}`,
    'A variable of that name for several environments is in the way more often than not: remove it in Vercel, and run again.',
  );
}

/** Removes one variable; already gone is success. */
export async function removeVariable(vercel: Vercel, projectId: string, id: string): Promise<void> {
  await vercel.request({
    operation: 'remove an environment variable',
    method: 'DELETE',
    path: `/v9/projects/${encodeURIComponent(projectId)}/env/${encodeURIComponent(id)}`,
    schema: z.unknown(),
    scope: 'env:delete',
    absentOn: [404],
  });
}
