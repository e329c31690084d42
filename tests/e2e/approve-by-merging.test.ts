import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { JobRun } from '../../local-cloud/runner/runner.ts';
import { anAgency } from '../support/agency-manifest.ts';
import { aHostedCloud, type HostedCloud } from '../support/hosted-cloud.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const acme = anAgency('acme-studio');
let hosted: HostedCloud;
beforeAll(async () => {
  hosted = await aHostedCloud();
});

const named = (runs: readonly JobRun[], workflow: string) => runs.find((run) => run.workflow === workflow);

describe('approve by merging', () => {
  let applied: JobRun | undefined;

  it('a merge makes the agency and records it', async () => {
    const number = await hosted.propose('Add acme', { [acme.file]: acme.text() });
    await hosted.runner.settle();
    await hosted.room.merge(number);
    const runs = await hosted.runner.settle();
    applied = named(runs, 'apply');
    expect(applied?.code, applied?.log).toBe(0);
    expect(applied?.outputs).toMatchObject({ result: 'done', changed: 'true' });
    expect((await hosted.status(acme))?.conditions).toMatchObject([
      { type: 'Ready', status: 'True' },
      { type: 'Notified', status: 'True' },
    ]);
  });

  it('running it again is a noop', async () => {
    if (!applied) throw new Error('it was not applied');
    const before = await hosted.room.log();
    const again = await hosted.runner.rerun(applied);
    expect(again.code, again.log).toBe(0);
    expect(again.outputs).toMatchObject({ result: 'done', changed: 'false' });
    expect(await hosted.room.log()).toEqual(before);
  });
});
