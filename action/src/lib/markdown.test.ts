import { describe, expect, it } from 'vitest';
import { markdown } from '../../../local-cloud/github/pages/markdown.ts';
import { escapeMarkdown } from './markdown.ts';

/** What a reader of the page sees. */
const seen = (html: string) =>
  html
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);|&(lt|gt|amp|quot);/g, (_, code, name) =>
      code ? String.fromCharCode(Number(code)) : ({ lt: '<', gt: '>', amp: '&', quot: '"' }[String(name)] ?? ''),
    );

describe('escapeMarkdown', () => {
  it.each(['@octocat', 'ask @octo-org/team!', '(@a)', '-@a', 'é@a', '@ a', 'owner@acme.example'])(
    'shows %s without mentioning anybody',
    (text) => {
      const { html } = markdown(escapeMarkdown(text));
      expect(html).not.toContain('mention');
      expect(seen(html)).toBe(text);
    },
  );

  it.each([
    ['@octocat', '&#64;<!-- -->octocat'],
    ['owner@acme.example', 'owner&#64;acme&#46;example'],
    ['#12', '&#35;<!-- -->12'],
    ['example/room#12', 'example/room&#35;<!-- -->12'],
    ['GH-12', 'GH<!-- -->&#45;12'],
    [':tada:', '&#58;<!-- -->tada&#58;'],
    [':+1: :100:', '&#58;<!-- -->&#43;1&#58; &#58;<!-- -->100&#58;'],
    ['a: b', 'a&#58; b'],
    ['a.yaml:3:1', 'a&#46;yaml&#58;3&#58;1'],
    ['<!-- x -->', '&#60;&#33;&#45;&#45; x &#45;&#45;&#62;'],
  ])('writes %s as %s', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });

  it('is quick with long text', () => {
    const before = performance.now();
    escapeMarkdown(`:${'a'.repeat(20_000)}`.repeat(20));
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});
