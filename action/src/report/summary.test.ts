import { expect, test } from 'vitest';
import type { Event, RunResult } from '../engine/events.ts';
import { gather, headline, outcomeCounts, type RunSummary } from './summary.ts';

function after(...events: Event[]): RunSummary {
  const gathering = gather();
  for (const event of events) gathering.add(event);
  return gathering.summary();
}

const error = { class: 'provider', message: 'supabase: create project failed', remedy: 'Raise the quota.' } as const;
const ended = (result: RunResult): Event => ({ type: 'run', result, message: '', agencies: 0, changed: 0 });
const agency = (slug: string, result: RunResult | 'unchanged', more = {}): Event => ({
  type: 'agency',
  agency: slug,
  result,
  message: 'it was named',
  ...more,
});
const problem = (line: number): Event => ({
  type: 'problem',
  file: 'agencies/a.yaml',
  line,
  column: 3,
  message: 'the region is unknown',
  remedy: 'write us-east-1',
});

test('the first line says what failed, why, and what to do next', () => {
  const summary = after(agency('b', 'failed', { error }), agency('a', 'done'), ended('failed'));
  expect(headline(summary)).toBe('Failed: b: supabase: create project failed. Next: Raise the quota.');
});

test('what is worst comes first, and the others are counted', () => {
  const blocked = { class: 'blocked', message: 'it vanished', remedy: 'Look.' } as const;
  const summary = after(
    agency('a', 'blocked', { error: blocked }),
    agency('b', 'failed', { error }),
    agency('c', 'failed', { error }),
    ended('failed'),
  );
  expect(headline(summary)).toMatch(/^Failed: b: .* \(and 1 more agency\)$/);
});

test('what stopped the whole run beats everything', () => {
  const summary = after(problem(1), {
    type: 'run',
    result: 'blocked',
    message: '',
    agencies: 0,
    changed: 0,
    error: { class: 'blocked', message: 'too many', remedy: 'Name some.' },
  });
  expect(headline(summary)).toBe('Blocked: too many. Next: Name some.');
});

test('a bad manifest is told by its place', () => {
  expect(headline(after(problem(7), problem(9), ended('failed')))).toBe(
    'Failed: agencies/a.yaml:7:3 the region is unknown — write us-east-1 (and 1 more problem)',
  );
});

test('a bad manifest beside the agencies that were asked for is not what was done', () => {
  expect(headline(after(problem(7), agency('b', 'done'), ended('done')))).toBe('Done: 1 agency: 1 done.');
  expect(headline(after(problem(7), agency('b', 'changes'), ended('changes')))).toMatch(/^Changes: 1 agency/);
});

test('success is counted', () => {
  expect(headline(after(agency('a', 'done'), agency('b', 'unchanged'), ended('done')))).toBe(
    'Done: 2 agencies: 1 done, 1 unchanged.',
  );
  expect(headline(after(ended('done')))).toBe('Done: nothing is due, and no problem was found.');
  expect(headline(after(ended('done')), 'all is well.')).toBe('Done: all is well.');
  expect(headline(after(agency('a', 'changes'), ended('changes')))).toBe(
    'Changes: 1 agency: 1 to change; apply would make them so.',
  );
  expect(headline(after(agency('a', 'blocked'), ended('blocked')))).toContain('the plan says what blocks');
});

test('a run without an end counts as failed', () => {
  expect(after(agency('a', 'done')).result).toBe('failed');
});

test('agencies come by slug, each with its plan and its outcomes', () => {
  const outcome = { type: 'outcome', agency: 'a', address: 'vercel.project', outcome: 'created', ms: 1 } as const;
  const { agencies } = after(
    { type: 'plan', agency: 'a', changes: [] },
    outcome,
    agency('b', 'done'),
    agency('a', 'done', { url: 'https://a.test' }),
    ended('done'),
  );
  expect(agencies.map(({ slug }) => slug)).toEqual(['a', 'b']);
  expect(agencies[0]).toMatchObject({ url: 'https://a.test', outcomes: [outcome], changes: [] });
});

test('outcomes are counted without those that changed nothing', () => {
  const outcomes = (['created', 'created', 'unchanged', 'skipped'] as const).map((outcome) => ({
    type: 'outcome' as const,
    agency: 'a',
    address: 'x.y',
    outcome,
    ms: 0,
  }));
  expect(outcomeCounts(outcomes)).toBe('2 created, 1 skipped');
});

test('line ends and colours of foreign text do not reach the first line', () => {
  const loud = { ...error, message: 'bad\n::error::\u001b[31mthing.' };
  expect(headline(after(agency('a', 'failed', { error: loud }), ended('failed')))).toBe(
    'Failed: a: bad ::error:: [31mthing. Next: Raise the quota.',
  );
});
