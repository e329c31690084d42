import { describe, expect, it } from 'vitest';
import { renumbered, reworded } from './clones.ts';

describe('renumbered', () => {
  it.each([
    ['lcosdqgvoftviwekboox', /^[a-z]{20}$/],
    ['43299c8e-3644-43fc-8520-36e51c2c0006', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
    ['prj_gbDIM7UfXBz64odST661z0ub0006', /^prj_[0-9A-Za-z]{28}$/],
  ])('keeps the form of %s, and gives every copy another id', (id, form) => {
    const copies = Array.from({ length: 2_000 }, (_, index) => renumbered(id, index + 1));
    expect(copies.filter((copy) => !form.test(copy) || copy.length !== id.length)).toEqual([]);
    expect(new Set(copies).size).toBe(2_000);
  });
});

describe('reworded', () => {
  it('replaces every word wherever it stands', () => {
    expect(reworded('a: one, b: one-two', new Map([['one', 'uno']]))).toBe('a: uno, b: uno-two');
  });

  it('takes the longer of two words that begin alike', () => {
    const words = new Map([
      ['agency', 'x'],
      ['agency-1', 'y'],
    ]);
    expect(reworded('agency-1 agency', words)).toBe('y x');
  });
});
