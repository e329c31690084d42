import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isCode } from './errno.ts';

test('an error of the system is known by its code, and nothing else is', () => {
  const read = () => readFileSync('/there/is/no/such/file');
  expect(read).toThrow(expect.toSatisfy((thrown: unknown) => isCode(thrown, 'ENOENT') && !isCode(thrown, 'EACCES')));
  expect([new Error('ENOENT'), { code: 'ENOENT' }, undefined].filter((thrown) => isCode(thrown, 'ENOENT'))).toEqual([]);
});
