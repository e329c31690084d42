import { describe, expect, it } from 'vitest';
import { type Hold, Holds } from './holds.ts';

const hold: Hold = { n: 1, service: 'supabase', method: 'POST', path: '/v1/projects', when: 'before' };

describe('holds', () => {
  it('wait until they are released', async () => {
    const holds = new Holds();
    const waiting = holds.wait(hold, new AbortController().signal);
    expect(holds.list()).toEqual([hold]);
    expect(holds.release()).toBe(1);
    expect(await waiting).toBe('released');
    expect(holds.list()).toEqual([]);
  });

  it('end as gone when the client leaves, and a later release does not revive them', async () => {
    const holds = new Holds();
    const client = new AbortController();
    const waiting = holds.wait(hold, client.signal);
    client.abort();
    expect(holds.release()).toBe(0);
    expect(await waiting).toBe('gone');
  });

  it('do not begin for a client that has left already', async () => {
    const holds = new Holds();
    expect(await holds.wait(hold, AbortSignal.abort())).toBe('gone');
    expect(holds.list()).toEqual([]);
  });
});
