import { describe, expect, it } from 'vitest';
import { freshList } from './fresh-list.ts';

/** A vendor that counts its lists; each takes a turn of the event loop and shows the world as it was at its beginning. */
function aVendor() {
  const world: string[] = [];
  const begun: string[][] = [];
  let failing = false;
  const list = freshList(async () => {
    const seen = [...world];
    begun.push(seen);
    const fails = failing;
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (fails) throw new Error('down');
    return seen;
  });
  return { world, begun, list, fail: (value: boolean) => (failing = value) };
}

const started = () => new Promise((resolve) => setTimeout(resolve, 2));

describe('freshList', () => {
  it('fetches once for all who ask at the same time', async () => {
    const { begun, list, world } = aVendor();
    world.push('a');
    expect(await Promise.all(Array.from({ length: 100 }, list))).toEqual(Array(100).fill(['a']));
    expect(begun).toHaveLength(1);
  });

  it('never gives a list that was begun before the question', async () => {
    const { begun, list, world } = aVendor();
    const first = list();
    await started();
    world.push('made since');
    const [second, third] = [list(), list()];
    expect(await first).toEqual([]);
    expect(await second).toEqual(['made since']);
    expect(await third).toEqual(['made since']);
    expect(begun).toHaveLength(2);
  });

  it('fetches anew for a question that comes later', async () => {
    const { begun, list } = aVendor();
    await list();
    await list();
    expect(begun).toHaveLength(2);
  });

  it('tells a failure to those who shared it, and to nobody after', async () => {
    const { list, fail } = aVendor();
    fail(true);
    const [one, two] = [list(), list()];
    await expect(one).rejects.toThrow('down');
    await expect(two).rejects.toThrow('down');
    fail(false);
    expect(await list()).toEqual([]);
  });

  it('lets those who wait behind a failing list have their own', async () => {
    const { list, fail } = aVendor();
    fail(true);
    const first = list();
    await started();
    fail(false);
    const second = list();
    await expect(first).rejects.toThrow('down');
    expect(await second).toEqual([]);
  });
});
