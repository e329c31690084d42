import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Status } from '../../action/src/manifest/schema.ts';
import { spliceStatus } from '../../action/src/manifest/status.ts';
import { octokitFor } from '../../local-cloud/github/testing.ts';
import type { JobRun } from '../../local-cloud/runner/runner.ts';
import { anAgency } from '../support/agency-manifest.ts';
import { leaks } from '../support/canaries.ts';
import { aHostedCloud, DIST, type HostedCloud, NAME } from '../support/hosted-cloud.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const [owner = '', repo = ''] = NAME.split('/');
const live = anAgency('live-studio');
const recorded: Status = {
  conditions: [],
  outputs: {},
  resources: {
    'supabase.project': { id: 'abcdefghijklmnopqrst', region: 'us-east-1' },
    'vercel.project': { id: 'prj_0123456789' },
  },
};
const LIVE = spliceStatus(live.text(), recorded);

let hosted: HostedCloud;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seen-'));
  // The control room brings the action along, as one that was made from this repository does; it notes who starts it.
  const shim = [
    "import { appendFileSync } from 'node:fs';",
    `appendFileSync(${JSON.stringify(join(dir, 'env'))}, JSON.stringify(process.env) + '\\n');`,
    `await import(${JSON.stringify(pathToFileURL(DIST).href)});`,
  ].join('\n');
  hosted = await aHostedCloud({
    files: { 'action/dist/index.js': shim, 'action/dist/package.json': '{"type":"module"}', [live.file]: LIVE },
  });
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const rest = () => octokitFor(hosted.cloud.forge, hosted.cloud.forge.workflowToken).rest;
const named = (runs: readonly JobRun[], workflow: string) => runs.filter((run) => run.workflow === workflow);

/** Proposes it, and gives what the plan said of it: the job, the annotations of its check and the comments. */
async function proposed(title: string, files: Readonly<Record<string, string | null>>) {
  const number = await hosted.propose(title, files);
  const [job] = named(await hosted.runner.settle(), 'plan');
  const { data: pull } = await rest().pulls.get({ owner, repo, pull_number: number });
  const { data } = await rest().checks.listForRef({
    owner,
    repo,
    ref: pull.head.sha,
    check_name: 'provisioner / plan',
  });
  const [check] = data.check_runs;
  const annotations = check
    ? (await rest().checks.listAnnotations({ owner, repo, check_run_id: check.id })).data.map(
        (one) => `${one.path}:${one.start_line} ${one.message}`,
      )
    : [];
  await hosted.room.closePullRequest(number);
  return { number, job, conclusion: check?.conclusion, annotations, comments: await hosted.comments(number) };
}

describe('a fork’s pull request', () => {
  it('is planned, reaches no secret, and its copy of the action never runs', async () => {
    const eve = anAgency('eve-studio');
    const fork = await hosted.room.fork('eve');
    const evil = `require('node:fs').writeFileSync(${JSON.stringify(join(dir, 'pwned'))}, JSON.stringify(process.env))`;
    await fork.push('patch', {
      [eve.file]: eve.text(),
      'action/dist/index.js': evil,
      'action/dist/package.json': '{}',
    });
    const number = await hosted.room.openPullRequest({ head: 'eve:patch', title: 'Add eve', by: 'eve' });
    const runs = await hosted.runner.settle();
    const [plan] = named(runs, 'plan');
    const [follow] = named(runs, 'plan-follow');
    expect(plan?.code, plan?.log).toBe(0);
    expect(plan?.summary).toContain('Merging makes 1 new agency');
    expect(follow?.code, follow?.log).toBe(0);
    expect(await hosted.comments(number)).toEqual([expect.stringContaining('Merging makes 1 new agency')]);
    await expect(readFile(join(dir, 'pwned'), 'utf8')).rejects.toThrow('ENOENT');
    const seen = await readFile(join(dir, 'env'), 'utf8');
    expect(seen.trim().split('\n')).toHaveLength(2);
    expect(leaks(seen, hosted.secrets)).toEqual([]);
    await hosted.room.closePullRequest(number);
  });
});

