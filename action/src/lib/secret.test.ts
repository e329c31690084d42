import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onMask, redact } from './redact.ts';
import { Secret } from './secret.ts';

const value = 'p@ss "word"/+ä<&>\\n-canary';
const secret = new Secret(value);

describe('Secret', () => {
  it('prints as stars wherever it is put', () => {
    const shown = [
      `${secret}`,
      String(secret),
      JSON.stringify({ secret }),
      inspect({ deep: [secret] }),
      secret.toString(),
    ];
    for (const text of shown) {
      expect(text).not.toContain('canary');
      expect(text).toContain('***');
    }
    expect(Object.keys(secret)).toEqual([]);
  });

  it('is revealed on demand, and only whole', () => {
    expect(secret.reveal()).toBe(value);
  });

  it('refuses a value that no log could mask', () => {
    expect(() => new Secret('short')).toThrow('at least 6 characters');
  });
});

describe('redact', () => {
  it.each([
    ['plain', value],
    ['JSON', JSON.stringify({ value })],
    ['JSON in JSON', JSON.stringify(JSON.stringify({ value }))],
    ['a URL', `https://x.example/?q=${encodeURIComponent(value)}`],
    ['base64', Buffer.from(value).toString('base64')],
    ['base64 of a header', Buffer.from(`user:${value}`).toString('base64')],
    ['base64 in the middle', Buffer.from(`ab${value}xyz`).toString('base64')],
    ['base64url', Buffer.from(value).toString('base64url')],
  ])('finds it in %s', (_, text) => {
    const shown = redact(`before ${text} after`);
    expect(shown).toContain('***');
    expect(shown).not.toContain('canary');
    expect(shown).not.toContain(Buffer.from(value).toString('base64').slice(4, 20));
    expect(shown.startsWith('before ')).toBe(true);
    expect(shown.endsWith(' after')).toBe(true);
  });

  it('leaves no secret readable, whatever surrounds it', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8, unit: 'grapheme-ascii' }),
        fc.string(),
        fc.string(),
        (hidden, before, after) => {
          const { length } = new Secret(hidden).reveal();
          const shown = redact(`${before}${hidden}${after}`);
          return length > 0 && !shown.includes(hidden);
        },
      ),
    );
  });

  it('hides the longer of two secrets that begin alike', () => {
    new Secret('begin-alike');
    new Secret('begin-alike-and-longer');
    expect(redact('x begin-alike-and-longer y')).toBe('x *** y');
  });

  it('leaves other text as it is', () => {
    expect(redact('nothing to see')).toBe('nothing to see');
    expect(redact('')).toBe('');
  });

  it('tells listeners of secrets past and to come', () => {
    const heard: string[] = [];
    const stop = onMask((form) => heard.push(form));
    expect(heard).toContain(value);
    new Secret('born-while-listening');
    expect(heard).toContain('born-while-listening');
    stop();
    new Secret('born-after-listening');
    expect(heard).not.toContain('born-after-listening');
  });
});
