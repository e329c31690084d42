/** Signs that take two columns on a terminal: East Asian wide, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const MARK = /\p{Mark}/u;

/** How many columns a text takes on a terminal. */
export function widthOf(text: string): number {
  return [...text].reduce((sum, sign) => sum + columnsOf(sign), 0);
}

/** The text cut to `width` columns; what was cut shows as an ellipsis. */
export function truncate(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let taken = '';
  let columns = 0;
  for (const sign of text) {
    columns += columnsOf(sign);
    if (columns > width - 1) break;
    taken += sign;
  }
  return width > 0 ? `${taken.trimEnd()}…` : '';
}

/** Padded with blanks to `width` columns; longer text stays as it is. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Broken at blanks into lines of at most `width` columns; a word that is longer stands alone, uncut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && widthOf(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

/** `0.4s`, `12s`, `3m 05s`. */
export function duration(ms: number): string {
  if (ms < 9_950) return `${(Math.max(0, ms) / 1_000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`;
}

/** `1 agency`, `2 agencies`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

function columnsOf(sign: string): number {
  if (MARK.test(sign)) return 0;
  return WIDE.test(sign) ? 2 : 1;
}
