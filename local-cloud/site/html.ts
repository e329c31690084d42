/** Text that is HTML already. Only `html` makes it. */
export interface Html {
  readonly html: string;
}

/** What a template takes: text is escaped, `Html` is not, lists are joined, nothing is nothing. */
export type HtmlValue = string | number | Html | readonly HtmlValue[] | undefined | null | false;

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Safe in text and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);
}

function render(value: HtmlValue): string {
  if (value === undefined || value === null || value === false) return '';
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  if ('html' in value) return value.html;
  return value.map(render).join('');
}

/** Template tag that escapes every value that is not itself made by it. */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  const parts = strings.map((text, at) => text + (at < values.length ? render(values[at]) : ''));
  return { html: parts.join('') };
}
