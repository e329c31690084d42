import { filledIn, holds } from './expressions.ts';
import { type Job, jobsOf, readAction, readWorkflows } from './workflows.ts';

/** What happened, and what GitHub knows when a workflow is about to begin. */
export interface Occasion {
  /** As in `github.event_name`. */
  readonly name: string;
  /** The payload; what `GITHUB_EVENT_PATH` holds. */
  readonly event?: object;
  readonly repository?: string;
  /** `refs/heads/main` unless told. */
  readonly ref?: string;
  /** What a person typed at *Run workflow*. */
  readonly inputs?: Readonly<Record<string, string | boolean>>;
  /** Variables of the repository. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Secrets of the job's environment; a job without one gets none of them. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** What is in `github.token`. */
  readonly token?: string;
}

export const REPOSITORY = 'acme/control-room';

/**
 * The variables that the runner hands to our action in that job: its `INPUT_*` with their defaults, its `env`, and what
 * says where it is. Where the files are (`GITHUB_WORKSPACE`, `GITHUB_EVENT_PATH`, …) is for the caller to add.
 * `undefined` when GitHub would skip the job.
 */
export function handed(workflow: string, job: string, occasion: Occasion): Record<string, string> | undefined {
  const found = find(workflow, job);
  const { event = {}, repository = REPOSITORY, ref = 'refs/heads/main', inputs = {}, vars = {}, token = '' } = occasion;
  const github = { event, event_name: occasion.name, ref, repository, token };
  if (found.if !== undefined && !holds(found.if, { github, inputs, vars })) return undefined;
  const step = found.steps.find(({ uses }) => uses === './action');
  if (!step) throw new Error(`${workflow}/${job} does not use our action`);
  const context = { github, inputs, vars, secrets: found.environment === undefined ? {} : (occasion.secrets ?? {}) };
  const fill = (values: Readonly<Record<string, unknown>> = {}) =>
    Object.entries(values).map(([key, value]) => [key, filledIn(String(value), context)] as const);
  const standard = Object.entries(readAction().inputs).map(([key, { default: value }]) => [key, value] as const);
  const taken = new Map([...standard, ...fill(step.with)]);
  return {
    ...Object.fromEntries([...taken].map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value])),
    ...Object.fromEntries(fill(step.env)),
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: occasion.name,
    GITHUB_REF: ref,
    GITHUB_REPOSITORY: repository,
    GITHUB_WORKFLOW: workflow,
    GITHUB_JOB: job,
  };
}

function find(workflow: string, job: string): Job {
  const jobs = readWorkflows()
    .filter(({ content }) => content.name === workflow)
    .flatMap(jobsOf);
  const found = jobs.find(([name]) => name === job)?.[1];
  if (!found) throw new Error(`there is no job ${workflow}/${job}`);
  return found;
}
