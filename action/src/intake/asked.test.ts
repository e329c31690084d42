import { describe, expect, it } from 'vitest';
import { anIntakeRig, aRow, requestTable } from '../../../tests/support/intake-rig.ts';
import { typedRequest } from './asked.ts';
import { runIntake } from './run-intake.ts';

describe('a typed request', () => {
  const typed = typedRequest({
    slug: 'acme',
    name: 'Acme Studio',
    owner: { email: 'owner@acme.example' },
    ref: 'v2.0.0',
  });

  it('becomes one pull request with the slug that was typed', async () => {
    const rig = await anIntakeRig();
    expect(await runIntake({ typed }, rig.ports)).toMatchObject({
      result: 'done',
      outcomes: [{ request: 'cli-acme', slug: 'acme', opened: true }],
    });
    expect(await runIntake({ typed }, rig.ports)).toMatchObject({ outcomes: [{ slug: 'acme', opened: false }] });
    expect(await rig.pullBranches()).toEqual(['onboard/cli-acme']);
    expect(await rig.room.read('agencies/acme.yaml', 'onboard/cli-acme')).toContain('ref: v2.0.0');
  });

  it('is refused a slug that is taken, and fails no row', async () => {
    const table = requestTable(aRow('r1'), aRow('r2', { agencyName: 'Acme' }));
    const rig = await anIntakeRig(table);
    await runIntake({ request: 'r2' }, rig.ports);
    for (const slug of ['hello-world', 'acme']) {
      const report = await runIntake({ typed: { ...typed, id: 'r1', slug } }, rig.ports);
      expect(report).toMatchObject({
        result: 'failed',
        headline: expect.stringContaining(`the slug ${slug} is taken`),
      });
    }
    expect(table.row('r1')).toEqual(aRow('r1'));
    expect(await rig.pullBranches()).toEqual(['onboard/r2']);
  });

  it('links the row that it is for', async () => {
    const table = requestTable(aRow('r1'));
    const rig = await anIntakeRig(table);
    await runIntake({ typed: { ...typed, id: 'r1' } }, rig.ports);
    expect(table.row('r1')).toMatchObject({ slug: 'acme', pullRequestUrl: expect.stringMatching(/\/pull\/1$/) });
  });
});
