/** Control characters, line ends, and the marks with which a text turns its reading direction or hides. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** A text that somebody else wrote, as one line without anything that a terminal or a log would obey. */
export function oneLine(text: string): string {
  return text.replace(UNPRINTABLE, ' ').replace(/ {2,}/g, ' ').trim();
}
