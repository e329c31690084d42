import { expect, test } from 'vitest';
import { oneLine } from './one-line.ts';

test('what a terminal would obey is gone', () => {
  expect(oneLine('a\u001b[31mred\u001b[0m\r\n::error::x\u202egnp.exe\u200b')).toBe('a [31mred [0m ::error::x gnp.exe');
  expect(oneLine('  kept – as “is” é 日本  ')).toBe('kept – as “is” é 日本');
});
