const SIGNS = '0123456789abcdefghijklmnopqrstuvwxyz';

/** What tells one agency from another in texts: each word stands for the same one of the copy. */
export type Words = ReadonlyMap<string, string>;

/** A text with every word replaced; the longest first, because one may be a part of another. */
export function reworded(text: string, words: Words): string {
  const longestFirst = [...words].sort(([a], [b]) => b.length - a.length);
  return longestFirst.reduce((copy, [from, to]) => copy.replaceAll(from, to), text);
}

/**
 * An id of the same form and length for the copy with that number: its last four signs count, in letters where the id
 * is of letters alone, else in hexadecimal digits. Copies 1 to 65,535 differ from each other.
 */
export function renumbered(id: string, copy: number): string {
  const inLetters = /^[a-z]+$/.test(id);
  const digits = copy.toString(inLetters ? 26 : 16).padStart(4, '0');
  const tail = inLetters ? [...digits].map((digit) => SIGNS.charAt(parseInt(digit, 26) + 10)).join('') : digits;
  return id.slice(0, -4) + tail;
}
