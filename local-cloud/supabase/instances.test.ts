import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anInstanceDouble, ManualClock, temporaryFolder } from '../testing.ts';
import { Instances, type OpenInstance } from './instances.ts';

async function rig(open?: OpenInstance) {
  const double = anInstanceDouble();
  const dir = await temporaryFolder();
  const clock = new ManualClock();
  const keys = { publishable: 'p', secret: 's', jwtSecret: 'j', anonJwt: 'a', serviceRoleJwt: 'r' };
  const auth = () => ({ site_url: '', uri_allow_list: '', disable_signup: false, password_min_length: 6, jwt_exp: 60 });
  const instances = new Instances(dir, open ?? double.open, (ref) => ({ keys, auth, clock, url: () => `/${ref}` }));
  const touch = (ref: string) => instances.use(ref, async () => undefined);
  return { dir, double, instances, touch, opened: () => double.opened.map(({ ref }) => ref) };
}

const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

describe('open instances', () => {
  it('are opened once, in a folder of their own, however many come at the same time', async () => {
    const { dir, double, instances, touch } = await rig();
    await Promise.all([touch('a'), touch('a'), touch('a')]);
    expect(double.opened.map((options) => options.dir)).toEqual([join(dir, 'projects', 'a')]);
    expect(double.closed).toEqual([]);
    await instances.close();
    expect(double.closed).toEqual(['a']);
  });

  it('are at most eight; the one that was not needed for longest goes', async () => {
    const { double, touch, opened } = await rig();
    for (const ref of letters) await touch(ref);
    await touch('a');
    await touch('i');
    expect(double.closed).toEqual(['b']);
    await touch('b');
    expect(opened()).toEqual([...letters, 'i', 'b']);
  });

  it('stay open while somebody uses them', async () => {
    const { double, instances, touch } = await rig();
    let finish = (): void => undefined;
    const working = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const busy = instances.use('busy', () => working);
    for (const ref of letters) await touch(ref);
    expect(double.closed).toEqual(['a']);
    finish();
    await busy;
  });

  it('are opened again only after they were closed', async () => {
    const events: string[] = [];
    const double = anInstanceDouble();
    const { instances, touch } = await rig(async (options) => {
      events.push(`open ${options.ref}`);
      const instance = await double.open(options);
      const close = async (): Promise<void> => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        events.push(`closed ${options.ref}`);
      };
      return { ...instance, close };
    });
    await touch('a');
    const closing = instances.remove('a');
    await touch('a');
    await closing;
    expect(events).toEqual(['open a', 'closed a', 'open a']);
  });

  it('that cannot be opened are tried again the next time', async () => {
    const double = anInstanceDouble();
    let broken = true;
    const { touch } = await rig(async (options) => {
      if (broken) throw new Error('no disk');
      return double.open(options);
    });
    await expect(touch('a')).rejects.toThrow('no disk');
    broken = false;
    await expect(touch('a')).resolves.toBeUndefined();
  });

  it('pass on what goes wrong in the work, and are free again', async () => {
    const { double, instances, touch } = await rig();
    await expect(instances.use('a', () => Promise.reject(new Error('bad work')))).rejects.toThrow('bad work');
    for (const ref of letters.slice(1)) await touch(ref);
    await touch('i');
    expect(double.closed).toEqual(['a']);
  });
});

it('removing an instance deletes its folder and no other', async () => {
  const { dir, double, instances, touch } = await rig();
  for (const ref of ['a', 'b']) {
    await mkdir(join(dir, 'projects', ref), { recursive: true });
    await writeFile(join(dir, 'projects', ref, 'data'), 'x');
  }
  await touch('a');
  expect([instances.exists('a'), instances.exists('b'), instances.exists('c')]).toEqual([true, true, false]);
  await instances.remove('a');
  expect(double.closed).toEqual(['a']);
  expect([instances.exists('a'), instances.exists('b')]).toEqual([false, true]);
});
