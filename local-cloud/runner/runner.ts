import { type ChildProcess, execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LocalForge } from '../github/forge.ts';
import type { ForgeEvent } from '../github/state.ts';
import { handed } from './handed.ts';
import { type Finished, startNode } from './node-action.ts';
import { type Starting, startedBy } from './triggers.ts';
import { type Job, jobsOf, readWorkflows, stepsUsing } from './workflows.ts';

export interface RunnerOptions {
  readonly forge: LocalForge;
  /** `owner/name` of the control room. */
  readonly repository: string;
  /** The script that `uses: ./action` starts where what was checked out has no action of its own. */
  readonly script: string;
  /** What every step finds in its environment, such as where the vendors are; no secret. */
  readonly variables: Readonly<Record<string, string>>;
  /** Of the environments of the repository; a job without one gets none. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Variables of the repository. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Told what a step prints, as it prints it. */
  readonly onOutput?: (text: string) => void;
  /** Told that a job begins. */
  readonly onJob?: (name: string) => void;
  /** Handed the process of a step, for who wants to end it before its time. */
  readonly onProcess?: (process: ChildProcess) => void;
}

/** One job, run to its end. */
export interface JobRun extends Finished {
  readonly workflow: string;
  readonly job: string;
  readonly runId: string;
  readonly attempt: number;
  readonly starting: Starting;
}

export interface Runner {
  /**
   * Runs what the events since the last time start, and what that starts in turn, until nothing is left; of the
   * workflows that are named, or of all.
   */
  settle(only?: readonly string[]): Promise<readonly JobRun[]>;
  /** Starts a workflow as its schedule or a person does. */
  start(workflow: string, wish?: { event?: string; inputs?: Readonly<Record<string, string>> }): Promise<JobRun[]>;
  /** The same event and commit once more. */
  rerun(run: JobRun): Promise<JobRun>;
}

/**
 * Runs the workflows of this checkout against a repository of the local forge, as far as they are made: checkouts, and
 * steps that use our action, each as a process of its own with what GitHub would hand it. Tokens have the permissions of
 * their job, a fork's run has neither secrets nor a token that writes, and jobs run one after the other, as the queue of
 * those that write has it. Not emulated: matrices, needs, services, artifacts, caches, scripts and other actions.
 */
