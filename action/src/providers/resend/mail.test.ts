import { describe, expect, it } from 'vitest';
import { Secret } from '../../lib/secret.ts';
import { type Welcome, welcomeMail } from './mail.ts';

const password = new Secret('FirstPassword23456789abc');
const mail = (over: Partial<Welcome> = {}) =>
  welcomeMail({
    from: 'Example <hello@mail.example>',
    support: 'support@mail.example',
    to: 'owner@acme.example',
    ownerName: 'Acme Owner',
    agencyName: 'Acme Studio',
    url: 'https://acme.vercel.app',
    email: 'owner@acme.example',
    password,
    ...over,
  });

describe('welcomeMail', () => {
  it.each(['html', 'text'] as const)('says in %s where, as whom, with what, and what to do then', (part) => {
    const body = mail()[part];
    for (const fact of ['Acme Owner', 'Acme Studio', 'https://acme.vercel.app', 'owner@acme.example']) {
      expect(body).toContain(fact);
    }
    expect(body).toContain(password.reveal());
    expect(body).toMatch(/change the password/);
    expect(body).toContain('support@mail.example');
  });

  it('goes to the owner, from the company, with answers to its support', () => {
    expect(mail()).toMatchObject({
      from: 'Example <hello@mail.example>',
      to: 'owner@acme.example',
      replyTo: 'support@mail.example',
      subject: 'Acme Studio is ready: how to sign in',
    });
  });

  it('keeps the password out of the subject', () => {
    expect(mail().subject).not.toContain(password.reveal());
  });

  it('escapes what it was told where it is HTML, and only there', () => {
    const evil = `<img src=x onerror="alert('1')"> & Söhne`;
    const { html, text, subject } = mail({ agencyName: evil, ownerName: evil, email: '"><b>@acme.example' });
    expect(html).not.toContain('<img');
    expect(html).not.toContain('<b>');
    expect(html).toContain('&#60;img src=x onerror=&#34;alert(&#39;1&#39;)&#34;&#62; &#38; Söhne');
    expect(text).toContain(evil);
    expect(subject).toContain(evil);
  });

  it('cannot be made to point elsewhere by a quote in the address', () => {
    const { html } = mail({ url: 'https://acme.vercel.app/" onclick="x' });
    expect(html).not.toContain('" onclick="');
  });

  it.each([
    ['a line break', 'Acme\r\nBcc: all@evil.example'],
    ['a separator', 'Acme\u2028Bcc: all@evil.example'],
    ['a null', 'Acme\u0000Bcc: all@evil.example'],
  ])('does not let %s in a name begin a line of its own', (_what, agencyName) => {
    const { subject, text } = mail({ agencyName });
    expect(subject).toBe('Acme Bcc: all@evil.example is ready: how to sign in');
    expect(text.split(/[\r\n\u2028]/).filter((line) => line.startsWith('Bcc'))).toEqual([]);
  });

  it('cuts names that would fill a page', () => {
    const { subject } = mail({ agencyName: 'x'.repeat(300) });
    expect(subject.length).toBeLessThan(160);
  });

  it('is the same mail for the same facts, because Resend compares it', () => {
    expect(mail()).toEqual(mail());
  });
});
