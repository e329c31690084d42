import { escapeHtml } from '../../site/html.ts';

/** Tags that GitHub keeps and that we keep with it; all their attributes go, but `open` of details. */
const KEPT = [
  'details',
  'summary',
  'br',
  'sub',
  'sup',
  'kbd',
  'b',
  'i',
  'em',
  'strong',
  'code',
  'del',
  'pre',
  'p',
  'hr',
];
const VOID = ['br', 'hr'];

/** The tags that people left open, so that what they wrote ends where its box ends. */
export class OpenTags {
  #open: string[] = [];
  /** How deep blocks stand in each other just now. */
  depth = 0;

  /** The tag as HTML; as text when it is none of ours, nothing when it closes what was not opened. */
  take(tag: string): string {
    const [, slash, name = '', rest = ''] = /^<(\/?)([a-z][a-z0-9]*)\b([^>]*)>$/i.exec(tag) ?? [];
    const known = name.toLowerCase();
    if (!KEPT.includes(known)) return escapeHtml(tag);
    if (VOID.includes(known)) return `<${known}>`;
    if (slash === '/') return this.#close(known);
    this.#open.push(known);
    return known === 'details' && /\bopen\b/i.test(rest) ? '<details open>' : `<${known}>`;
  }

  #close(name: string): string {
    const at = this.#open.lastIndexOf(name);
    return at < 0 ? '' : closing(this.#open.splice(at));
  }

  end(): string {
    return closing(this.#open.splice(0));
  }
}

function closing(names: readonly string[]): string {
  return names
    .toReversed()
    .map((name) => `</${name}>`)
    .join('');
}

type Rule = readonly [pattern: RegExp, write: (found: RegExpExecArray, tags: OpenTags) => string];

/** What may stand in HTML blocks, where Markdown means nothing. */
const htmlRules: readonly Rule[] = [
  [/^<!--[\s\S]*?-->/, () => ''],
  [/^<\/?[a-z][a-z0-9]*\b[^<>]*>/i, ([tag], tags) => tags.take(tag)],
  [/^&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});/i, ([entity]) => entity],
];

const rules: readonly Rule[] = [
  [/^\\([!-/:-@[-`{-~])/, ([, letter = '']) => escapeHtml(letter)],
  [/^(`+)(?!`)([\s\S]*?[^`])\1(?!`)/, ([, , code = '']) => `<code>${escapeHtml(code.trim())}</code>`],
  [/^!\[([^\]]*)\]\([^)\s]*(?:\s[^)]*)?\)/, ([, text = '']) => `<em class="image">image: ${escapeHtml(text)}</em>`],
  [
    /^\[((?:[^[\]\\]|\\.)*)\]\(([^)\s]*)(?:\s"[^"]*")?\)/,
    ([, text = '', url = ''], tags) => link(url, inline(text, tags)),
  ],
  [/^https?:\/\/[^\s<>()"'`|]*[^\s<>()"'`|.,:;!?]/, ([url]) => link(url, escapeHtml(url))],
  [/^\*\*(?=\S)([\s\S]*?\S)\*\*/, ([, text = ''], tags) => `<strong>${inline(text, tags)}</strong>`],
  [/^\*(?=[^\s*])([^*]*[^\s*])\*/, ([, text = ''], tags) => `<em>${inline(text, tags)}</em>`],
  [/^~~(?=\S)([\s\S]*?\S)~~/, ([, text = ''], tags) => `<del>${inline(text, tags)}</del>`],
  // GitHub looks for them once entities are resolved: https://github.com/github/cmark-gfm/issues/181
  [
    /^(?:@|&(?:#64|#x40|commat);)([a-z0-9](?:-?[a-z0-9]){0,38})/i,
    ([, name = '']) => `<span class="mention">@${escapeHtml(name)}</span>`,
  ],
  ...htmlRules,
];

/** Other schemes, and what is relative to a place we do not have, stay text. */
function link(url: string, text: string): string {
  if (!/^(?:https?:\/\/|#)/i.test(url)) return text;
  return `<a href="${escapeHtml(url)}" rel="nofollow noreferrer">${text}</a>`;
}

/** The Markdown of one paragraph, cell or heading. */
export function inline(text: string, tags: OpenTags): string {
  return apply(rules, text, tags);
}

/** What stands in an HTML block. */
export function htmlText(text: string, tags: OpenTags): string {
  return apply(htmlRules, text, tags);
}

function apply(list: readonly Rule[], text: string, tags: OpenTags): string {
  let out = '';
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const plain = /^[^\\`!*[~<&@h_]+|^h(?!ttps?:\/\/)/.exec(rest)?.[0] ?? '';
    if (plain !== '') {
      // An address is no mention: what stands before @ decides.
      const [address = ''] =
        (/\w$/.test(plain) && /^(?:@|&(?:#64|#x40|commat);)/i.exec(rest.slice(plain.length))) || [];
      out += escapeHtml(plain) + (address && '@');
      at += plain.length + address.length;
      continue;
    }
    const hit = first(list, rest);
    out += hit === undefined ? escapeHtml(rest.charAt(0)) : hit.write(hit.found, tags);
    at += hit === undefined ? 1 : hit.found[0].length;
  }
  return out;
}

function first(list: readonly Rule[], text: string) {
  for (const [pattern, write] of list) {
    const found = pattern.exec(text);
    if (found !== null) return { found, write };
  }
  return undefined;
}
