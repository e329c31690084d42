import { beforeAll, describe, expect, it, vi } from 'vitest';
import { anAgency } from '../support/agency-manifest.ts';
import { aHostedCloud, type HostedCloud } from '../support/hosted-cloud.ts';
import { statusIn } from '../support/hosted-room.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const acme = anAgency('acme-studio');

async function merge(hosted: HostedCloud, title: string, text: string) {
  const number = await hosted.propose(title, { [acme.file]: text });
  await hosted.runner.settle();
  await hosted.room.merge(number);
  return (await hosted.runner.settle()).filter(({ workflow }) => workflow === 'apply');
}

describe('a protected branch that lets the App pass', () => {
  let hosted: HostedCloud;
  beforeAll(async () => {
    hosted = await aHostedCloud({ app: true });
    hosted.room.protect('main', { bypass: [hosted.cloud.forge.app().login] });
  });

  it('takes the record as a signed commit of the App, which starts no other run', async () => {
    const runs = await merge(hosted, 'Add acme', acme.text());
    expect(runs.map(({ code, log }) => [code, code === 0 ? '' : log])).toEqual([[0, '']]);
    expect((await hosted.status(acme))?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True' }),
    );
    const [record] = await hosted.room.log();
    expect(record).toMatchObject({ verified: true, message: expect.stringContaining('[skip ci]') });
  });
});

describe('a protected branch without an App', () => {
  let hosted: HostedCloud;
  beforeAll(async () => {
    hosted = await aHostedCloud();
    hosted.room.protect('main');
  });
  const record = 'provisioner/record';

  it('gets the record as a pull request, and the run says so', async () => {
    const [run] = await merge(hosted, 'Add acme', acme.text());
    expect(run?.code, run?.log).toBe(0);
    expect(run?.log).toContain('takes no direct commits');
    expect(await hosted.status(acme)).toBeUndefined();
    expect((await statusIn(hosted.room, acme.slug, record))?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True' }),
    );
  });

  it('knows of it in the next run, before it is merged', async () => {
    const [again] = await hosted.runner.start('apply', { event: 'schedule' });
    expect(again?.outputs).toMatchObject({ result: 'done', changed: 'false' });
    const { projects } = await hosted.state();
    expect(projects).toHaveLength(1);
  });

  it('is whole once somebody merges it, by a plan that finds nothing wrong with its status', async () => {
    const number = await hosted.pullOf(record);
    const runs = await hosted.runner.settle();
    expect(runs.filter(({ code }) => code !== 0).map(({ log }) => log)).toEqual([]);
    await hosted.room.merge(number);
    await hosted.runner.settle();
    expect((await hosted.status(acme))?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True' }),
    );
  });
});
