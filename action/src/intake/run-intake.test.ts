import { describe, expect, it } from 'vitest';
import { anIntakeRig, aRow, requestTable } from '../../../tests/support/intake-rig.ts';
import { runIntake } from './run-intake.ts';

const approved = (changes: Readonly<Record<string, string>> = {}) =>
  Object.entries({
    'Agency name': 'Acme Studio',
    'Owner name': 'Acme Owner',
    'Owner email': 'owner@acme.example',
    Region: 'eu-west-1',
    Notes: '_No response_',
    ...changes,
  })
    .map(([label, answer]) => `### ${label}\n\n${answer}`)
    .join('\n\n');

const dispatch = {
  request_id: 'r1',
  agency_name: 'Acme Studio',
  owner_email: 'owner@acme.example',
  region: 'eu-west-1',
};

describe('the doors of intake', () => {
  it('lead to one and the same manifest', async () => {
    const manifestAfter = async (door: 'database' | 'dispatch' | 'issue') => {
      const rig = await anIntakeRig(requestTable(aRow('r1', { region: 'eu-west-1', ownerName: 'Acme Studio' })));
      const issue = await rig.anApprovedIssue(approved({ 'Owner name': 'Acme Studio' }));
      const asked = { database: { request: 'r1' }, dispatch: { dispatch }, issue: { issue } }[door];
      const ports = door === 'dispatch' ? { ...rig.ports, controlPlane: undefined } : rig.ports;
      const report = await runIntake(asked, { ...ports, uid: () => 'acme1234' });
      expect(report).toMatchObject({ result: 'done', outcomes: [{ slug: 'acme-studio', opened: true }] });
      const id = door === 'issue' ? `issue-${issue}` : 'r1';
      return (await rig.room.read('agencies/acme-studio.yaml', `onboard/${id}`))?.replace(/requestId: .*/, '');
    };
    const [row, ...others] = await Promise.all([
      manifestAfter('database'),
      manifestAfter('dispatch'),
      manifestAfter('issue'),
    ]);
    expect(row).toContain('displayName: Acme Studio');
    expect(others).toEqual([row, row]);
  });

  it('believe the row, and not what a dispatch says besides its id', async () => {
    const rig = await anIntakeRig(requestTable(aRow('r1')));
    await runIntake({ dispatch: { ...dispatch, owner_email: 'evil@evil.example' } }, rig.ports);
    expect(await rig.room.read('agencies/acme-studio.yaml', 'onboard/r1')).toContain('email: "owner@acme.example"');
  });

  it.each([
    ['no such row', { request: 'r9' }, /there is no onboarding request r9/],
    ['a row that nobody approved', { request: 'pending' }, /request pending is pending, not approved/],
    ['a row that failed', { request: 'failed' }, /request failed is failed, not approved/],
    ['no such issue', { issue: 99 }, /there is no issue 99/],
    ['an issue that nobody approved', { issue: 1 }, /issue 1 does not bear the label agency-approved/],
    ['a pull request', { issue: 2 }, /there is no issue 2/],
    ['a dispatch without an id', { dispatch: { agency_name: 'x' } }, /the dispatch names no request/],
  ])('are shut for %s', async (_, asked, why) => {
    const rig = await anIntakeRig(
      requestTable(aRow('pending', { state: 'pending' }), aRow('failed', { state: 'failed' })),
    );
    expect(await rig.anApprovedIssue(approved(), ['agency-request'])).toBe(1);
    await rig.room.push('change', { 'README.md': approved() });
    await rig.room.openPullRequest({ head: 'change', title: 'x', body: approved() });
    await expect(runIntake(asked, rig.ports)).rejects.toThrow(why);
    expect(await rig.pullBranches()).toEqual(['change']);
  });

  it.each(['provisioning', 'deployed'] as const)('open nothing for a row that is %s', async (state) => {
    const rig = await anIntakeRig(requestTable(aRow('r1', { state })));
    expect(await runIntake({ request: 'r1' }, rig.ports)).toMatchObject({ result: 'done', outcomes: [] });
    expect(await rig.pullBranches()).toEqual([]);
  });

  it('need the database to look up an id', async () => {
    const rig = await anIntakeRig();
    const ports = { ...rig.ports, controlPlane: undefined };
    await expect(runIntake({ request: 'r1' }, ports)).rejects.toThrow(/company’s database is not configured/);
    expect(await runIntake({}, ports)).toMatchObject({
      result: 'done',
      headline: 'Done: no request waits for a pull request.',
      outcomes: [],
    });
  });
});

