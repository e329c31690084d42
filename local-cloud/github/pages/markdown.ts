import { escapeHtml, type Html } from '../../site/html.ts';
import { htmlText, inline, OpenTags } from './inline.ts';

/**
 * A small safe subset of GitHub's Markdown: headings, paragraphs, lists, quotes, tables, code (mermaid as code), details.
 * Foreign HTML is shown as text, images are named instead of loaded, and nothing left open reaches beyond its end.
 */
export function markdown(text: string): Html {
  const tags = new OpenTags();
  const body = blocks(text.replace(/\r\n?/g, '\n').split('\n'), tags);
  return { html: body + tags.end() };
}

interface Taken {
  readonly lines: number;
  readonly html: string;
}

type Block = (lines: readonly string[], tags: OpenTags) => Taken | undefined;

function firstOf(lines: readonly string[], tags: OpenTags): Taken | undefined {
  for (const kind of kinds) {
    const taken = kind(lines, tags);
    if (taken !== undefined) return taken;
  }
  return undefined;
}

/** Quotes and lists in each other; deeper ones are text. */
const MAX_DEPTH = 12;

function blocks(lines: readonly string[], tags: OpenTags): string {
  if (tags.depth >= MAX_DEPTH) return escapeHtml(lines.join('\n'));
  tags.depth += 1;
  let out = '';
  for (let at = 0; at < lines.length; ) {
    const rest = lines.slice(at);
    const taken = firstOf(rest, tags) ?? paragraph(rest, tags);
    out += taken.html;
    at += taken.lines;
  }
  tags.depth -= 1;
  return out;
}

const isBlank = (line: string | undefined) => line === undefined || line.trim() === '';

function countWhile(lines: readonly string[], test: (line: string, at: number) => boolean): number {
  const end = lines.findIndex((line, at) => !test(line, at));
  return end < 0 ? lines.length : end;
}

const blank: Block = ([line]) => (isBlank(line) ? { lines: 1, html: '' } : undefined);

const fence: Block = (lines) => {
  const [, mark = '', language = ''] = /^ {0,3}(`{3,}|~{3,})\s*([\w+-]*)[^`]*$/.exec(lines[0] ?? '') ?? [];
  if (mark === '') return undefined;
  const closes = (line: string) => line.trim().startsWith(mark) && /^(`+|~+)$/.test(line.trim());
  const inside = countWhile(lines.slice(1), (line) => !closes(line));
  const code = escapeHtml(lines.slice(1, 1 + inside).join('\n'));
  const name = language === '' ? '' : ` data-language="${escapeHtml(language)}"`;
  return { lines: Math.min(lines.length, inside + 2), html: `<pre${name}><code>${code}</code></pre>` };
};

const comment: Block = (lines, tags) => {
  if (!/^ {0,3}<!--/.test(lines[0] ?? '')) return undefined;
  const end = lines.findIndex((line) => line.includes('-->'));
  if (end < 0) return { lines: lines.length, html: '' };
  const after = (lines[end] ?? '').replace(/^.*?-->/, '');
  return { lines: end + 1, html: isBlank(after) ? '' : blocks([after], tags) };
};

/** Up to the next blank line Markdown means nothing: https://github.github.com/gfm/#html-blocks */
const htmlBlock: Block = (lines, tags) => {
  if (!/^ {0,3}<\/?(?:details|summary|p|hr)\b/i.test(lines[0] ?? '')) return undefined;
  const count = countWhile(lines, (line) => !isBlank(line));
  return { lines: count, html: htmlText(lines.slice(0, count).join('\n'), tags) };
};

const heading: Block = ([line = ''], tags) => {
  const [, marks = '', text = ''] = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/.exec(line) ?? [];
  // The page itself has the first two levels.
  const level = Math.min(6, marks.length + 2);
  return marks === '' ? undefined : { lines: 1, html: `<h${level}>${inline(text, tags)}</h${level}>` };
};

const rule: Block = ([line = '']) =>
  /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/.test(line) ? { lines: 1, html: '<hr>' } : undefined;

const quote: Block = (lines, tags) => {
  const count = countWhile(lines, (line) => /^ {0,3}>/.test(line));
  if (count === 0) return undefined;
  const inside = lines.slice(0, count).map((line) => line.replace(/^ {0,3}> ?/, ''));
  return { lines: count, html: `<blockquote>${blocks(inside, tags)}</blockquote>` };
};

const table: Block = (lines, tags) => {
  const [head = '', marks = ''] = lines;
  if (!head.includes('|') || !/^ *\|? *:?-+:? *(\| *:?-+:? *)*\|? *$/.test(marks)) return undefined;
  const count = countWhile(lines, (line) => !isBlank(line) && line.includes('|'));
  const row = (line: string, tag: string) =>
    `<tr>${cells(line)
      .map((cell) => `<${tag}>${inline(cell, tags)}</${tag}>`)
      .join('')}</tr>`;
  const body = lines.slice(2, count).map((line) => row(line, 'td'));
  const html = `<div class="scroll"><table><thead>${row(head, 'th')}</thead><tbody>${body.join('')}</tbody></table></div>`;
  return { lines: count, html };
};

/** Parted by `|` that no backslash precedes. */
function cells(line: string): string[] {
  const bare = line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return bare.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
}

const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])( +)(?=\S)/;

const list: Block = (lines, tags) => {
  const [, , mark = ''] = ITEM.exec(lines[0] ?? '') ?? [];
  if (mark === '') return undefined;
  const items: string[] = [];
  let at = 0;
  while (at < lines.length && sameKind(mark, ITEM.exec(lines[at] ?? '')?.[2])) {
    const width = (ITEM.exec(lines[at] ?? '')?.[0] ?? '').length;
    const more = countWhile(lines.slice(at + 1), (line) => isBlank(line) || line.startsWith(' '.repeat(width)));
    const inside = [lines[at] ?? '', ...lines.slice(at + 1, at + 1 + more)].map((line) => line.slice(width));
    items.push(`<li>${item(inside, tags)}</li>`);
    at += 1 + more;
  }
  const tag = /\d/.test(mark) ? 'ol' : 'ul';
  return { lines: at, html: `<${tag}>${items.join('')}</${tag}>` };
};

function sameKind(mark: string, other: string | undefined): boolean {
  return other !== undefined && /\d/.test(mark) === /\d/.test(other);
}

/** One line is no paragraph of its own; a task shows its box. */
function item([first = '', ...more]: readonly string[], tags: OpenTags): string {
  const [, box, text = first] = /^\[([ xX])\] (.*)$/.exec(first) ?? [];
  const shown = box === undefined ? '' : `<input type="checkbox" disabled${box === ' ' ? '' : ' checked'}> `;
  return `${shown}${inline(text, tags)}${blocks(more, tags)}`;
}

const kinds: readonly Block[] = [blank, fence, comment, htmlBlock, heading, rule, quote, table, list];

/** A line that ends the paragraph above it. */
const INTERRUPTS = /^ {0,3}(?:`{3}|~{3}|<\/?(?:details|summary|p|hr)\b|#{1,6}\s|>|[-*+] +\S|1[.)] +\S)|^\s*$/i;

function paragraph(lines: readonly string[], tags: OpenTags): Taken {
  const count = countWhile(lines, (line, at) => at === 0 || !INTERRUPTS.test(line));
  const text = lines.slice(0, count).map((line) => line.trim());
  return { lines: count, html: `<p>${inline(text.join('\n'), tags).replaceAll('\n', '<br>\n')}</p>` };
}
