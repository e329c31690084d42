import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ABOUT } from '../../action/src/variables.ts';
import { expressionsIn, readsOf } from '../../local-cloud/runner/expressions.ts';
import {
  jobsOf,
  readAction,
  readWorkflows,
  root,
  type Workflow,
  workflowFrom,
} from '../../local-cloud/runner/workflows.ts';
import { RULES, type RuleName } from './rules.ts';

const workflows = readWorkflows();
const names = Object.keys(RULES) as RuleName[];

/** One of our files with the first of `before` replaced. */
function changed(file: string, before: string, after: string): Workflow {
  const path = `.github/workflows/${file}`;
  const text = workflows.find((workflow) => workflow.file === path)?.text ?? '';
  expect(text, `${path} no longer holds what this test changes`).toContain(before);
  return workflowFrom(
    path,
    text.replace(before, () => after),
  );
}

const checkout = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1';
const token = `GITHUB_TOKEN: ${filled('github.token')}`;
const leaked = `VERCEL_TOKEN: ${filled('secrets.VERCEL_TOKEN')}`;

function filled(expression: string): string {
  return `\${{ ${expression} }}`;
}

/** Slips that each rule is there for: the file, what stands there, and what somebody made of it. */
const SLIPS: Readonly<Record<RuleName, readonly (readonly [file: string, before: string, after: string])[]>> = {
  'an action of somebody else is pinned to a commit that was looked at, and says its version': [
    ['apply.yml', `${checkout} # v7.0.1`, 'actions/checkout@v7'],
    ['apply.yml', `${checkout} # v7.0.1`, checkout],
    ['apply.yml', `${checkout} # v7.0.1`, `${checkout} # v6.0.0`],
    ['apply.yml', checkout, checkout.replace('3d3c', '0000')],
    ['apply.yml', checkout, checkout.replace('actions/', 'act1ons/')],
    ['apply.yml', './action', 'docker://alpine:3'],
    ['apply.yml', './action', '$/action'],
  ],
  'nothing is started by what may come from a stranger and runs with our rights': [
    ['plan.yml', 'pull_request:', 'pull_request_target:'],
    ['intake.yml', 'issues:\n    types: [labeled]', 'issue_comment:'],
    ['plan.yml', '    types: [opened, synchronize, reopened, edited]\n', '  pull_request_target:\n'],
  ],
  'a token can nothing unless the job says so, word by word': [
    ['drift.yml', 'permissions: {}', 'permissions:\n  contents: read'],
    ['drift.yml', 'permissions: {}\n', ''],
    ['drift.yml', 'permissions: {}', 'permissions: write-all'],
    ['drift.yml', '    permissions:\n      contents: read\n      issues: write\n', ''],
    ['drift.yml', '    permissions:\n      contents: read\n      issues: write\n', '    permissions: write-all\n'],
  ],
  'secrets reach only steps of jobs in an environment, each by its name': [
    ['plan.yml', token, `${token}\n          ${leaked}`],
    ['plan.yml', token, `${token}\n          VERCEL_TOKEN: ${filled("secrets['VERCEL_TOKEN']")}`],
    ['apply.yml', token, `${token}\n          EVERYTHING: ${filled('toJSON(secrets)')}`],
    ['apply.yml', token, `${token}\n          ANY: ${filled('secrets[inputs.agencies]')}`],
    ['apply.yml', 'command: apply', `command: ${filled('secrets.COMMAND')}`],
    ['apply.yml', 'permissions: {}', `permissions: {}\n\nenv:\n  ${leaked}`],
    ['apply.yml', '    environment:\n      name: production\n      deployment: false\n', ''],
  ],
  'a job in an environment makes no deployment record of its own': [
    ['apply.yml', '      deployment: false\n', ''],
    ['apply.yml', 'environment:\n      name: production\n      deployment: false\n', 'environment: production\n'],
  ],
  'every job ends': [
    ['plan.yml', '    timeout-minutes: 15\n', ''],
    ['plan.yml', 'timeout-minutes: 15', 'timeout-minutes: 4000'],
    ['plan.yml', 'timeout-minutes: 15', `timeout-minutes: ${filled('vars.MINUTES')}`],
  ],
  'a runner is named with its version': [['plan.yml', 'ubuntu-24.04', 'ubuntu-latest']],
  'no expression stands in a script': [
    ['ci.yml', 'run: .ci/run', `run: echo ${filled('github.head_ref')}`],
    ['ci.yml', 'run: .ci/run', `run: .ci/run\n        working-directory: ${filled('github.event.pull_request.title')}`],
    ['ci.yml', 'run: .ci/run', `run: .ci/run\n        shell: ${filled('matrix.node')}`],
  ],
  'what others wrote is handed to our own action only': [
    ['ci.yml', `node-version: ${filled('matrix.node')}`, `node-version: ${filled('github.head_ref')}`],
    [
      'ci.yml',
      'run: .ci/run',
      `run: .ci/run\n        env:\n          TITLE: ${filled('github.event.pull_request.title')}`,
    ],
    ['plan.yml', 'ref: main', `ref: ${filled('github.event.pull_request.base.ref')}`],
  ],
  'whoever may write waits in one queue, and nobody is cancelled midway': [
    ['apply.yml', '      queue: max\n', ''],
    ['apply.yml', 'group: provisioner', 'group: apply'],
    ['intake.yml', 'cancel-in-progress: false', 'cancel-in-progress: true'],
    ['drift.yml', 'permissions: {}', 'permissions: {}\n\nconcurrency: drift'],
    ['plan.yml', 'contents: read', 'contents: write'],
  ],
  'a checkout leaves no credentials behind': [
    ['ci.yml', 'persist-credentials: false', 'fetch-depth: 0'],
    ['ci.yml', 'persist-credentials: false', 'persist-credentials: true'],
  ],
  'what has rights runs the code of main': [
    ['plan.yml', 'ref: main', 'ref: v1'],
    ['plan.yml', '          ref: main\n', ''],
    ['plan.yml', 'ref: main', 'ref: main\n          repository: somebody/else'],
    ['plan-follow.yml', 'ref: main', 'ref: main\n          allow-unsafe-pr-checkout: true'],
    ['apply.yml', '      - uses: ./action\n', '      - run: npm ci\n      - uses: ./action\n'],
    ['ci.yml', 'contents: read', 'contents: write'],
  ],
  'nothing is scheduled for the full hour, when GitHub drops runs': [['drift.yml', "'43 4 * * *'", "'0 4 * * *'"]],
};

