import { findHidden, quote, tell } from './text.ts';

/**
 * The addresses we mail to: a plain ASCII local part and a host name of at least two labels. Narrower than RFC 5322 on
 * purpose: no comments, quotes, lists or display names, which mail headers would give a second meaning.
 */
export const mailPattern =
  /^(?=.{6,254}$)(?=.{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?:[A-Za-z]{2,63}|xn--[A-Za-z0-9-]{1,59})$/;

/** What is wrong with a mail address and how to mend it. Call it for one that does not match the pattern. */
export function explainMail(mail: string): string {
  const complaint = complaints.find(({ when }) => when(mail));
  return complaint
    ? tell(`${quote(mail)} ${complaint.because}`, complaint.remedy)
    : tell(`${quote(mail)} is not a mail address`, 'write it as name@example.com');
}

const complaints: readonly { when: (mail: string) => boolean; because: string; remedy: string }[] = [
  {
    when: (mail) => /[\r\n]/.test(mail),
    because: 'contains a line break, which would inject mail headers',
    remedy: 'write one address on one line',
  },
  {
    when: (mail) => findHidden(mail) !== undefined,
    because: 'contains a character that cannot be seen',
    remedy: 'type the address anew',
  },
  {
    when: (mail) => /[,;]/.test(mail),
    because: 'holds more than one address',
    remedy: 'name exactly one owner; the owner can invite others',
  },
  {
    when: (mail) => /[<>"()\\]/.test(mail),
    because: 'contains a display name or a comment',
    remedy: 'write the bare address, such as owner@example.com',
  },
  {
    when: (mail) => /@.*[^ -~]/.test(mail),
    because: 'has letters outside ASCII in its domain, some of which only look like others',
    remedy: 'write the domain in punycode (xn--…), after checking whose it is',
  },
  {
    when: (mail) => /[^ -~]/.test(mail),
    because: 'has letters outside ASCII before the @',
    remedy: 'use an address in ASCII; Supabase Auth and many mail servers take no other',
  },
  {
    when: (mail) => mail.split('@').length !== 2,
    because: 'does not contain exactly one @',
    remedy: 'write it as name@example.com',
  },
];
