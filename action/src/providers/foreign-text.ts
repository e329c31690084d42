import { oneLine } from '../lib/one-line.ts';
import { redact } from '../lib/redact.ts';

/** Longer than any vendor's honest sentence. */
const LIMIT = 500;

/**
 * A text that a vendor or a stranger wrote, fit for an error message: one line, no control characters, no registered
 * secret, at most `limit` characters. Whoever puts it into Markdown or HTML still escapes it there.
 */
export function foreignText(text: string, limit = LIMIT): string {
  // Redacted before it is cut, or half a secret would stay unrecognised at the end.
  const clean = redact(oneLine(text));
  return clean.length <= limit ? clean : `${clean.slice(0, limit - 1)}…`;
}
