import { expect, test } from 'vitest';
import { BlockedError } from '../engine/errors.ts';
import type { Event } from '../engine/events.ts';
import { Secret } from '../lib/secret.ts';
import { actions, type Job, type Place, reportError } from './actions.ts';
import { emitTo } from './reporter.ts';

function aJob() {
  const seen = { log: '', annotations: [] as [string, Place][], outputs: {} as Record<string, string>, summary: '' };
  const job: Job = {
    log: (text) => {
      seen.log += text;
    },
    annotate: (message, place) => seen.annotations.push([message, place]),
    setOutput: (name, value) => {
      seen.outputs[name] = value;
    },
    summarize: (markdown) => {
      seen.summary += markdown;
    },
  };
  return { seen, job, emit: emitTo([actions(job)], { now: () => 0 }) as (event: Event) => void };
}

const error = { class: 'provider', message: 'no room', remedy: 'Make room.' } as const;
const end = (result: 'done' | 'failed', changed = 0): Event => ({
  type: 'run',
  result,
  message: '',
  agencies: 1,
  changed,
});

test('a problem is annotated on its line of its file', () => {
  const { seen, emit } = aJob();
  emit({ type: 'problem', file: 'agencies/a.yaml', line: 7, column: 3, message: 'bad', remedy: 'mend it' });
  emit(end('failed'));
  expect(seen.annotations).toEqual([
    ['bad\nmend it', { title: 'Manifest', file: 'agencies/a.yaml', startLine: 7, startColumn: 3 }],
  ]);
});

test('a failing agency is annotated on its file, a failing run on the job', () => {
  const { seen, emit } = aJob();
  emit({ type: 'agency', agency: 'acme', result: 'failed', message: 'x', error });
  emit({ ...end('failed'), error: { ...error, message: 'all stopped' } } as Event);
  expect(seen.annotations).toEqual([
    ['all stopped\nMake room.', { title: 'Provisioner' }],
    ['no room\nMake room.', { title: 'acme', file: 'agencies/acme.yaml' }],
  ]);
});

test('no more annotations than GitHub shows', () => {
  const { seen, emit } = aJob();
  for (let line = 1; line <= 30; line += 1) {
    emit({ type: 'problem', file: 'fleet.yaml', line, column: 1, message: 'bad', remedy: 'mend it' });
  }
  emit(end('failed'));
  expect(seen.annotations).toHaveLength(10);
});

test('the outputs say how it ended, and the summary is written once', () => {
  const { seen, emit } = aJob();
  emit({ type: 'agency', agency: 'acme', result: 'done', message: 'x', url: 'https://acme.test' });
  emit(end('done', 1));
  expect(seen.outputs).toEqual({ changed: 'true', result: 'done', summary: 'Done: 1 agency: 1 done.' });
  expect(seen.summary.match(/^### /gm)).toHaveLength(1);
});

test('what others wrote gives the runner no command', () => {
  const { seen, emit } = aJob();
  emit({ type: 'notice', message: '::add-mask::x' });
  emit({ type: 'notice', message: '##[error]x' });
  emit({ type: 'notice', message: 'a\n::error::b' });
  for (const line of seen.log.split('\n')) {
    expect(line.trim().startsWith('::')).toBe(false);
    expect(line).not.toContain('##[');
  }
});

test('what kept a run from beginning is told in all places, without secrets', () => {
  const { seen, job } = aJob();
  const secret = new Secret('canary-of-actions');
  reportError(new BlockedError(`the value ${secret.reveal()} is wrong`, 'Set it.'), job);
  expect(seen.log).toBe('Blocked: the value *** is wrong. Next: Set it.\n');
  expect(seen.annotations).toEqual([['the value *** is wrong\nSet it.', { title: 'Provisioner' }]]);
  expect(seen.outputs).toMatchObject({ changed: 'false', result: 'blocked' });
  expect(seen.summary).toContain('### Blocked');
  expect(seen.summary).not.toContain('canary');
});
