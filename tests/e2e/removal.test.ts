import { beforeAll, describe, expect, it, vi } from 'vitest';
import { anAgency } from '../support/agency-manifest.ts';
import { aHostedCloud, type HostedCloud } from '../support/hosted-cloud.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const acme = anAgency('acme-studio');
let hosted: HostedCloud;

beforeAll(async () => {
  hosted = await aHostedCloud();
  await merge('Add acme', acme.text());
});

/** Merges the manifest as it would be with that text, and gives the apply. */
async function merge(title: string, text: string | null) {
  const number = await hosted.propose(title, { [acme.file]: text });
  const planned = (await hosted.runner.settle()).find(({ workflow }) => workflow === 'plan');
  await hosted.room.merge(number);
  const applied = (await hosted.runner.settle()).find(({ workflow }) => workflow === 'apply');
  return { number, planned, applied };
}

const wish = async (from: string, to: string) => ((await hosted.room.read(acme.file)) ?? '').replace(from, to);
const ready = async () => (await hosted.status(acme))?.conditions.find(({ type }) => type === 'Ready');
const things = async () => {
  const { projects, vercelProjects } = await hosted.state();
  return [projects.length, vercelProjects.length];
};

describe('promise 10: nothing goes by itself', () => {
  it('a manifest that is deleted by force changes nothing in the cloud', async () => {
    const text = (await hosted.room.read(acme.file)) ?? '';
    await hosted.room.push('main', { [acme.file]: null }, { from: 'main', force: true });
    const runs = await hosted.runner.settle();
    expect(runs.filter(({ workflow }) => workflow === 'apply').map(({ code }) => code)).toEqual([0]);
    expect(await things()).toEqual([1, 1]);
    await hosted.room.push('main', { [acme.file]: text });
    await hosted.runner.settle();
  });

  it('an agency is suspended by a merge, and comes back by another', async () => {
    const { applied } = await merge('Suspend', await wish('spec:\n', 'spec:\n  lifecycle: suspended\n'));
    expect(applied?.code, applied?.log).toBe(0);
    expect(await ready()).toMatchObject({ status: 'False', reason: 'Suspended' });
    const back = await merge('Wake', await wish('  lifecycle: suspended\n', ''));
    expect(back.applied?.code, back.applied?.log).toBe(0);
    expect(await ready()).toMatchObject({ status: 'True' });
    expect(await things()).toEqual([1, 1]);
  });

  it('a retired one is kept, and destroying it before its date is refused', async () => {
    const { applied } = await merge('Retire', await wish('spec:\n', 'spec:\n  lifecycle: retired\n'));
    expect(applied?.code, applied?.log).toBe(0);
    const status = await hosted.status(acme);
    expect(status?.retainUntil).toMatch(/^\d{4}-/);
    expect(await things()).toEqual([1, 1]);
    const ids = Object.fromEntries(
      ['supabase.project', 'vercel.project'].map((address) => [address, status?.resources[address]?.id]),
    );
    const destroy = `  lifecycle: retired\n  destroy: ${JSON.stringify(ids)}\n`;
    const early = await merge('Destroy', await wish('  lifecycle: retired\n', destroy));
    expect(early.planned?.outputs).toMatchObject({
      result: 'blocked',
      summary: expect.stringContaining('may not be destroyed before'),
    });
    expect((await hosted.comments(early.number))[0]).toContain('may not be destroyed before');
    expect(early.applied?.code).toBe(1);
    expect(early.applied?.outputs.summary).toContain('may not be destroyed before');
    expect(await things()).toEqual([1, 1]);
  });

  it('a retired one is not destroyed after its date by a run that no merge agreed to', async () => {
    const text = (await hosted.room.read(acme.file)) ?? '';
    await hosted.room.push('main', {
      [acme.file]: text.replace(/retainUntil: .*/, 'retainUntil: "2026-01-01T00:00:00Z"'),
    });
    const [pushed] = (await hosted.runner.settle()).filter(({ workflow }) => workflow === 'apply');
    expect(pushed?.code).toBe(1);
    const [scheduled] = await hosted.runner.start('apply', { event: 'schedule' });
    expect(scheduled?.outputs.summary).toContain('nobody agreed to this dangerous change');
    expect(await things()).toEqual([1, 1]);
  });

  it('it is destroyed by the second pull request that names the ids, and then its file may go', async () => {
    const named = (await hosted.room.read(acme.file)) ?? '';
    const destroy = /^ {2}destroy: .*\n/m.exec(named)?.[0] ?? '';
    await merge('Take it back', named.replace(destroy, ''));
    const text = await wish('  lifecycle: retired\n', `  lifecycle: retired\n${destroy}`);
    const { planned, applied, number } = await merge('Destroy it now', text);
    expect(planned?.outputs.result).toBe('changes');
    expect((await hosted.comments(number))[0]).toContain('DANGEROUS: it deletes it');
    expect(applied?.code, applied?.log).toBe(0);
    expect(await things()).toEqual([0, 0]);
    expect(await ready()).toMatchObject({ status: 'False', reason: 'Destroyed' });
    const gone = await merge('Remove its file', null);
    expect([gone.planned?.code, gone.applied?.code]).toEqual([0, 0]);
  });
});
