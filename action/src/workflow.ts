import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { ManifestError } from './engine/errors.ts';
import type { Variables } from './environment.ts';

/** The run of a workflow that this process is part of, as its runner tells of it. */
export interface Workflow {
  /** Stays the same when it is run again. */
  readonly runId: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** Where people read it. */
  readonly url: string;
  /** The commit that it was started for; main may be further by now. */
  readonly sha: string;
  readonly event: WorkflowEvent;
}

/** What started it, with what of its payload is used. Every text in it is foreign. */
export type WorkflowEvent =
  | { readonly name: 'push'; readonly before: string; readonly after: string; readonly forced: boolean }
  | {
      readonly name: 'workflow_run';
      readonly headSha: string;
      /** Of the pull request's branch; the repository is absent when the fork is gone. */
      readonly headBranch: string;
      readonly headRepository?: string | undefined;
    }
  | { readonly name: 'repository_dispatch'; readonly payload: Readonly<Record<string, unknown>> }
  | { readonly name: 'other'; readonly called: string };

const sha = z.string().regex(/^[0-9a-f]{40}$/);
const place = z.object({
  GITHUB_RUN_ID: z.string().regex(/^\d{1,20}$/),
  GITHUB_RUN_ATTEMPT: z
    .string()
    .regex(/^\d{1,6}$/)
    .default('1'),
  GITHUB_SHA: sha,
  GITHUB_REPOSITORY: z.string(),
  GITHUB_SERVER_URL: z.string().default('https://github.com'),
  GITHUB_EVENT_NAME: z.string().default(''),
  GITHUB_EVENT_PATH: z.string().optional(),
});

/**
 * Reads where the process runs; `undefined` outside of GitHub Actions. Throws ManifestError for an event file that is not
 * what GitHub documents: https://docs.github.com/en/actions/reference/workflows-and-actions/variables
 */
export async function readWorkflow(variables: Variables): Promise<Workflow | undefined> {
  const read = place.safeParse(Object.fromEntries(Object.entries(variables).filter(([, value]) => value))).data;
  if (!read) return undefined;
  return {
    runId: read.GITHUB_RUN_ID,
    attempt: Number(read.GITHUB_RUN_ATTEMPT),
    url: `${read.GITHUB_SERVER_URL.replace(/\/+$/, '')}/${read.GITHUB_REPOSITORY}/actions/runs/${read.GITHUB_RUN_ID}`,
    sha: read.GITHUB_SHA,
    event: eventOf(read.GITHUB_EVENT_NAME, await payloadAt(read.GITHUB_EVENT_PATH)),
  };
}

const push = z
  .object({ before: sha, after: sha, forced: z.boolean().default(false) })
  .transform((read): WorkflowEvent => ({ name: 'push', ...read }));

const dispatch = z
  .object({ client_payload: z.record(z.string(), z.unknown()).nullish() })
  .transform(({ client_payload }): WorkflowEvent => ({ name: 'repository_dispatch', payload: client_payload ?? {} }));

const workflowRun = z
  .object({
    workflow_run: z.object({
      head_sha: sha,
      head_branch: z.string(),
      head_repository: z.object({ full_name: z.string() }).nullish(),
    }),
  })
  .transform(
    ({ workflow_run: { head_sha, head_branch, head_repository } }): WorkflowEvent => ({
      name: 'workflow_run',
      headSha: head_sha,
      headBranch: head_branch,
      headRepository: head_repository?.full_name,
    }),
  );

/** What the inputs of the workflow tell of the others is enough. */
const events: Readonly<Record<string, z.ZodType<WorkflowEvent>>> = {
  push,
  workflow_run: workflowRun,
  repository_dispatch: dispatch,
};

function eventOf(name: string, payload: unknown): WorkflowEvent {
  const schema = events[name];
  if (!schema) return { name: 'other', called: name };
  const read = schema.safeParse(payload);
  if (read.success) return read.data;
  const [first] = read.error.issues;
  throw new ManifestError(
    `the event file of ${name} has no usable ${first?.path.join('.')}`,
    'Start it by an event of GitHub, or with the command line instead.',
  );
}

async function payloadAt(path: string | undefined): Promise<unknown> {
  if (path === undefined) return undefined;
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (thrown) {
    throw new ManifestError(
      `the event file ${path} cannot be read`,
      'GITHUB_EVENT_PATH must name the file that the runner wrote.',
      thrown,
    );
  }
}
