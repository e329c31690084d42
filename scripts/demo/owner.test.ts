import { expect, test } from 'vitest';
import { Secret } from '../../action/src/lib/secret.ts';
import { welcomeMail } from '../../action/src/providers/resend/mail.ts';
import { readMail } from './owner.ts';

test('what the welcome mail says can be read out of it as a person would', () => {
  const { text } = welcomeMail({
    from: 'a@b.example',
    support: 'help@b.example',
    to: 'o@acme.example',
    ownerName: 'Ada',
    agencyName: 'Acme',
    url: 'https://acme.test',
    email: 'o@acme.example',
    password: new Secret('pass-word-123'),
  });
  expect(readMail(text ?? '')).toEqual({
    url: 'https://acme.test',
    email: 'o@acme.example',
    password: 'pass-word-123',
  });
});

test('a mail that lacks something is not guessed at', () => {
  expect(() => readMail('Address: https://acme.test\nLogin: x')).toThrow('"Temporary password" cannot be found');
});
