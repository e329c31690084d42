import { expect, test } from 'vitest';
import { Secret } from '../lib/secret.ts';
import { ndjson } from './ndjson.ts';
import { emitTo } from './reporter.ts';

const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678) };

function reporting() {
  const lines: string[] = [];
  return { lines, emit: emitTo([ndjson((line) => lines.push(line))], clock) };
}

test('each event is one line with its version, type and time', () => {
  const { lines, emit } = reporting();
  emit({ type: 'outcome', agency: 'acme', address: 'vercel.project', outcome: 'created', id: 'prj_1', ms: 12 });
  emit({ type: 'run', result: 'done', message: '1 looked at, 1 changed', agencies: 1, changed: 1 });
  expect(lines.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).toBe(true);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      v: 1,
      type: 'outcome',
      agency: 'acme',
      address: 'vercel.project',
      outcome: 'created',
      id: 'prj_1',
      ms: 12,
      at: '2026-01-02T03:04:05Z',
    },
    {
      v: 1,
      type: 'run',
      result: 'done',
      message: '1 looked at, 1 changed',
      agencies: 1,
      changed: 1,
      at: '2026-01-02T03:04:05Z',
    },
  ]);
});

test('a text with line ends stays one line, and a secret inside it is masked in its JSON form too', () => {
  const { lines, emit } = reporting();
  const secret = new Secret('line1"quote\\back');
  emit({ type: 'notice', message: `a\nb ${secret.reveal()}` });
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'a\nb ***' });
});

test('every reporter gets the same event', () => {
  const seen: unknown[] = [];
  const reporter = { event: (event: unknown) => seen.push(event), end: () => undefined };
  emitTo([reporter, reporter], clock)({ type: 'notice', message: 'hello' });
  expect(seen).toHaveLength(2);
  expect(seen[0]).toBe(seen[1]);
});
