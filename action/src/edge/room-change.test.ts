import { describe, expect, test } from 'vitest';
import { anAgency } from '../../../tests/support/agency-manifest.ts';
import { aPlanRig, MIGRATION } from '../../../tests/support/plan-rig.ts';
import { RECORD_BRANCH } from '../record/entries.ts';

const acme = anAgency('acme-studio');
const named = (name: string) => anAgency(name).text().replaceAll('displayName', 'displayname');
/** Manifests that are refused as soon as they are read. */
const many = (number: number) =>
  Object.fromEntries(Array.from({ length: number }, (_, at) => [`agencies/agency-${at}.yaml`, named(`agency-${at}`)]));
const reads = (sent: readonly string[]) => sent.filter((one) => one.startsWith('GET /git/blobs/')).length;

describe('what a stranger may make the plan read', () => {
  test('is no file that is larger than any rule allows', async () => {
    const rig = await aPlanRig();
    const huge = { [acme.file]: acme.text().padEnd(301 * 1024, '#'), [MIGRATION]: '-'.repeat(4 * 1024 * 1024 + 2) };
    const number = await rig.propose(huge);
    const { result, headline, summary } = await rig.plan(number);
    expect(result).toBe('failed');
    expect(headline).toContain(`${acme.file}:1:1 the file is larger than 64 KB — keep it under 64 KB`);
    expect(summary).toContain('the file is larger than 1 MB');
    // fleet.yaml, and the migration as it was.
    expect(reads(rig.sent)).toBe(2);
  });

  test('is not more than three hundred files', async () => {
    const rig = await aPlanRig();
    const number = await rig.propose(many(301));
    const { result, headline } = await rig.plan(number);
    expect(result).toBe('failed');
    expect(headline).toMatch(/it changes 301 files.*Split it into several pull requests/);
    expect(await rig.comments(number)).toEqual([expect.stringContaining('it changes 301 files')]);
    expect(await rig.conclusion('change')).toBe('failure');
    expect(reads(rig.sent)).toBe(0);
  });

  test('is not more than fifty files of a repository that is another one', async () => {
    const rig = await aPlanRig();
    const fork = await rig.room.fork('stranger');
    await fork.push('change', many(51));
    const head = 'stranger:change';
    const number = await rig.room.openPullRequest({ head, title: 'Change it', by: 'stranger' });
    const { headline } = await rig.plan(number);
    expect(headline).toContain('it changes 51 files of the control room, and more than 50 are not planned at once');
    expect(reads(rig.sent)).toBe(0);
  });

  test('are three hundred, and any number where the record of a fleet waits for a merge', async () => {
    const rig = await aPlanRig();
    await rig.plan(await rig.propose(many(300)));
    const recorded = await rig.propose(many(301), RECORD_BRANCH);
    expect((await rig.plan(recorded)).headline).not.toContain('it changes');
    expect(reads(rig.sent)).toBeGreaterThan(300);
  });
});

test('what the branch recorded meanwhile is not read as it was before', async () => {
  const old = many(20);
  const rig = await aPlanRig({ files: old });
  const number = await rig.propose({ [acme.file]: acme.text() });
  await rig.plan(number);
  await rig.room.push(
    'main',
    Object.fromEntries(Object.entries(old).map(([file, text]) => [file, `${text}# later\n`])),
  );
  const before = reads(rig.sent);
  await rig.plan(number);
  // fleet.yaml, the migration, the manifest that is new, and the twenty as they are now.
  expect(reads(rig.sent) - before).toBe(23);
});

test('what takes fleet.yaml away is refused in the first line', async () => {
  const rig = await aPlanRig();
  const number = await rig.propose({ 'fleet.yaml': null });
  const { result, headline } = await rig.plan(number);
  expect([result, headline]).toEqual(['failed', expect.stringContaining('it leaves no fleet.yaml')]);
  expect(await rig.comments(number)).toHaveLength(1);
});

test('what conflicts is refused in the first line', async () => {
  const rig = await aPlanRig({ files: { [acme.file]: acme.text() } });
  const number = await rig.propose({ [acme.file]: acme.with({ displayName: 'One' }).text() });
  await rig.room.push('main', { [acme.file]: acme.with({ displayName: 'Another' }).text() });
  const { result, headline } = await rig.plan(number);
  expect([result, headline]).toEqual(['failed', expect.stringMatching(/^Not to be merged as it is: it conflicts/)]);
  expect(await rig.conclusion('change')).toBe('failure');
});
