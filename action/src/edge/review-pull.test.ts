import { describe, expect, test } from 'vitest';
import { anAgency } from '../../../tests/support/agency-manifest.ts';
import { aPlanRig, MIGRATION } from '../../../tests/support/plan-rig.ts';
import type { Status } from '../manifest/schema.ts';
import { spliceStatus } from '../manifest/status.ts';

const acme = anAgency('acme-studio');
const ids = { 'supabase.project': 'abcdefghijklmnopqrst', 'vercel.project': 'prj_1' };
const retired: Status = {
  retainUntil: '2999-01-01T00:00:00Z',
  conditions: ['Ready', 'Notified'].map((type) => ({
    type,
    status: 'False',
    reason: 'Retired',
    message: 'retired',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  })),
  outputs: {},
  resources: Object.fromEntries(Object.entries(ids).map(([address, id]) => [address, { id }])),
};

describe('an agency that cannot be planned', () => {
  test('from the record is told of on the pull request, with the remedy', async () => {
    const resting = acme.with({}, { lifecycle: 'retired' });
    const rig = await aPlanRig({ files: { [acme.file]: spliceStatus(resting.text(), retired) } });
    const text = spliceStatus(resting.with({}, { destroy: ids }).text(), retired);
    const number = await rig.propose({ [acme.file]: text });
    const { result, headline } = await rig.plan(number);
    expect(result).toBe('blocked');
    expect(headline).toContain('may not be destroyed before 2999-01-01');
    const [comment] = await rig.comments(number);
    expect(comment).toMatch(/may not be destroyed before 2999&#45;01&#45;01/);
    expect(await rig.conclusion('change')).toBe('action_required');
  });

  test('with what is there at the vendors is told of on the pull request, with the remedy', async () => {
    const rig = await aPlanRig({
      before: ({ url }) =>
        url.startsWith('https://vendor.test/') ? Response.json({ projects: [], pagination: { count: 0 } }) : undefined,
    });
    const keyed = acme.with({}, { env: { KEY: { secret: 'AGENCY_MAPS_KEY' } } });
    const number = await rig.propose({ [acme.file]: keyed.text() });
    const { result, headline } = await rig.plan({
      'INPUT_PULL-REQUEST': String(number),
      INPUT_LIVE: 'true',
      SUPABASE_ACCESS_TOKEN: 'sbp_0123456789',
      SUPABASE_API_URL: 'https://vendor.test/supabase',
      VERCEL_TOKEN: 'vercel-0123',
      VERCEL_API_URL: 'https://vendor.test/vercel',
      RESEND_API_KEY: 're_0123456789',
      RESEND_BASE_URL: 'https://vendor.test/resend',
      PROVISIONER_SECRET: 'p'.repeat(32),
    });
    expect(result).toBe('blocked');
    expect(headline).toMatch(/^Merging would not bring acme-studio to its end: .*AGENCY_MAPS_KEY.* Next: /);
    expect(await rig.comments(number)).toEqual([expect.stringMatching(/blocked&#58; .*AGENCY&#95;MAPS&#95;KEY/)]);
  });
});

describe('a migration that databases hold already', () => {
  const applied: Status = {
    conditions: [],
    outputs: {},
    resources: { 'supabase.migrations': { id: 'abcdefghijklmnopqrst', version: '20260101000000' } },
  };

  test.each([
    ['changed', 'create table b (id int);\n'],
    ['gone', null],
  ])('is refused on the pull request where it is %s', async (what, text) => {
    const rig = await aPlanRig({ files: { [acme.file]: spliceStatus(acme.text(), applied) } });
    const number = await rig.propose({ [MIGRATION]: text });
    const { result, headline } = await rig.plan(number);
    expect(result).toBe('failed');
    expect(headline).toMatch(
      new RegExp(`${MIGRATION}:1:1 the migration \\S+ ${what}.*correct it with a new migration`),
    );
    expect(await rig.comments(number)).toEqual([expect.stringContaining('Not to be merged as it is')]);
    expect(await rig.conclusion('change')).toBe('failure');
  });

  test('takes another one beside it', async () => {
    const rig = await aPlanRig({ files: { [acme.file]: spliceStatus(acme.text(), applied) } });
    const next = MIGRATION.replace('20260101000000', '20260102000000');
    const number = await rig.propose({ [next]: 'create table b (id int);\n' });
    expect((await rig.plan(number)).result).toBe('changes');
  });
});

describe('a plan that cannot be written to the pull request', () => {
  const refusing = (path: RegExp) => ({
    before: ({ method, url }: Request) =>
      method === 'POST' && path.test(url)
        ? Response.json({ message: 'Resource not accessible by integration' }, { status: 403 })
        : undefined,
  });

  test.each([
    ['comment', /\/comments$/],
    ['check', /\/check-runs$/],
  ])('is not green, and stands on the page of the run: no %s', async (_, path) => {
    const rig = await aPlanRig(refusing(path));
    const number = await rig.propose({ [acme.file]: acme.text() });
    const { result, headline, summary } = await rig.plan(number);
    expect(result).toBe('failed');
    expect(headline).toMatch(/^The plan was not written to the pull request: .*not accessible by integration.* Next: /);
    expect(summary).toContain('Merging makes 1 new agency');
    const sha = String(await rig.room.head('change'));
    expect((await rig.plan({ INPUT_HEAD: sha })).result).toBe('failed');
  });

  test('is no matter where it was not to be written', async () => {
    const rig = await aPlanRig(refusing(/\/(?:comments|check-runs)$/));
    const number = await rig.propose({ [acme.file]: acme.text() });
    const { result } = await rig.plan({ 'INPUT_PULL-REQUEST': String(number), INPUT_COMMENT: 'false' });
    expect(result).toBe('changes');
  });
});
