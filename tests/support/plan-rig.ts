import { readInputs } from '../../action/src/edge/inputs.ts';
import { PLAN_CHECK, reviewPull } from '../../action/src/edge/review-pull.ts';
import type { Event, RunResult } from '../../action/src/engine/events.ts';
import type { Variables } from '../../action/src/environment.ts';
import type { Job } from '../../action/src/report/actions.ts';
import type { Workflow } from '../../action/src/workflow.ts';
import type { Files } from '../../local-cloud/github/forge-repository.ts';
import { CONTROL_ROOM, owner, repo } from '../../local-cloud/github/testing.ts';
import { fleetText } from './agency-manifest.ts';
import { aControlForge, type ControlForge, type ControlForgeOptions } from './control-forge.ts';

export const MIGRATION = 'migrations/agency/20260101000000_begin.sql';

/** What a plan job did and said. */
export interface Planned {
  readonly result: RunResult;
  readonly summary: string;
  readonly headline: string;
  readonly events: readonly Event[];
}

export interface PlanRig extends ControlForge {
  /** A pull request with these changes; gives its number. */
  propose(files: Files, branch?: string): Promise<number>;
  /** Plans it as the action does: a number, or inputs and what the runner tells. */
  plan(pull: number | Variables, workflow?: Workflow): Promise<Planned>;
  comments(number: number): Promise<string[]>;
  /** How the check on a commit, or on a branch's head, was concluded. */
  conclusion(ref: string): Promise<string | null | undefined>;
}

/** A control room on the local forge, and the plan job of its pull requests, in process. */
export async function aPlanRig({ files, fleet = {}, ...options }: PlanOptions = {}): Promise<PlanRig> {
  const room = { 'fleet.yaml': fleetOf(fleet), [MIGRATION]: 'create table a (id int);\n', ...files };
  const rig = await aControlForge({ ...options, files: room });
  const { rest } = rig.octokit();
  return {
    ...rig,
    propose: async (changes, branch = 'change') => {
      await rig.room.push(branch, changes);
      return rig.room.openPullRequest({ head: branch, title: 'Change it' });
    },
    plan: (pull, workflow) =>
      planned(rig, typeof pull === 'number' ? { 'INPUT_PULL-REQUEST': String(pull) } : pull, workflow),
    comments: async (issue_number) => {
      const { data } = await rest.issues.listComments({ owner, repo, issue_number });
      return data.map(({ body = '' }) => body);
    },
    conclusion: async (ref) => {
      const { data } = await rest.checks.listForRef({ owner, repo, ref, check_name: PLAN_CHECK });
      return data.check_runs[0]?.conclusion;
    },
  };
}

export interface PlanOptions extends ControlForgeOptions {
  readonly fleet?: Readonly<Record<string, unknown>>;
}

function fleetOf(over: Readonly<Record<string, unknown>>): string {
  return fleetText({ SUPABASE_ORG_ID: 'org', VERCEL_TEAM_ID: 'team_x' }, { repository: CONTROL_ROOM, ...over });
}

async function planned(rig: ControlForge, inputs: Variables, workflow: Workflow | undefined): Promise<Planned> {
  const variables = {
    GITHUB_TOKEN: rig.forge.workflowToken,
    GITHUB_API_URL: rig.forge.apiUrl.replace(/^http:/, 'https:'),
    GITHUB_SERVER_URL: rig.forge.serverUrl.replace(/^http:/, 'https:'),
    GITHUB_REPOSITORY: CONTROL_ROOM,
    ...inputs,
  };
  const outputs = new Map<string, string>();
  const events: Event[] = [];
  let summary = '';
  const job: Job = {
    log: () => undefined,
    annotate: () => undefined,
    setOutput: (name, value) => void outputs.set(name, value),
    summarize: (markdown) => {
      summary += markdown;
    },
  };
  const { signal } = new AbortController();
  const emit = (event: Event) => void events.push(event);
  // The product speaks to other machines by https only, and the forge in this process is called http.
  const fetch: typeof globalThis.fetch = (input, init) => {
    const request = new Request(input, init);
    return rig.fetch(new Request(request.url.replace(/^https:\/\/cloud\.test\//, 'http://cloud.test/'), request));
  };
  const here = { dir: rig.dir, signal, emit, clock: rig.clock, fetch };
  const follow = () => undefined;
  const result = await reviewPull({ inputs: readInputs(variables), variables, workflow, here, job, follow });
  return { result, summary, headline: outputs.get('summary') ?? '', events };
}