export function createRunner(options: RunnerOptions): Runner {
  const { forge, repository } = options;
  let seen = forge.events().at(-1)?.id ?? 0;
  let lastRun = 100;

  const perform = async (starting: Starting, job: [string, Job], runId: string, attempt: number) => {
    const [name, definition] = job;
    const { workflow } = starting;
    const env = environmentOf(starting, name, definition, options);
    if (!env) return undefined;
    options.onJob?.(`${workflow} / ${name}`);
    const dir = await mkdtemp(join(tmpdir(), 'runner-'));
    try {
      const ended = await stepsOf(dir, definition, starting, { ...env, ...runVariables(runId, attempt) }, options);
      return { ...ended, workflow, job: name, runId, attempt, starting };
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  };
  const performAll = async (starting: Starting): Promise<JobRun[]> => {
    lastRun += 1;
    const runs: JobRun[] = [];
    for (const job of jobsNamed(starting.workflow)) {
      const run = await perform(starting, job, String(lastRun), 1);
      if (run) runs.push(run);
    }
    return runs;
  };

  const unseen = () => {
    const news = forge.events(seen);
    seen = news.at(-1)?.id ?? seen;
    return news.filter((one) => one.repository === repository);
  };
  const answer = async (event: ForgeEvent, only?: readonly string[]): Promise<JobRun[]> => {
    const runs: JobRun[] = [];
    const all = await startedBy(event, forge.repository(repository));
    for (const starting of all.filter(({ workflow }) => only?.includes(workflow) ?? true)) {
      const ended = await performAll(starting);
      runs.push(...ended);
      for (const followUp of afterwards(starting, ended)) runs.push(...(await performAll(followUp)));
    }
    return runs;
  };

  return {
    settle: async (only) => {
      const runs: JobRun[] = [];
      for (let news = unseen(); news.length > 0; news = unseen()) {
        for (const event of news) runs.push(...(await answer(event, only)));
      }
      return runs;
    },
    start: async (workflow, { event = 'workflow_dispatch', inputs = {} } = {}) =>
      performAll({
        workflow,
        name: event,
        payload: { inputs },
        ref: 'refs/heads/main',
        sha: (await forge.repository(repository).head()) ?? '',
        isForeign: false,
        inputs,
      }),
    rerun: async ({ starting, job, runId, attempt }) => {
      const found = jobsNamed(starting.workflow).find(([name]) => name === job);
      const run = found && (await perform(starting, found, runId, attempt + 1));
      if (!run) throw new Error(`${starting.workflow}/${job} does not begin again`);
      return run;
    },
  };
}

/** Those that use our action; what else a control room's workflows may do is not for this runner. */
function jobsNamed(workflow: string): [string, Job][] {
  return readWorkflows()
    .filter(({ content }) => content.name === workflow)
    .flatMap(jobsOf)
    .filter(([, { steps }]) => steps.some(({ uses }) => uses === './action'));
}

/** A run that ended starts those that wait for its workflow, with the rights of main. */
function afterwards(ended: Starting, runs: readonly JobRun[]): Starting[] {
  if (runs.length === 0) return [];
  const conclusion = runs.every(({ code }) => code === 0) ? 'success' : 'failure';
  const { name: event, payload, workflow } = ended;
  const waiting = readWorkflows().filter(({ content: { on } }) => {
    const wish = typeof on === 'object' && !Array.isArray(on) ? on.workflow_run : undefined;
    return isWish(wish) && wish.workflows.includes(workflow);
  });
  const head = headOf(payload);
  return waiting.map(({ content }) => ({
    workflow: content.name,
    name: 'workflow_run',
    payload: { workflow_run: { event, conclusion, name: workflow, ...head } },
    ref: 'refs/heads/main',
    sha: ended.sha,
    isForeign: false,
  }));
}

function isWish(value: unknown): value is { readonly workflows: readonly string[] } {
  return typeof value === 'object' && value !== null && 'workflows' in value && Array.isArray(value.workflows);
}

function headOf(payload: Starting['payload']): object {
  const pull = payload.pull_request as ForgePull | undefined;
  if (!pull) return {};
  const { sha, ref, repo } = pull.head;
  return { head_sha: sha, head_branch: ref, head_repository: repo && { full_name: repo.full_name } };
}

interface ForgePull {
  readonly head: { readonly sha: string; readonly ref: string; readonly repo: { readonly full_name: string } | null };
}

/** What the job's action finds in its environment; `undefined` when GitHub would skip the job. */
function environmentOf(starting: Starting, job: string, definition: Job, options: RunnerOptions) {
  const { forge, repository, secrets, vars = {}, variables } = options;
  const { name, payload, ref, sha, isForeign, inputs = {}, workflow } = starting;
  const permissions = Object.entries(typeof definition.permissions === 'object' ? definition.permissions : {});
  const token = forge.token({
    as: 'actions',
    repository,
    permissions: {
      // Every token of a workflow has it.
      metadata: 'read',
      ...Object.fromEntries(
        permissions.map(([key, level]) => [key.replaceAll('-', '_'), isForeign || level === 'read' ? 'read' : 'write']),
      ),
    },
  });
  const shown = isForeign ? {} : secrets;
  const env = handed(workflow, job, { name, event: payload, repository, ref, inputs, vars, secrets: shown, token });
  return env && { ...variables, ...withoutEmpty(env), GITHUB_SHA: sha };
}

/** An empty one would hide what the runner's own environment says, such as where the local cloud is. */
function withoutEmpty(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

function runVariables(runId: string, attempt: number) {
  return { GITHUB_RUN_ID: runId, GITHUB_RUN_ATTEMPT: String(attempt) };
}

async function stepsOf(
  dir: string,
  definition: Job,
  { payload }: Starting,
  env: Readonly<Record<string, string>>,
  { forge, repository, script, onOutput, onProcess }: RunnerOptions,
): Promise<Finished> {
  const workspace = join(dir, 'workspace');
  for (const { with: wish } of stepsUsing(definition, 'actions/checkout')) {
    const bare = forge.repository(repository).directory;
    const branch = String(wish?.ref ?? 'main');
    await promisify(execFile)('git', [
      'clone',
      '--quiet',
      '--depth',
      '1',
      '--branch',
      branch,
      `file://${bare}`,
      workspace,
    ]);
  }
  await mkdir(workspace, { recursive: true });
  const [event, output, summary] = [join(dir, 'event.json'), join(dir, 'output'), join(dir, 'summary')];
  await Promise.all([writeFile(event, JSON.stringify(payload)), writeFile(output, ''), writeFile(summary, '')]);
  const own = join(workspace, 'action', 'dist', 'index.js');
  const started = startNode(
    existsSync(own) ? own : script,
    {
      ...env,
      GITHUB_WORKSPACE: workspace,
      GITHUB_EVENT_PATH: event,
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
    },
    dir,
    onOutput,
  );
  onProcess?.(started.process);
  const ended = await started.ended;
  return { ...ended, outputs: outputsIn(await readFile(output, 'utf8')), summary: await readFile(summary, 'utf8') };
}

/** `name<<delimiter`, the value, the delimiter: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands */
function outputsIn(text: string): Record<string, string> {
  const found = text.matchAll(/^([^\n<]+)<<([^\n]+)\n([\s\S]*?)\n\2$/gm);
  return Object.fromEntries([...found].map(([, name, , value]) => [name, value]));
}
