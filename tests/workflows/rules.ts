import { expressionsIn, readsOf } from '../../local-cloud/runner/expressions.ts';
import {
  type Job,
  jobsOf,
  type Step,
  stepsUsing,
  triggersOf,
  type Workflow,
} from '../../local-cloud/runner/workflows.ts';
import { THIRD_PARTY } from './third-party.ts';

/** What we hold workflows to. Gives one sentence for each place that does not keep it. */
export type Rule = (workflow: Workflow) => string[];

/** Each by what it asks for. */
export const RULES = {
  'an action of somebody else is pinned to a commit that was looked at, and says its version': pins,
  'nothing is started by what may come from a stranger and runs with our rights': triggers,
  'a token can nothing unless the job says so, word by word': permissions,
  'secrets reach only steps of jobs in an environment, each by its name': secrets,
  'a job in an environment makes no deployment record of its own': environments,
  'every job ends': timeouts,
  'a runner is named with its version': runners,
  'no expression stands in a script': scripts,
  'what others wrote is handed to our own action only': inputs,
  'whoever may write waits in one queue, and nobody is cancelled midway': queue,
  'a checkout leaves no credentials behind': credentials,
  'what has rights runs the code of main': trusted,
  'nothing is scheduled for the full hour, when GitHub drops runs': schedules,
} satisfies Record<string, Rule>;

export type RuleName = keyof typeof RULES;

/** Scopes beyond saying something on a pull request. */
const HEAVY = ['contents', 'issues', 'deployments', 'actions', 'packages', 'pages', 'id-token', 'statuses'];

function pins({ content, text }: Workflow): string[] {
  return Object.values(content.jobs)
    .flatMap(({ steps }) => steps)
    .flatMap(({ uses }) => {
      if (uses === undefined || uses === './action') return [];
      const known = THIRD_PARTY[uses];
      if (!known) return [`${uses} is not among those that were looked at`];
      const lines = text.split('\n').filter((line) => line.includes(uses));
      return lines.every((line) => line.endsWith(`${uses} # ${known.version}`)) ? [] : [`${uses} hides its version`];
    });
}

function triggers(workflow: Workflow): string[] {
  const refused = ['pull_request_target', 'issue_comment', 'pull_request_review', 'pull_request_review_comment'];
  return triggersOf(workflow).filter((trigger) => refused.includes(trigger));
}

function permissions(workflow: Workflow): string[] {
  const { permissions: top } = workflow.content;
  const whole =
    typeof top === 'object' && Object.keys(top).length === 0 ? [] : ['the file gives permissions to all jobs'];
  const loose = jobsOf(workflow).filter(([, job]) => typeof job.permissions !== 'object');
  return [...whole, ...loose.map(([name]) => `${name} does not list its permissions`)];
}

function secrets(workflow: Workflow): string[] {
  const { jobs, ...head } = workflow.content;
  const outside = [head, ...Object.values(jobs).map((job) => withoutStepEnv(job))].flatMap(secretsIn);
  const loose = jobsOf(workflow)
    .filter(([, { environment }]) => environment === undefined)
    .flatMap(([, { steps }]) => steps.flatMap(({ env }) => secretsIn(env)));
  const unnamed = secretsIn(workflow.content).filter((read) => !/^secrets\.[A-Z][A-Z0-9_]*$/.test(read));
  const inherited = Object.values(jobs).flatMap((job) => (job.secrets === undefined ? [] : ['secrets are handed on']));
  return [...outside, ...loose, ...unnamed, ...inherited];
}

function withoutStepEnv({ steps, ...job }: Job) {
  return { ...job, steps: steps.map(({ env: _, ...step }) => step) };
}

function secretsIn(value: unknown): string[] {
  return readsIn(value).filter((read) => /^secrets(\.|$)/i.test(read));
}

function readsIn(value: unknown): string[] {
  return expressionsIn(value).flatMap(readsOf);
}

function environments(workflow: Workflow): string[] {
  return jobsOf(workflow)
    .filter(([, { environment }]) => environment !== undefined)
    .filter(([, { environment }]) => typeof environment !== 'object' || environment.deployment !== false)
    .map(([name]) => name);
}

function timeouts(workflow: Workflow): string[] {
  return jobsOf(workflow)
    .filter(([, job]) => {
      const minutes = job['timeout-minutes'];
      return typeof minutes !== 'number' || minutes >= 360;
    })
    .map(([name]) => name);
}

function runners(workflow: Workflow): string[] {
  return jobsOf(workflow)
    .filter(([, job]) => !/^ubuntu-\d\d\.\d\d$/.test(String(job['runs-on'])))
    .map(([name]) => name);
}

function scripts({ content }: Workflow): string[] {
  const steps = Object.values(content.jobs).flatMap((job) => job.steps);
  const parts = steps.flatMap(({ run, shell, 'working-directory': folder }) => [run, shell, folder]);
  return [...parts, content.defaults, ...Object.values(content.jobs).map(({ defaults }) => defaults)].flatMap(
    expressionsIn,
  );
}

function inputs({ content }: Workflow): string[] {
  return Object.values(content.jobs)
    .flatMap(({ steps }) => steps)
    .filter(({ uses }) => uses !== './action')
    .flatMap((step) => [...readsIn(step.with), ...(step.run === undefined ? [] : readsIn(step.env))])
    .filter((read) => !read.startsWith('matrix.'));
}

function queue(workflow: Workflow): string[] {
  return jobsOf(workflow)
    .filter(([, { permissions: own }]) => typeof own === 'object' && HEAVY.some((scope) => own[scope] === 'write'))
    .filter(([, { concurrency: at }]) => {
      const waits = typeof at === 'object' && at.group === 'provisioner' && at.queue === 'max';
      return !waits || at['cancel-in-progress'] !== false || workflow.content.concurrency !== undefined;
    })
    .map(([name]) => name);
}

function credentials({ content }: Workflow): string[] {
  return Object.values(content.jobs)
    .flatMap((job) => stepsUsing(job, 'actions/checkout'))
    .filter((step) => step.with?.['persist-credentials'] !== false)
    .map(({ uses }) => `${uses} keeps its token`);
}

/** Rights: an environment, or a token that writes. Anything else may run what a pull request brings, as CI has to. */
function trusted(workflow: Workflow): string[] {
  return jobsOf(workflow)
    .filter(([, { environment, permissions: own }]) => {
      return environment !== undefined || typeof own !== 'object' || Object.values(own).includes('write');
    })
    .flatMap(([name, { steps }]) => {
      const [first, second, ...others] = steps;
      const isMain = first !== undefined && checksOutMain(first);
      return isMain && second?.uses === './action' && others.length === 0 ? [] : [`${name} runs other code`];
    });
}

function checksOutMain({ uses, with: given }: Step): boolean {
  const taken = new Set(Object.keys(given ?? {}));
  taken.delete('persist-credentials');
  taken.delete('ref');
  return uses?.split('@')[0] === 'actions/checkout' && given?.ref === 'main' && taken.size === 0;
}

function schedules({ text }: Workflow): string[] {
  return [...text.matchAll(/cron: '([^']*)'/g)].map(([, cron = '']) => cron).filter((cron) => /^(0|\*)/.test(cron));
}
