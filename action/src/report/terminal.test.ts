import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Event } from '../engine/events.ts';
import { Secret } from '../lib/secret.ts';
import { emitTo } from './reporter.ts';
import { type Screen, terminal } from './terminal.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const CSI = '\\u001b\\[';
const sequences = new RegExp(`(\\n|\\r|${CSI}\\d+A|${CSI}0J)`);
const cursorUp = new RegExp(`^${CSI}(\\d+)A$`);

/** As much of a terminal as our output needs: line ends, cursor up, clear to the end. */
function screenshot(written: string): string[] {
  const lines: string[] = [''];
  let row = 0;
  for (const part of written.split(sequences)) {
    const up = cursorUp.exec(part);
    if (up) row -= Number(up[1]);
    else if (part === '\u001b[0J') lines.length = row;
    else if (part === '\n') row += 1;
    else if (part !== '\r' && part !== '') lines[row] = (lines[row] ?? '') + part;
  }
  return lines.filter((line) => line !== undefined && line !== '');
}

function showing(options: Partial<Screen> & { plans?: 'full' | 'counts'; verbose?: boolean } = {}) {
  let written = '';
  let now = 0;
  const screen: Screen = {
    write: (text) => {
      written += text;
    },
    size: () => ({ columns: 80, rows: 24 }),
    live: true,
    color: false,
    now: () => now,
    ...options,
  };
  const reporter = terminal(screen, { plans: options.plans ?? 'counts', verbose: options.verbose ?? false });
  return {
    emit: emitTo([reporter], { now: () => 0 }) as (event: Event) => void,
    pass: (ms: number) => {
      now += ms;
      vi.advanceTimersByTime(ms);
    },
    end: () => reporter.end(),
    seen: () => screenshot(written),
    raw: () => written,
  };
}

const started = (address: string, agency = 'acme'): Event => ({ type: 'started', agency, address, action: 'create' });
const created = (address: string, agency = 'acme'): Event => ({
  type: 'outcome',
  agency,
  address,
  outcome: 'created',
  ms: 12_000,
});
const done: Event = { type: 'agency', agency: 'acme', result: 'done', message: 'x', url: 'https://acme.test' };
const run: Event = { type: 'run', result: 'done', message: '', agencies: 1, changed: 1 };

test('a line per resource that moves, with its time and what it waits for', () => {
  const show = showing();
  show.emit(started('supabase.project'));
  show.emit(started('vercel.project'));
  show.pass(2_000);
  show.emit({ type: 'waiting', agency: 'acme', address: 'supabase.project', on: 'the database' });
  show.pass(1_000);
  expect(show.seen()).toEqual([
    'acme  3.0s',
    '  ⠋ supabase.project  create 3.0s  waiting for the database',
    '  ⠋ vercel.project    create 3.0s',
  ]);
});

test('what is finished moves no more, and stays above what still does', () => {
  const show = showing();
  show.emit(started('supabase.project'));
  show.emit(started('supabase.project', 'beta'));
  show.pass(1_000);
  show.emit(created('supabase.project'));
  show.emit(done);
  show.pass(1_000);
  expect(show.seen()).toEqual([
    '✓ acme: done · 1 created · https://acme.test',
    'beta  2.0s',
    '  ⠋ supabase.project  create 2.0s',
  ]);
});

test('at the end nothing that moved is left behind', () => {
  const show = showing();
  show.emit(started('supabase.project'));
  show.pass(500);
  show.emit(done);
  show.emit(run);
  show.end();
  show.pass(5_000);
  expect(show.seen()).toEqual(['✓ acme: done · https://acme.test', 'Done: 1 agency: 1 done.']);
});

test('more agencies than rows are cut, and the cut is said', () => {
  const show = showing({ size: () => ({ columns: 80, rows: 7 }) });
  for (const agency of ['a', 'b', 'c', 'd']) show.emit(started('supabase.project', agency));
  show.pass(100);
  expect(show.seen()).toHaveLength(5);
  expect(show.seen().at(-1)).toBe('  … and 4 more lines');
});

test('names too long and too clever never garble the screen', () => {
  const show = showing({ size: () => ({ columns: 30, rows: 24 }) });
  show.emit(started('supabase.project'));
  show.emit({
    type: 'waiting',
    agency: 'acme',
    address: 'supabase.project',
    on: `\u001b[2J\n\u202e${'x'.repeat(200)}`,
  });
  show.pass(200);
  expect(show.seen()).toHaveLength(2);
  expect(show.seen().every((line) => line.length <= 29)).toBe(true);
  expect(show.raw()).not.toContain('\u001b[2J');
  expect(show.raw()).not.toContain('\u202e');
});

test('where it is not live, lines are only added and hold no escape', () => {
  const show = showing({ live: false });
  show.emit({ type: 'plan', agency: 'acme', changes: [] });
  show.emit(started('supabase.project'));
  show.emit({ type: 'waiting', agency: 'acme', address: 'supabase.project', on: 'the database' });
  show.pass(3_000);
  show.emit(created('supabase.project'));
  show.emit({ ...created('vercel.project'), outcome: 'unchanged' } as Event);
  show.emit(done);
  show.emit(run);
  show.end();
  expect(show.raw().split('\n')).toEqual([
    'acme: nothing to change',
    'acme supabase.project: create',
    'acme supabase.project: waiting for the database',
    'acme supabase.project has been created (3.0s)',
    '✓ acme: done · 1 created · https://acme.test',
    'Done: 1 agency: 1 done.',
    '',
  ]);
  expect(show.raw()).not.toContain('\u001b');
});

test('what stays as it is shows to who asks for it', () => {
  const show = showing({ live: false, verbose: true });
  show.emit({ ...created('vercel.project'), outcome: 'unchanged' } as Event);
  expect(show.raw()).toBe('acme vercel.project has been left unchanged (12s)\n');
});

test('a failure says what failed, why, and what to do', () => {
  const show = showing({ live: false });
  const error = { class: 'provider', message: 'no room', remedy: 'Make room.' } as const;
  show.emit({ type: 'outcome', agency: 'acme', address: 'supabase.project', outcome: 'failed', ms: 5, error });
  show.emit({ type: 'agency', agency: 'acme', result: 'failed', message: 'no room', error });
  show.emit({ ...run, result: 'failed' } as Event);
  expect(show.raw().split('\n')).toEqual([
    'acme supabase.project has failed (0.0s): no room',
    '✗ acme: failed · 1 failed',
    '    no room',
    '    -> Make room.',
    'Failed: acme: no room. Next: Make room.',
    '',
  ]);
});

test('colour only where it is wanted', () => {
  const colourful = showing({ color: true, live: false });
  colourful.emit(done);
  expect(colourful.raw()).toBe('\u001b[32m✓ acme: done · https://acme.test\u001b[0m\n');
  const plain = showing({ color: false, live: false });
  plain.emit(done);
  expect(plain.raw()).not.toContain('\u001b');
});

test('a secret that is cut in the middle is masked before the cut', () => {
  const secret = new Secret('canary-that-is-rather-long-0123456789');
  const show = showing({ size: () => ({ columns: 60, rows: 24 }) });
  show.emit(started('supabase.project'));
  show.emit({ type: 'waiting', agency: 'acme', address: 'supabase.project', on: `key ${secret.reveal()}` });
  show.pass(100);
  expect(show.raw()).not.toContain('canary');
  expect(show.raw()).toContain('waiting for key ***');
});
