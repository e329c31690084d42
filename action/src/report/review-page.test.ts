import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Change } from '../engine/decide.ts';
import { type AgencyReview, reviewAnnotations, reviewHeadline } from './review.ts';
import { reviewMarkdown } from './review-markdown.ts';

const HOSTILE = [
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '![beacon](https://evil.example/x.png) [link](https://evil.example)',
  '@everybody #1 | ~~~ $' + '{{ secrets.X }}',
  '```\n</details>\n# Title',
  '\u202egnp.exe\u2066',
  'x'.repeat(10_000),
];

function change(over: Partial<Change> = {}): Change {
  return {
    address: 'supabase.project',
    kind: 'supabase.project',
    action: 'create',
    danger: 'none',
    differences: [{ path: 'size', after: 'micro' }],
    knownAfter: [],
    after: [],
    ...over,
  };
}

function agency(slug: string, over: Partial<AgencyReview> = {}, changes: readonly Change[] = [change()]): AgencyReview {
  return {
    slug,
    file: `agencies/${slug}.yaml`,
    displayName: `The ${slug} agency`,
    change: 'new',
    plan: { version: 1, agency: slug, targetDigest: 'd', changes },
    mails: [{ to: `owner@${slug}.example`, what: 'the welcome mail' }],
    warnings: [],
    ...over,
  };
}

const page = (agencies: readonly AgencyReview[], over: object = {}) => ({
  agencies,
  problems: [],
  live: false,
  commit: 'c'.repeat(40),
  ...over,
});

/** Every fence and every fold that is opened is closed. */
function expectWhole(markdown: string): void {
  const outside: string[] = [];
  let fence: string | undefined;
  for (const line of markdown.split('\n')) {
    const [mark] = /^\s*`{3,}/.exec(line) ?? [];
    if (fence !== undefined) fence = line.trim() === fence ? undefined : fence;
    else if (mark !== undefined) fence = mark.trim();
    else outside.push(line);
  }
  expect(fence, 'an open fence').toBeUndefined();
  const text = outside.join('\n');
  expect(text.match(/<details>/g)?.length ?? 0).toBe(text.match(/<\/details>/g)?.length ?? 0);
  expect(text).not.toMatch(
    /<(?:script|img)|!\[|\]\(https:\/\/evil|\$\{\{|(?<![\w;&>-])@everybody|[\u202a-\u202e\u2066-\u2069]/,
  );
}

describe('the plan on a pull request', () => {
  test('says in one sentence what merging would do', () => {
    expect(reviewHeadline(page([agency('acme'), agency('beta', { change: 'changed' })]))).toMatch(
      /1 new agency.*1 agency/,
    );
    expect(reviewHeadline(page([]))).toMatch(/nothing/);
  });

  test('says first what keeps it from being merged, and puts it on its line', () => {
    const problem = { file: 'agencies/acme.yaml', line: 7, column: 3, message: 'it is wrong', remedy: 'mend it' };
    const broken = page([], { problems: [problem] });
    expect(reviewHeadline(broken)).toMatch(/agencies\/acme\.yaml:7.* it is wrong.*mend it/);
    expect(reviewAnnotations([problem])).toMatchObject([
      { path: 'agencies/acme.yaml', startLine: 7, endLine: 7, level: 'failure' },
    ]);
  });

  test('tells of settings, mails, money and danger', () => {
    const adopt = change({
      address: 'vercel.project',
      kind: 'vercel.project',
      action: 'adopt',
      danger: 'adopt',
      id: 'prj_1',
    });
    const { comment } = reviewMarkdown(page([agency('acme', {}, [change(), adopt])]));
    for (const part of ['micro', 'owner&#64;', '10', 'DANGEROUS', '```mermaid']) expect(comment).toContain(part);
  });

  test('of two hundred agencies fits into a comment, with the rest on the page of the run', () => {
    const many = Array.from({ length: 200 }, (_, at) =>
      agency(
        `agency-${at}`,
        {},
        Array.from({ length: 12 }, (_, n) => change({ address: `a.${n}` })),
      ),
    );
    const { comment, whole } = reviewMarkdown(page(many));
    expect(comment.length).toBeLessThan(60_000);
    expect(whole.length).toBeGreaterThan(comment.length);
    expectWhole(comment);
    expectWhole(whole);
    expect(comment).toMatch(/And the details of \d+ more, in the summary of the run\./);
  });

  const starred = Array.from({ length: 200 }, (_, at) => agency(`agency-${at}`, { displayName: '*'.repeat(60) }));
  const erring = Array.from({ length: 100 }, (_, at) => {
    const error = { class: 'blocked', message: '_'.repeat(500), remedy: '@a'.repeat(250) } as const;
    const { plan: _plan, ...rest } = agency(`erring-${at}`);
    return { ...rest, error };
  });
  const problems = Array.from({ length: 400 }, (_, at) => {
    return { file: `agencies/bad-${at}.yaml`, line: 1, column: 1, message: '*'.repeat(300), remedy: '@b'.repeat(100) };
  });

  test.each([
    ['two hundred names of signs that are escaped', page(starred)],
    ['a hundred long errors', page(erring)],
    ['both', page([...starred, ...erring])],
    ['both, with problems and doubt', page([...starred, ...erring], { problems, doubt: '@c|'.repeat(9_000) })],
    ['texts of many bytes', page([agency('wide', { warnings: Array(99).fill('語'.repeat(500)) })])],
  ])('of %s fits into a comment, and says what is left', (_, review) => {
    const { comment, whole } = reviewMarkdown(review);
    expect(Buffer.byteLength(comment)).toBeLessThan(60_000);
    expect(Buffer.byteLength(whole)).toBeLessThan(1024 * 1024);
    expectWhole(comment);
    expect(comment).toMatch(/in the summary of the run\./);
  });

  test('cuts no sign in its middle', () => {
    const { comment } = reviewMarkdown(page([agency('acme', { displayName: `${'a'.repeat(59)}😀😀` })]));
    expect(Buffer.from(comment).toString()).toBe(comment);
    expect(comment).toContain('a😀…');
  });

  test('has the whole table on the page of the run', () => {
    const { whole } = reviewMarkdown(page([...starred, ...erring.slice(0, 30)]));
    for (const at of [0, 199]) expect(whole).toContain(`| agency&#45;${at} |`);
    expect(whole).toContain('| erring&#45;29 |');
    expect(whole).not.toMatch(/And \d+ more (?:agency|agencies)/);
  });

  test('shows foreign text as text, whatever it is', () => {
    for (const text of HOSTILE) {
      const odd = agency(
        'acme',
        { displayName: text, mails: [{ to: text, what: text }], warnings: [text], error: undefined as never },
        [change({ because: text, remedy: text, differences: [{ path: text, before: text, after: text }] })],
      );
      const problems = [{ file: text, line: 1, column: 1, message: text, remedy: text }];
      const { comment, whole } = reviewMarkdown(page([odd], { problems, doubt: text }));
      expectWhole(comment);
      expectWhole(whole);
    }
  });

  test('is whole and fits, whatever it is made of', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom(...HOSTILE));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 40 }), (all) => {
        const agencies = all.map(([name, value], at) =>
          agency(`a${at}`, { displayName: name }, [
            change({ because: value, differences: [{ path: 'p', after: value }] }),
          ]),
        );
        const { comment } = reviewMarkdown(page(agencies));
        expect(comment.length).toBeLessThan(60_000);
        expectWhole(comment);
      }),
      { numRuns: 60 },
    );
  });
});
