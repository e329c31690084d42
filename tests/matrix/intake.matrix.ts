import { describe, expect, it } from 'vitest';
import { runIntake } from '../../action/src/intake/run-intake.ts';
import { anIntakeRig, aRow, requestTable } from '../support/intake-rig.ts';

const body = '### Agency name\n\nAcme Studio\n\n### Owner name\n\nA\n\n### Owner email\n\na@acme.example';

/** How a call can go wrong: the process dies before or after it, or only its answer is lost. */
const ends = ['dies before', 'dies after', 'never hears of'] as const;

/** One run that meets its end at the call of that number, then two that meet none. Whether it got that far. */
async function interrupted(door: 'database' | 'issue', end: (typeof ends)[number], at: number): Promise<boolean> {
  let calls = 0;
  let counting = false;
  const table = requestTable(aRow('r1'));
  const rig = await anIntakeRig(table, {
    before: () => {
      if (!counting) return undefined;
      calls += 1;
      if ((end === 'dies before' && calls >= at) || (end === 'dies after' && calls > at)) throw new Error('gone');
      return undefined;
    },
    after: () => {
      if (counting && calls === at && end !== 'dies before') throw new Error('gone');
      return undefined;
    },
  });
  const issue = await rig.anApprovedIssue(body);
  const [asked, id] = door === 'database' ? [{}, 'r1'] : [{ issue }, `issue-${issue}`];
  counting = true;
  const gone = await runIntake(asked, rig.ports).catch(() => undefined);
  const reached = calls >= at;
  if (end !== 'never hears of' && reached) expect(gone?.result).not.toBe('done');

  await runIntake(asked, rig.elsewhere());
  const report = await runIntake(asked, rig.elsewhere());
  expect(report).toMatchObject({ result: 'done', outcomes: [{ slug: 'acme-studio', state: 'open' }] });
  expect(await rig.onboardBranches()).toEqual([`onboard/${id}`]);
  expect(await rig.pullBranches()).toEqual([`onboard/${id}`]);
  expect(await rig.added(`onboard/${id}`)).toEqual(['agencies/acme-studio.yaml']);
  const url = report.outcomes[0]?.url;
  if (door === 'database') expect(table.row('r1')).toMatchObject({ slug: 'acme-studio', pullRequestUrl: url });
  else expect(await rig.comments(issue)).toEqual([expect.stringContaining(String(url))]);
  return reached;
}

describe.each(['database', 'issue'] as const)('intake through the %s', (door) => {
  it.each(ends)('ends with one pull request when its process %s any call', { timeout: 120_000 }, async (end) => {
    let at = 1;
    while (await interrupted(door, end, at)) at += 1;
    expect(at).toBeGreaterThan(10);
  });
});

describe('intake of a row', () => {
  it.each(['before', 'after'])('links it when the process dies %s telling it', async (when) => {
    const table = requestTable(aRow('r1'));
    const rig = await anIntakeRig(table);
    const dying = {
      ...table.controlPlane,
      tell: async (...told: Parameters<typeof table.controlPlane.tell>) => {
        if (when === 'after') await table.controlPlane.tell(...told);
        throw new Error('gone');
      },
    };
    expect(await runIntake({}, { ...rig.ports, controlPlane: dying })).toMatchObject({ result: 'failed' });
    expect(await runIntake({}, rig.elsewhere())).toMatchObject({ result: 'done', outcomes: [{ opened: false }] });
    expect(table.row('r1')).toMatchObject({ state: 'approved', slug: 'acme-studio' });
    expect(await rig.pullBranches()).toEqual(['onboard/r1']);
  });
});