describe('a sweep', () => {
  it('takes every approved row, and lets no bad one stop the others', async () => {
    const table = requestTable(
      aRow('r1', { agencyName: 'a'.repeat(10_000) }),
      aRow('r2'),
      aRow('r3', { ownerEmail: 'nobody' }),
      aRow('r4', { state: 'pending' }),
      aRow('r5', { agencyName: 'Other' }),
      aRow('r6', { state: 'deployed' }),
      aRow('r7', { agencyName: '' }),
    );
    const rig = await anIntakeRig(table);
    const report = await runIntake({}, rig.ports);
    expect(report.result).toBe('failed');
    expect(report.outcomes.map(({ request, state, slug }) => [request, state, slug])).toEqual([
      ['r1', 'failed', undefined],
      ['r2', 'opened', 'acme-studio'],
      ['r3', 'failed', undefined],
      ['r5', 'opened', 'other'],
      ['r7', 'failed', undefined],
    ]);
    expect(report.headline).toMatch(/^Failed: request r1: .*10000 characters long.* Next: .* \(and 2 more\)$/);
    expect(await rig.onboardBranches()).toEqual(['onboard/r2', 'onboard/r5']);
    expect(table.row('r1')).toMatchObject({ state: 'failed', errorMessage: expect.stringContaining('agency name') });
    expect(table.row('r3')).toMatchObject({ state: 'failed', errorMessage: expect.stringContaining('owner email') });
    expect(table.row('r2')).toMatchObject({ state: 'approved', slug: 'acme-studio' });
    expect(table.row('r7')).toMatchObject({ state: 'failed', errorMessage: 'r7 has no agency_name. Next: Fill it.' });
    expect(rig.events).toHaveLength(5);

    expect(await runIntake({}, rig.ports)).toMatchObject({
      result: 'done',
      headline: 'Done: 0 pull requests opened, 2 settled before.',
    });
  });

  it('goes on with a row that was mended and approved again', async () => {
    const table = requestTable(aRow('r1', { ownerEmail: 'nobody' }));
    const rig = await anIntakeRig(table);
    await runIntake({}, rig.ports);
    const mended = { ...rig.ports, controlPlane: { ...table.controlPlane, requests: async () => [aRow('r1')] } };
    expect(await runIntake({}, mended)).toMatchObject({ result: 'done' });
    expect(table.row('r1')).toMatchObject({ slug: 'acme-studio', errorMessage: null });
  });

  it('says that what a person declined is no failure of the run', async () => {
    const table = requestTable(aRow('r1'));
    const rig = await anIntakeRig(table);
    await runIntake({}, rig.ports);
    await rig.room.closePullRequest(1);
    const report = await runIntake({}, rig.ports);
    expect(report).toMatchObject({ result: 'done', outcomes: [{ request: 'r1', state: 'declined', opened: false }] });
    expect(table.row('r1')?.state).toBe('failed');
    expect(await runIntake({}, rig.ports)).toMatchObject({ outcomes: [] });
  });

  it('goes red when a row cannot be told, and tells it the next time', async () => {
    const table = requestTable(aRow('r1'));
    const rig = await anIntakeRig(table);
    const mute = { ...table.controlPlane, tell: () => Promise.reject(new Error('the database is down')) };
    const report = await runIntake({}, { ...rig.ports, controlPlane: mute });
    expect(report).toMatchObject({ result: 'failed', headline: expect.stringContaining('the database is down') });
    expect(await runIntake({}, rig.ports)).toMatchObject({ result: 'done', outcomes: [{ opened: false }] });
    expect(table.row('r1')?.pullRequestUrl).toMatch(/\/pull\/1$/);
  });
});

describe('an issue', () => {
  it('is told once of its pull request, which closes it', async () => {
    const rig = await anIntakeRig();
    const issue = await rig.anApprovedIssue(approved({ Notes: 'They start in May.' }));
    await Promise.all(Array.from({ length: 5 }, () => runIntake({ issue }, rig.elsewhere())));
    const [comment, ...more] = await rig.comments(issue);
    expect(more).toEqual([]);
    expect(comment).toMatch(
      /^<!-- agency-provisioner:intake -->\n\[Pull request 2\]\(<http.*\/pull\/2>\) adds the agency/,
    );
    const { data } = await rig.octokit().rest.pulls.get({ owner: 'example', repo: 'control-room', pull_number: 2 });
    expect(data.body).toContain(`Closes #${issue}`);
    expect(data.body).toContain('They start in May.');
  });

  it('is told what to mend, and its pull request once it is mended, in the same comment', async () => {
    const rig = await anIntakeRig();
    const issue = await rig.anApprovedIssue(approved({ 'Owner email': '_No response_' }));
    const refused = await runIntake({ issue }, rig.ports);
    expect(refused).toMatchObject({ result: 'failed', outcomes: [{ request: `issue-${issue}`, state: 'failed' }] });
    expect(await rig.comments(issue)).toEqual([expect.stringContaining('Owner email')]);
    const body = approved();
    await rig.octokit().rest.issues.update({ owner: 'example', repo: 'control-room', issue_number: issue, body });
    expect(await runIntake({ issue }, rig.ports)).toMatchObject({ result: 'done' });
    expect(await rig.comments(issue)).toEqual([expect.stringContaining('Pull request 2')]);
    await rig.room.closePullRequest(2);
    await runIntake({ issue }, rig.ports);
    expect(await rig.comments(issue)).toEqual([expect.stringContaining('was closed without being merged')]);
  });
});
