import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createStore, readState } from './store.ts';
import { temporaryFolder } from './testing.ts';

describe('the store', () => {
  it('finds nothing in a new folder', async () => {
    expect(await readState(await temporaryFolder())).toBeUndefined();
  });

  it('gives back what was saved and leaves no temporary file', async () => {
    const dir = join(await temporaryFolder(), 'made', 'on', 'demand');
    const store = await createStore(dir, () => ({ a: [1, 'two'] }));
    await store.save();
    expect(await readState(dir)).toEqual({ a: [1, 'two'] });
    expect(await readdir(dir)).toEqual(['state.json']);
  });

  it('has written what everybody did who asked, once a save resolves, in few writes', async () => {
    const dir = await temporaryFolder();
    const done: number[] = [];
    let collected = 0;
    const store = await createStore(dir, () => {
      collected += 1;
      return done;
    });
    const savers = Array.from({ length: 50 }, async (_, n) => {
      await Promise.resolve();
      done.push(n);
      await store.save();
      const saved: unknown = JSON.parse(await readFile(join(dir, 'state.json'), 'utf8'));
      expect(saved).toContain(n);
    });
    await Promise.all(savers);
    expect(collected).toBeLessThanOrEqual(5);
  });

  it('reports a write that fails and writes again when asked again', async () => {
    const dir = await temporaryFolder();
    let broken = true;
    const store = await createStore(dir, () => {
      if (broken) throw new Error('cannot collect');
      return 'fine';
    });
    await expect(store.save()).rejects.toThrow('cannot collect');
    broken = false;
    await store.save();
    expect(await readState(dir)).toBe('fine');
  });

  it('refuses a file that is not JSON instead of starting anew over it', async () => {
    const dir = await temporaryFolder();
    await writeFile(join(dir, 'state.json'), '{"half":');
    await expect(readState(dir)).rejects.toThrow('is not the state of a local cloud');
  });
});
