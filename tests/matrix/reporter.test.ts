import { expect, it } from 'vitest';
import { tableOf } from './reporter.ts';

it('shows for each site which effect it stood, and counts the cases', () => {
  const table = tableOf([
    { sites: ['a GET /x#1'], effect: 'killed before', passed: true },
    { sites: ['a GET /x#1'], effect: '500', passed: true },
    { sites: ['a GET /x#1', 'b POST /y#1'], effect: '500', passed: false },
  ]);
  expect(table.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['site', '500', 'killed before'],
    ['a GET /x#1', 'FAILED', 'ok'],
    ['b POST /y#1', 'FAILED', '-'],
    ['cases passed', '1/2', '1/1'],
  ]);
});
