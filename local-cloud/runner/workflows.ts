import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

export const root = join(import.meta.dirname, '..', '..');

const words = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const permissions = z.union([z.string(), z.record(z.string(), z.string())]);
const concurrency = z.union([z.string(), z.looseObject({ group: z.string() })]);

const step = z.looseObject({
  uses: z.string().optional(),
  run: z.string().optional(),
  with: words.optional(),
  env: words.optional(),
});

const job = z.looseObject({
  if: z.string().optional(),
  'runs-on': z.unknown().optional(),
  'timeout-minutes': z.unknown().optional(),
  permissions: permissions.optional(),
  environment: z.union([z.string(), z.looseObject({ name: z.string() })]).optional(),
  concurrency: concurrency.optional(),
  steps: z.array(step).default([]),
});

const workflow = z.looseObject({
  name: z.string(),
  on: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]),
  permissions: permissions.optional(),
  concurrency: concurrency.optional(),
  jobs: z.record(z.string(), job),
});

export type Step = z.output<typeof step>;
export type Job = z.output<typeof job>;

/** A workflow file: its text, and what it means. */
export interface Workflow {
  /** Relative path with slashes. */
  readonly file: string;
  readonly text: string;
  readonly content: z.output<typeof workflow>;
}

/** The part of an `action.yml` that workflows touch. */
const action = z.looseObject({
  name: z.string(),
  description: z.string(),
  inputs: z.record(z.string(), z.looseObject({ description: z.string(), default: z.string() })),
  outputs: z.record(z.string(), z.looseObject({ description: z.string() })),
  runs: z.looseObject({ using: z.string(), main: z.string() }),
});

export function workflowFrom(file: string, text: string): Workflow {
  return { file, text, content: workflow.parse(parse(text)) };
}

/** Every workflow of this repository. */
export function readWorkflows(): Workflow[] {
  const folder = '.github/workflows';
  return readdirSync(join(root, folder))
    .sort()
    .map((name) => workflowFrom(`${folder}/${name}`, readFileSync(join(root, folder, name), 'utf8')));
}

export function readAction() {
  return action.parse(parse(readFileSync(join(root, 'action', 'action.yml'), 'utf8')));
}

/** The jobs of a workflow with their names. */
export function jobsOf({ content }: Workflow): [name: string, job: Job][] {
  return Object.entries(content.jobs);
}

/** The steps that begin a certain action, such as `actions/checkout`. */
export function stepsUsing(job: Job, name: string): Step[] {
  return job.steps.filter(({ uses }) => uses?.split('@')[0] === name);
}

export function triggersOf({ content: { on } }: Workflow): string[] {
  if (typeof on === 'string') return [on];
  return Array.isArray(on) ? on : Object.keys(on);
}
