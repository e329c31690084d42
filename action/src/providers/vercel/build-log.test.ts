import { describe, expect, it } from 'vitest';
import { ProviderError } from '../../engine/errors.ts';
import { Secret } from '../../lib/secret.ts';
import type { Call } from '../http.ts';
import { buildLogTail } from './build-log.ts';
import type { Vercel } from './client.ts';

/** Answers every call with `body`, through the schema that the caller gave. */
function answering(body: unknown): Vercel & { queries: unknown[] } {
  const queries: unknown[] = [];
  return {
    queries,
    request: async <T>(call: Call<T>) => {
      queries.push(call.query);
      return call.schema.parse(body);
    },
  };
}

const line = (created: number, text: string) => ({ type: 'stdout', created, text });

describe('buildLogTail', () => {
  it('gives the last twenty lines, oldest first, although Vercel sends the newest first', async () => {
    const events = Array.from({ length: 30 }, (_, n) => line(n, `line ${n}`)).toReversed();
    const tail = await buildLogTail(answering(events), 'dpl_1');
    expect(tail).toHaveLength(20);
    expect([tail[0], tail.at(-1)]).toEqual(['line 10', 'line 29']);
  });

  it('keeps the order of lines of the same moment', async () => {
    expect(await buildLogTail(answering([line(1, 'c'), line(1, 'b'), line(1, 'a')]), 'dpl_1')).toEqual(['a', 'b', 'c']);
  });

  it('asks for the end of the log, and not to be kept waiting for more', async () => {
    const vercel = answering([]);
    await buildLogTail(vercel, 'dpl_1');
    expect(vercel.queries).toEqual([{ direction: 'backward', follow: 0, limit: 100, builds: 1 }]);
  });

  it('reads the older shape, and skips events without text', async () => {
    const events = [
      { created: 2, payload: { text: 'old' } },
      { created: 1, type: 'deployment-state', payload: {} },
      null,
    ];
    expect(await buildLogTail(answering(events), 'dpl_1')).toEqual(['old']);
  });

  it('removes colours, control characters and empty lines, and cuts long lines', async () => {
    const text = `\u001b[31mred\u001b[0m\u0007\n\n${'x'.repeat(400)}`;
    const [red, long] = await buildLogTail(answering([line(1, text)]), 'dpl_1');
    expect(red).toBe('red');
    expect(long).toHaveLength(300);
  });

  it('shows no secret, not even one that a colour runs through the end of', async () => {
    new Secret('canary-build-secret');
    const tail = await buildLogTail(answering([line(1, 'TOKEN=canary-build-secret\u001b[0m')]), 'dpl_1');
    expect(tail).toEqual(['TOKEN=***']);
  });

  it('says why it could not be read instead of hiding why the build failed', async () => {
    const failure = { vendor: 'vercel', operation: 'read build log', transient: true, ambiguous: false };
    const vercel: Vercel = { request: () => Promise.reject(new ProviderError(failure, 'no answer', 'Run again.')) };
    expect(await buildLogTail(vercel, 'dpl_1')).toEqual(['(the build log could not be read: no answer)']);
  });

  it('does not take a bug for an unreadable log', async () => {
    const vercel: Vercel = { request: () => Promise.reject(new TypeError('a bug')) };
    await expect(buildLogTail(vercel, 'dpl_1')).rejects.toThrow('a bug');
  });
});
