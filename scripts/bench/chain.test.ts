import { describe, expect, it } from 'vitest';
import type { Dependency } from '../../action/src/engine/resource.ts';
import { type Link, longestChain } from './chain.ts';

const ready = (address: string): Dependency => ({ address, stage: 'ready' });
const created = (address: string): Dependency => ({ address, stage: 'created' });
const link = (address: string, readyMs: number, after: Dependency[] = [], createdMs = readyMs): Link => ({
  address,
  after,
  createdMs,
  readyMs,
});

describe('longestChain', () => {
  it('is the one thing where there is one', () => {
    expect(longestChain([link('a', 5)], 'a')).toEqual({ ms: 5, path: ['a'] });
  });

  it('takes the longer of two branches', () => {
    const links = [link('a', 5), link('b', 7), link('end', 1, [ready('a'), ready('b')])];
    expect(longestChain(links, 'end')).toEqual({ ms: 8, path: ['b', 'end'] });
  });

  it('counts only until created where only that is waited for', () => {
    const links = [
      link('database', 60, [], 2),
      link('keys', 6, [created('database')]),
      link('end', 1, [ready('keys')]),
    ];
    expect(longestChain(links, 'end').ms).toBe(9);
    const patient = [...links.slice(0, 2), link('end', 1, [ready('keys'), ready('database')])];
    expect(longestChain(patient, 'end')).toEqual({ ms: 61, path: ['database', 'end'] });
  });

  it('leaves out what nobody waits for', () => {
    expect(longestChain([link('a', 5), link('aside', 99)], 'a').ms).toBe(5);
  });

  it('does not depend on the order of the links', () => {
    const links = [link('a', 1), link('b', 2, [ready('a')]), link('c', 3, [ready('b')])];
    expect(longestChain(links.toReversed(), 'c')).toEqual({ ms: 6, path: ['a', 'b', 'c'] });
  });

  it('says what it was not told of', () => {
    expect(() => longestChain([link('a', 1, [ready('b')])], 'a')).toThrow('nothing is known of b');
  });
});