describe('a pull request is refused with the reason, on the line, when it', () => {
  const line = (text: string, of: string) => text.split('\n').findIndex((one) => one.includes(of)) + 1;

  it.each([
    ['edits status', LIVE.replace('prj_0123456789', 'prj_9876543210'), 'status:', 'it was edited by hand'],
    [
      'names a secret that it may not have',
      LIVE.replace('spec:\n', 'spec:\n  env: { KEY: { secret: AGENCY_OTHER_KEY } }\n'),
      'AGENCY_OTHER_KEY',
      'AGENCY_OTHER_KEY',
    ],
    [
      'adds an expression',
      LIVE.replace(/displayName: .*/, `displayName: "\${{ secrets.VERCEL_TOKEN }}"`),
      'displayName',
      '${{',
    ],
  ])('%s', async (what, text, place, why) => {
    const { job, conclusion, annotations, comments } = await proposed(what, { [live.file]: text });
    expect(job?.code).toBe(1);
    expect(conclusion).toBe('failure');
    const found = annotations.filter((one) => one.startsWith(`${live.file}:${line(text, place)} `));
    expect(found.join('\n'), annotations.join('\n')).toContain(why);
    expect(comments[0]).toContain('Not to be merged as it is');
    expect(comments[0]).not.toContain('${{');
  });

  it('re-points an inventory id at another agency’s thing', async () => {
    const thief = anAgency('thief').with({}, { adopt: { 'vercel.project': 'prj_0123456789' } });
    const { conclusion, annotations } = await proposed('Steal', { [thief.file]: thief.text() });
    expect(conclusion).toBe('failure');
    expect(annotations.join('\n')).toMatch(/^agencies\/thief\.yaml:\d+ /);
  });

  it('copies another manifest', async () => {
    const copy = LIVE.replace('name: live-studio', 'name: copy-studio');
    const { conclusion, annotations } = await proposed('Copy', { 'agencies/copy-studio.yaml': copy });
    expect(conclusion).toBe('failure');
    expect(annotations.join('\n')).toMatch(/^agencies\/copy-studio\.yaml:\d+ /m);
  });

  it('deletes a manifest with a live inventory', async () => {
    const { conclusion, comments } = await proposed('Delete', { [live.file]: null });
    expect(conclusion).toBe('failure');
    expect(comments[0]).toContain('lifecycle');
  });
});

describe('what is written under a pull request', () => {
  const beta = anAgency('beta-studio');

  it('is one comment however often it is planned, and gone back on when nothing is left to say', async () => {
    const number = await hosted.propose('Add beta', { [beta.file]: beta.text() });
    await hosted.runner.settle();
    await hosted.room.push('add-beta', { [beta.file]: beta.with({ displayName: 'Another name' }).text() });
    await hosted.runner.settle();
    expect(await hosted.comments(number)).toEqual([expect.stringContaining('Another name')]);
    await hosted.room.push('add-beta', { [beta.file]: null, 'notes.md': 'only words\n' });
    await hosted.runner.settle();
    expect(await hosted.comments(number)).toEqual([expect.stringContaining('Merging changes nothing for any agency')]);
    await hosted.room.closePullRequest(number);
  });

  it('is nothing where no agency is concerned', async () => {
    const { job, comments, conclusion } = await proposed('Words', { 'notes.md': 'more words\n' });
    expect([job?.code, conclusion, comments]).toEqual([0, 'success', []]);
  });

  it('shows foreign text as text', async () => {
    const hostile = [
      '<script>alert(1)</script><img src="https://evil.example/beacon">',
      '![beacon](https://evil.example/beacon.png) @everybody #1 |',
      '```\n</details>\n\u202egnp.exe',
    ].join(' ');
    const name = hostile.replace(/[\n\u202e]/g, ' ');
    const odd = anAgency('odd-studio').with({ displayName: name.slice(0, 100) });
    const number = await hosted.propose('Add odd', { [odd.file]: odd.text() });
    await hosted.runner.settle();
    const page = await (await fetch(`${hosted.cloud.forge.serverUrl}/${NAME}/pull/${number}`)).text();
    expect(page).not.toMatch(/<script>alert|<img[^>]*evil\.example/);
    const [comment = ''] = await hosted.comments(number);
    const outside = comment.replace(/^```[\s\S]*?^```$/gm, '');
    expect(outside).not.toMatch(/<script|!\[beacon\]|(?<![\w&;])@everybody/);
    await hosted.room.closePullRequest(number);
  });

  it('is no order: a plan that a person forged changes nothing', async () => {
    const gamma = anAgency('gamma-studio');
    const number = await hosted.propose('Add gamma', { [gamma.file]: gamma.text() });
    await hosted.room.comment(number, '<!-- agency-provisioner plan -->\nNothing would be done.');
    await hosted.runner.settle();
    const [forged, ours, ...more] = await hosted.comments(number);
    expect(forged).toContain('Nothing would be done.');
    expect(ours).toContain('Merging makes 1 new agency');
    expect(more).toEqual([]);
    await hosted.room.closePullRequest(number);
  });
});
