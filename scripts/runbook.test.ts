import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RedMessage, redMessages } from './red-messages.ts';

const root = join(import.meta.dirname, '..');
const runbook = readFileSync(join(root, 'docs/runbook.md'), 'utf8');
/** Texts in backticks, and what stands in a table behind the name of the resource. */
const symptoms = [...runbook.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);

/** Problems of files carry their own place and remedy and share one entry; the status is no such file. */
function isOfAFile({ file }: RedMessage): boolean {
  return file.startsWith('action/src/manifest/') && !file.endsWith('/status.ts');
}

const messages = redMessages(root, ['action/src', 'scripts']).filter((message) => !isOfAFile(message));

describe('the runbook', () => {
  it('has an entry for every message that a run can go red with', () => {
    const missing = messages.filter(({ pattern }) => !symptoms.some((symptom) => pattern.test(symptom)));
    expect(missing.map(({ file, line, source }) => `${file}:${line} ${source}`)).toEqual([]);
  });

  it.each([
    'action/src/engine/execute.ts',
    'action/src/providers/failure.ts',
    'action/src/providers/supabase/project.ts',
    'action/src/record/file-lease.ts',
    'action/src/run.ts',
    'scripts/commands/mail.ts',
  ])('finds messages in %s', (file) => {
    expect(messages.filter((message) => message.file === file)).not.toEqual([]);
  });
});