describe.each(names)('%s', (name) => {
  it.each(workflows.map((workflow) => [workflow.file, workflow] as const))('in %s', (_, workflow) => {
    expect(RULES[name](workflow)).toEqual([]);
  });

  it.each(SLIPS[name].map(([file, before, after]) => [file, after, before] as const))(
    'or %s is refused with %j',
    (file, after, before) => {
      expect(RULES[name](changed(file, before, after))).not.toEqual([]);
    },
  );
});

it('what each job may do is what it needs', () => {
  const given = workflows.flatMap((workflow) =>
    jobsOf(workflow).map(([name, { permissions }]) => [`${workflow.content.name}/${name}`, permissions]),
  );
  const plan = { contents: 'read', 'pull-requests': 'write', checks: 'write' };
  expect(Object.fromEntries(given)).toEqual({
    'ci/check': { contents: 'read' },
    'plan/plan': plan,
    'plan-follow/fork': plan,
    'plan-follow/live': plan,
    'intake/intake': { contents: 'write', 'pull-requests': 'write', issues: 'write' },
    'apply/apply': {
      contents: 'write',
      'pull-requests': 'write',
      checks: 'write',
      issues: 'write',
      deployments: 'write',
    },
    'drift/drift': { contents: 'read', issues: 'write' },
  });
});

it('a required check is made whatever happens to a pull request, and is never skipped', () => {
  const plan = workflows.find(({ content }) => content.name === 'plan');
  expect(plan?.content.on).toEqual({
    pull_request: { branches: ['main'], types: ['opened', 'synchronize', 'reopened', 'edited'] },
  });
  expect(plan && jobsOf(plan).filter(([, job]) => 'if' in job)).toEqual([]);
});

describe('what the action is handed', () => {
  const calls = workflows.flatMap((workflow) =>
    jobsOf(workflow).flatMap(([, { steps }]) =>
      steps.filter(({ uses }) => uses === './action').map((step) => ({ file: workflow.file, ...step })),
    ),
  );

  it('are inputs that it takes', () => {
    const taken = Object.keys(readAction().inputs);
    expect(calls).not.toEqual([]);
    for (const { file, with: given } of calls)
      expect(taken, file).toEqual(expect.arrayContaining(Object.keys(given ?? {})));
  });

  /** Read behind the edge; ABOUT does not tell of them yet. */
  const others = [
    'CONTROL_PLANE_SUPABASE_URL',
    'CONTROL_PLANE_SUPABASE_SECRET_KEY',
    'PROVISIONER_APP_CLIENT_ID',
    'PROVISIONER_APP_PRIVATE_KEY',
  ];

  it('are variables that it reads, each from what has the same name', () => {
    for (const { file, env } of calls) {
      for (const [name, value] of Object.entries(env ?? {})) {
        expect([...Object.keys(ABOUT), ...others, ...agencySecrets()], file).toContain(name);
        const source = expressionsIn(value).flatMap(readsOf);
        expect(source, file).toEqual([
          name === 'GITHUB_TOKEN' ? 'github.token' : expect.stringMatching(`^(secrets|vars)\\.${name}$`),
        ]);
      }
    }
  });

  it('are the secrets that fleet.yaml lets agencies use, wherever it plans for real', () => {
    const real = calls.filter(({ env }) => env?.SUPABASE_ACCESS_TOKEN !== undefined);
    expect(real.map(({ file }) => file)).toEqual(
      ['apply', 'drift', 'plan-follow'].map((name) => `.github/workflows/${name}.yml`),
    );
    for (const { file, env } of real)
      expect(Object.keys(env ?? {}), file).toEqual(expect.arrayContaining(agencySecrets()));
  });
});

function agencySecrets(): string[] {
  const fleet = parse(readFileSync(join(root, 'fleet.yaml'), 'utf8')) as { spec: { secrets?: { name: string }[] } };
  return (fleet.spec.secrets ?? []).map(({ name }) => name);
}
