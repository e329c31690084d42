import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../tests/support/clock.ts';
import { runKind } from '../../../tests/support/vendor-cloud.ts';
import { closure } from './closure.ts';

const url = 'https://acme.vercel.app';

function aSite(status: number) {
  let asked = 0;
  const fetch: typeof globalThis.fetch = async () => {
    asked += 1;
    return new Response(null, { status });
  };
  const kind = closure({ clock: manualClock(), fetch });
  return { kind, asked: () => asked };
}

describe('closure', () => {
  it('gives a receipt for a site that turns its visitors away, and asks no more while it holds', async () => {
    const { kind, asked } = aSite(503);
    const { result, id, recorded } = await runKind(kind, { url });
    expect([result, id]).toEqual(['created', expect.stringMatching(/^closed-[0-9a-f]{9}$/)]);
    expect((await runKind(kind, { url }, { recorded })).result).toBe('unchanged');
    expect(asked()).toBe(1);
  });

  it('asks again for another address, and after the receipt was one of acceptance', async () => {
    const { kind, asked } = aSite(503);
    const { recorded } = await runKind(kind, { url });
    await runKind(kind, { url: 'https://acme.example' }, { recorded });
    expect((await runKind(kind, { url }, { recorded: { id: '0123456789abcdef' } })).recorded).toEqual(recorded);
    expect(asked()).toBe(3);
  });

  it('gives none for a site that goes on answering', async () => {
    await expect(runKind(aSite(200).kind, { url })).rejects.toThrow(`${url} is not seen to be closed`);
  });
});
