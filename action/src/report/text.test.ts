import { expect, test } from 'vitest';
import { count, duration, pad, truncate, widthOf, wrap } from './text.ts';

test.each([
  ['abc', 3],
  ['日本', 4],
  ['e\u0301', 1],
  ['🎉', 2],
  ['', 0],
])('%j takes %i columns', (text, columns) => {
  expect(widthOf(text)).toBe(columns);
});

test('what is cut shows, and never takes more than its width', () => {
  expect(truncate('abcdef', 6)).toBe('abcdef');
  expect(truncate('abcdef', 5)).toBe('abcd…');
  expect(truncate('日本語', 4)).toBe('日…');
  expect(truncate('ab cd', 4)).toBe('ab…');
  expect(truncate('abc', 0)).toBe('');
});

test('padding counts columns, not characters', () => {
  expect(pad('日', 4)).toBe('日  ');
  expect(pad('long', 2)).toBe('long');
});

test('lines break at blanks; a long word stands alone', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrap('a https://example.test/very-long b', 10)).toEqual(['a', 'https://example.test/very-long', 'b']);
});

test.each([
  [-5, '0.0s'],
  [449, '0.4s'],
  [9_949, '9.9s'],
  [9_950, '10s'],
  [59_499, '59s'],
  [59_600, '1m 00s'],
  [185_000, '3m 05s'],
])('%i ms read as %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('numbers agree with their words', () => {
  expect(count(1, 'agency', 'agencies')).toBe('1 agency');
  expect(count(0, 'agency', 'agencies')).toBe('0 agencies');
  expect(count(2, 'problem')).toBe('2 problems');
});
