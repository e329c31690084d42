import { redact } from '../lib/redact.ts';

/** Longer than any vendor's honest sentence. */
const LIMIT = 500;

/** Control characters, line breaks, and the marks with which a text can turn its reading direction. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it removes
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g;

/**
 * A text that a vendor or a stranger wrote, fit for an error message: one line, no control characters, no registered
 * secret, at most `limit` characters. Whoever puts it into Markdown or HTML still escapes it there.
 */
export function foreignText(text: string, limit = LIMIT): string {
  // Redacted before it is cut, or half a secret would stay unrecognised at the end.
  const clean = redact(text.replace(UNPRINTABLE, ' ').replace(/ {2,}/g, ' ').trim());
  return clean.length <= limit ? clean : `${clean.slice(0, limit - 1)}…`;
}
