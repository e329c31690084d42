/**
 * Characters that a reviewer cannot see or that change what a reviewer sees: controls, zero-width characters, marks
 * that reverse the order of text, the byte-order mark, tag characters, and U+FFFD, which stands where a file was not
 * UTF-8. A zero-width joiner is left alone inside an emoji (family, flag and profession emoji are made with it).
 */
const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the purpose
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[\u{e0000}-\u{e007f}]|\p{Surrogate}|\r(?!\n)|(?<!\p{Extended_Pictographic}\ufe0f?\p{Emoji_Modifier}?)\u200d|\u200d(?!\p{Extended_Pictographic})/u;

/** The first hidden character of a text: where it is (an index in UTF-16 units) and its name, or nothing. */
export function findHidden(text: string): { index: number; name: string } | undefined {
  const match = hidden.exec(text);
  return match ? { index: match.index, name: nameOf(match[0].codePointAt(0) ?? 0) } : undefined;
}

function nameOf(codePoint: number): string {
  const code = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
  return `${kindOf(codePoint)} (${code})`;
}

function kindOf(codePoint: number): string {
  if (codePoint === 0xfeff) return 'a byte-order mark';
  if (codePoint === 0xfffd) return 'a character that is not valid UTF-8';
  if (codePoint === 0x0d) return 'a lone carriage return';
  if (isBidi(codePoint)) return 'a character that reverses the order of text';
  if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint <= 0x9f)) return 'a control character';
  return 'an invisible character';
}

function isBidi(codePoint: number): boolean {
  const inRange = (from: number, to: number) => codePoint >= from && codePoint <= to;
  return codePoint === 0x061c || inRange(0x200e, 0x200f) || inRange(0x202a, 0x202e) || inRange(0x2066, 0x2069);
}

/** What was wrong and what to do about it, as one string that `split` takes apart again. */
export function tell(message: string, remedy: string): string {
  return `${message} — ${remedy}`;
}

/** The message and the remedy of a text made by `tell`; a text without a remedy gives an empty one. */
export function split(told: string): { message: string; remedy: string } {
  const at = told.lastIndexOf(' — ');
  return at < 0 ? { message: told, remedy: '' } : { message: told.slice(0, at), remedy: told.slice(at + 3) };
}

/** A piece of foreign text, quoted and shortened so that it can stand in a message. */
export function quote(text: unknown, limit = 60): string {
  const whole = typeof text === 'string' ? text : String(text);
  return JSON.stringify(whole.length > limit ? `${whole.slice(0, limit)}…` : whole);
}
