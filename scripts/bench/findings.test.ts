import { describe, expect, it } from 'vitest';
import { atLeast, atMost, finding, isMet, missedRatios, table } from './findings.ts';

describe('finding', () => {
  it('judges the median of its runs', () => {
    const one = finding('b', 'f', 'ratio', [9, 1, 1], atMost(1.05));
    expect(one.value).toBe(1);
    expect(isMet(one)).toBe(true);
  });

  it.each([
    [atMost(2), 2, true],
    [atMost(2), 2.01, false],
    [atLeast(2), 2, true],
    [atLeast(2), 1.99, false],
  ])('with %j takes %d as %s', (target, value, met) => {
    expect(isMet(finding('b', 'f', 'ratio', [value], target))).toBe(met);
  });

  it('that only explains is neither met nor missed', () => {
    expect(isMet(finding('b', 'f', 's', [1]))).toBeUndefined();
  });
});

describe('missedRatios', () => {
  it('names ratios and counts beyond their target, and no time or size', () => {
    const ratio = finding('b', 'a ratio', 'ratio', [2], atMost(1));
    const count = finding('b', 'a count', 'count', [1], atMost(0));
    const slow = finding('b', 'a time', 'ms', [900], atMost(1));
    const heavy = finding('b', 'a size', 'kB', [900], atMost(1));
    const good = finding('b', 'a good ratio', 'ratio', [1], atMost(1));
    expect(missedRatios([ratio, slow, count, heavy, good])).toEqual([ratio, count]);
  });
});

describe('table', () => {
  it('has a line for each figure, with spread, target and verdict', () => {
    const text = table([
      finding('path', 'ratio', 'ratio', [1.1, 1.04, 1.2], atMost(1.05)),
      finding('path', 'wall', 's', [12.34]),
    ]);
    const [head, ratio, wall, ...rest] = text.split('\n');
    expect(rest).toEqual([]);
    expect(head?.split(/ {2,}/)).toEqual(['bench', 'figure', 'measured', 'target', 'met']);
    expect(ratio?.split(/ {2,}/)).toEqual(['path', 'ratio', '1.100 (1.040 to 1.200, n=3)', '<= 1.050', 'NO']);
    expect(wall?.split(/ {2,}/)).toEqual(['path', 'wall', '12.3 s']);
  });
});
