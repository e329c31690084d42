import { describe, expect, it } from 'vitest';
import { createChance, LOWERCASE } from './chance.ts';

describe('seeded chance', () => {
  it('gives each label its own sequence, whatever else is drawn', () => {
    const alone = createChance('seed');
    const mixed = createChance('seed');
    const expected = [alone.text('a', 20, LOWERCASE), alone.text('a', 20, LOWERCASE)];
    const first = mixed.text('a', 20, LOWERCASE);
    mixed.text('b', 20, LOWERCASE);
    mixed.number('c');
    expect([first, mixed.text('a', 20, LOWERCASE)]).toEqual(expected);
    expect(expected[0]).not.toBe(expected[1]);
  });

  it('gives another sequence for another seed', () => {
    expect(createChance('one').text('a', 20, LOWERCASE)).not.toBe(createChance('two').text('a', 20, LOWERCASE));
  });

  it('continues its sequences in a later process instead of repeating them', () => {
    const uninterrupted = createChance('seed');
    const before = createChance('seed');
    expect(before.number('a')).toBe(uninterrupted.number('a'));
    const after = createChance('seed', before.drawn());
    expect(after.number('a')).toBe(uninterrupted.number('a'));
  });

  it('keeps to the alphabet and the length, beyond one digest too', () => {
    expect(createChance('seed').text('long', 100, 'xyz')).toMatch(/^[xyz]{100}$/);
    expect(createChance('seed').text('none', 0, 'xyz')).toBe('');
  });

  it('draws numbers below one', () => {
    const chance = createChance('seed');
    const numbers = Array.from({ length: 200 }, () => chance.number('n'));
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(new Set(numbers).size).toBe(200);
  });
});
