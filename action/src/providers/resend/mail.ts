import type { Secret } from '../../lib/secret.ts';
import { foreignText } from '../foreign-text.ts';
import type { Mail } from './client.ts';

export interface Welcome {
  /** An address, with or without a name before it. */
  readonly from: string;
  /** Whom an owner asks for help: an address. */
  readonly support: string;
  readonly to: string;
  readonly ownerName: string;
  readonly agencyName: string;
  readonly url: string;
  /** What the owner signs in with. */
  readonly email: string;
  readonly password: Secret;
}

/** Longer names are cut: a subject that wraps, or a greeting of half a page, helps nobody. */
const NAME_LENGTH = 120;

/**
 * The one mail that carries an owner's credentials. The same input gives the same mail to the byte, because a repeated
 * request counts as the same only if its content is. Names are foreign text: one line each, and escaped in HTML.
 */
export function welcomeMail(welcome: Welcome): Mail {
  const { from, to, support } = welcome;
  const agency = foreignText(welcome.agencyName, NAME_LENGTH);
  const facts = { ...welcome, agency, owner: foreignText(welcome.ownerName, NAME_LENGTH) };
  return {
    from,
    to,
    replyTo: support,
    subject: `${agency} is ready: how to sign in`,
    html: htmlOf(facts),
    text: textOf(facts),
  };
}

type Facts = Welcome & { readonly agency: string; readonly owner: string };

function textOf({ agency, owner, url, email, password, support }: Facts): string {
  return [
    `Hello ${owner},`,
    '',
    `${agency} has its own workspace now. You can sign in as its administrator:`,
    '',
    `Address: ${url}`,
    `Login: ${email}`,
    `Temporary password: ${password.reveal()}`,
    '',
    'Please change the password right after you have signed in, and delete this mail.',
    '',
    `Questions? Write to ${support}.`,
    '',
  ].join('\n');
}

const PAGE =
  'font-family:system-ui,sans-serif;line-height:1.5;color:#1f2328;max-width:36rem;margin:0 auto;padding:1rem';
const BUTTON =
  'display:inline-block;padding:.6rem 1.2rem;background:#1f2328;color:#fff;text-decoration:none;border-radius:6px';
const CELL = 'padding:.2rem 1rem .2rem 0;vertical-align:top';

function htmlOf(facts: Facts): string {
  const { agency, owner, email, support } = facts;
  const url = escaped(facts.url);
  const row = (name: string, value: string) => `<tr><td style="${CELL}">${name}</td><td>${value}</td></tr>`;
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escaped(agency)}</title></head><body style="${PAGE}">`,
    `<p>Hello ${escaped(owner)},</p>`,
    `<p><strong>${escaped(agency)}</strong> has its own workspace now. You can sign in as its administrator:</p>`,
    `<table>${row('Address', `<a href="${url}">${url}</a>`)}${row('Login', escaped(email))}`,
    `${row('Temporary password', `<code>${escaped(facts.password.reveal())}</code>`)}</table>`,
    `<p><a href="${url}" style="${BUTTON}">Sign in</a></p>`,
    '<p>Please change the password right after you have signed in, and delete this mail.</p>',
    `<p>Questions? Write to <a href="mailto:${escaped(encodeURI(support))}">${escaped(support)}</a>.</p>`,
    '</body></html>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
