import { describe, expect, it } from 'vitest';
import { median, range } from './statistics.ts';

describe('median', () => {
  it.each([
    [[7], 7],
    [[3, 1, 2], 2],
    [[10, 2, 33, 4], 7],
    [[100, 1, 1, 1, 1], 1],
  ])('of %j is %d', (values, middle) => {
    expect(median(values)).toBe(middle);
  });

  it('sorts numbers as numbers, and not the caller’s list', () => {
    const values = [10, 9, 100];
    expect(median(values)).toBe(10);
    expect(values).toEqual([10, 9, 100]);
  });

  it('refuses to make a figure of nothing', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

it('range names the smallest and the largest', () => {
  expect(range([3, 1, 2])).toEqual({ least: 1, most: 3 });
});
