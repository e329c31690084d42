import { expect, test } from 'vitest';
import type { Change } from '../engine/decide.ts';
import { escapeMarkdown, fenced, link, summaryMarkdown } from './markdown.ts';
import type { AgencySummary, RunSummary } from './summary.ts';

const blocked: Change = {
  address: 'supabase.project',
  kind: 'supabase.project',
  action: 'blocked',
  danger: 'none',
  differences: [],
  knownAfter: [],
  after: [],
  because: '```\n</details><script>',
};

function anAgency(part: Partial<AgencySummary> = {}): AgencySummary {
  return { slug: 'acme', result: 'done', message: '', changes: [], outcomes: [], ...part };
}

function aRun(part: Partial<RunSummary> = {}): RunSummary {
  return { result: 'done', problems: [], notices: [], agencies: [anAgency()], ...part };
}

test('foreign text means nothing to Markdown, HTML or GitHub', () => {
  const escaped = escapeMarkdown('<b>*x*</b> @team #12 [a](b) | `c` :tada: $x$ ![i](j)\n# head');
  expect(escaped.replaceAll('<!-- -->', '')).not.toMatch(/[<>*@[\]()|`:$!]/);
  expect(escaped).not.toContain('\n');
  expect(escaped.replace(/&#\d+;/g, '')).not.toContain('#');
  expect(escapeMarkdown('plain words 123')).toBe('plain words 123');
});

test('a fence is longer than any that stands inside', () => {
  expect(fenced('a')).toBe('```text\na\n```');
  expect(fenced('```\n`````')).toBe('``````text\n```\n`````\n``````');
});

test('only a web address becomes a link', () => {
  expect(link('https://acme.test/x')).toBe('[acme&#46;test/x](<https://acme.test/x>)');
  expect(link('javascript:alert(1)')).not.toContain('](');
  expect(link('not a url')).toBe('not a url');
});

test('a summary begins with the first line and folds each plan away', () => {
  const agencies = [anAgency({ url: 'https://acme.test' }), anAgency({ slug: 'beta', changes: [blocked] })];
  const text = summaryMarkdown(aRun({ agencies }), 60_000);
  expect(text.split('\n')[0]).toBe('### Done&#58; 2 agencies&#58; 2 done&#46;');
  expect(text).toContain('| acme | Done |  | [acme&#46;test](<https://acme.test/>) |');
  expect(text.match(/<details>/g)).toHaveLength(2);
  expect(text).not.toMatch(/^<\/details><script>/m);
  expect(text).toContain('\n````text\n');
});

test('a failure stands in the table with what to do, a problem with its place', () => {
  const error = { class: 'provider', message: 'no | room', remedy: 'Make room.' } as const;
  const problem = {
    type: 'problem',
    file: 'agencies/b.yaml',
    line: 3,
    column: 1,
    message: 'bad',
    remedy: 'mend it',
  } as const;
  const text = summaryMarkdown(
    aRun({ result: 'failed', agencies: [anAgency({ result: 'failed', error })], problems: [problem] }),
    60_000,
  );
  expect(text).toContain('| acme | Failed | no &#124; room Next&#58; Make room&#46; |  |');
  expect(text).toContain('- agencies/b&#46;yaml&#58;3&#58;1 bad — mend it');
});

test('what does not fit is left out whole, and that is said', () => {
  const many = Array.from({ length: 60 }, (_, index) => anAgency({ slug: `agency-${index}`, changes: [blocked] }));
  const text = summaryMarkdown(aRun({ agencies: many }), 6_000);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(6_000);
  expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>$/gm)?.length);
  expect(text).toMatch(/The plans of \d+ more agencies are in the log/);
});

test('even a table that is too long stays under the limit', () => {
  const many = Array.from({ length: 500 }, (_, index) => anAgency({ slug: `agency-${index}` }));
  const text = summaryMarkdown(aRun({ agencies: many }), 3_000);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(3_000);
  expect(text).toContain('The rest is in the log.');
});
