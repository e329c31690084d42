import { describe, expect, it } from 'vitest';
import { toyKind, World } from '../../../tests/support/world.ts';
import { survey } from './survey.ts';

const signal = new AbortController().signal;
const listed = (entries: Record<string, string>) => {
  let calls = 0;
  const kind = toyKind(new World(), {
    survey: async () => {
      calls += 1;
      return new Map(Object.entries(entries).map(([id, name]) => [id, { name }]));
    },
  });
  return {
    kinds: new Map([
      ['toy', kind],
      ['silent', toyKind(new World())],
    ]),
    calls: () => calls,
  };
};
const agency = (slug: string, id: string, name = `toy-${slug}`) => ({
  slug,
  recorded: new Map([['toy', { id }]]),
  names: new Map([['toy', name]]),
});

describe('survey', () => {
  it('asks each list once for the whole fleet and finds nothing amiss', async () => {
    const { kinds, calls } = listed({ 'id-1': 'toy-one', 'id-2': 'toy-two' });
    expect(await survey([agency('one', 'id-1'), agency('two', 'id-2')], kinds, signal)).toEqual(new Map());
    expect(calls()).toBe(1);
  });

  it('tells what is gone and what was renamed', async () => {
    const { kinds } = listed({ 'id-2': 'somebody-else' });
    const lost = await survey([agency('one', 'id-1'), agency('two', 'id-2')], kinds, signal);
    expect([...lost]).toEqual([
      ['one', 'toy id-1 is gone'],
      ['two', 'toy id-2 is now called somebody-else'],
    ]);
  });

  it('says nothing of what has no list or was never recorded', async () => {
    const { kinds } = listed({});
    const never = { slug: 'new', recorded: new Map(), names: new Map([['toy', 'toy-new']]) };
    const unlisted = { slug: 'old', recorded: new Map([['silent', { id: 'x' }]]), names: new Map([['silent', 'y']]) };
    expect(await survey([never, unlisted], kinds, signal)).toEqual(new Map());
  });
});
