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
  let number: number;
  let applied: JobRun | undefined;

  it('says on the pull request what merging it would do', async () => {
    number = await hosted.propose('Add acme', { [acme.file]: acme.text() });
    const planned = named(await hosted.runner.settle(), 'plan');
    expect(planned?.code, planned?.log).toBe(0);
    expect(planned?.outputs).toMatchObject({ result: 'changes' });
    const [comment = ''] = await hosted.comments(number);
    expect(comment).toContain('Merging makes 1 new agency');
    expect(comment).toContain('owner&#64;acme&#45;studio&#46;example');
    expect(comment).toContain('```mermaid');
    expect(comment).toContain('about &#36;10 a month more');
    expect((await hosted.state()).projects).toEqual([]);
  });

  it('a merge makes the agency and records it', async () => {
    await hosted.room.merge(number);
    const runs = await hosted.runner.settle();
    applied = named(runs, 'apply');
    expect(applied?.code, applied?.log).toBe(0);
    expect(applied?.outputs).toMatchObject({ result: 'done', changed: 'true' });
    expect(applied?.summary).toMatch(/\| acme&#45;studio \| Done \|[\s\S]*```mermaid\ngantt/);
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

describe('a live plan, where it is set up', () => {
  it('says in the same comment what is there at the vendors, and changes nothing there', async () => {
    const looking = await aHostedCloud({ vars: { PROVISIONER_LIVE_PLAN: 'true' } });
    const number = await looking.propose('Add acme', { [acme.file]: acme.text() });
    const runs = await looking.runner.settle();
    const live = runs.find(({ workflow, job }) => workflow === 'plan-follow' && job === 'live');
    expect(live?.code, live?.log).toBe(0);
    const [comment = '', ...others] = await looking.comments(number);
    expect(others).toEqual([]);
    expect(comment).toContain('Compared with what is there at the vendors');
    expect(comment).toContain('Merging makes 1 new agency');
    expect((await looking.state()).projects).toEqual([]);
  });
});
