const OPENING = '([{';
const CLOSING = ')]}';
const QUOTES = '\'"`';

/**
 * The source texts of the arguments that begin at `start`, just behind the opening bracket. Ends with the bracket's
 * partner or the statement. It knows strings, templates and brackets, which is all that our own sources need.
 */
export function argumentsFrom(text: string, start: number): string[] {
  const found: string[] = [];
  let depth = 0;
  let begin = start;
  for (let at = start; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (QUOTES.includes(sign)) at = endOfLiteral(text, at) - 1;
    else if (OPENING.includes(sign)) depth += 1;
    else if (CLOSING.includes(sign)) depth -= 1;
    const isEnd = depth < 0 || (depth === 0 && sign === ';');
    if (!isEnd && !(depth === 0 && sign === ',')) continue;
    found.push(text.slice(begin, at).trim());
    if (isEnd) return found;
    begin = at + 1;
  }
  return found;
}

/** The source of every string and template of an expression, quotes included; those inside a template belong to it. */
export function literalsIn(expression: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < expression.length; at += 1) {
    if (!QUOTES.includes(expression.charAt(at))) continue;
    const end = endOfLiteral(expression, at);
    found.push(expression.slice(at, end));
    at = end - 1;
  }
  return found;
}

/** What is fixed in a literal: the pieces between its placeholders, as they read once the program runs. */
export function wildcard(literal: string): string[] {
  const body = literal.slice(1, -1);
  const parts: string[] = [];
  let begin = 0;
  for (let at = 0; at < body.length; at += 1) {
    if (body.charAt(at) === '\\') at += 1;
    else if (literal.startsWith('`') && body.startsWith('${', at)) {
      parts.push(body.slice(begin, at));
      at = endOfPlaceholder(body, at) - 1;
      begin = at + 1;
    }
  }
  return [...parts, body.slice(begin)].map((part) => part.replace(/\\(.)/g, (_, sign) => (sign === 'n' ? ' ' : sign)));
}

/** The index behind the literal that begins at `start`. */
function endOfLiteral(text: string, start: number): number {
  const quote = text.charAt(start);
  for (let at = start + 1; at < text.length; at += 1) {
    if (text.charAt(at) === '\\') at += 1;
    else if (quote === '`' && text.startsWith('${', at)) at = endOfPlaceholder(text, at) - 1;
    else if (text.charAt(at) === quote) return at + 1;
  }
  return text.length;
}

/** The index behind the `}` that ends the placeholder at `start`. */
function endOfPlaceholder(text: string, start: number): number {
  let depth = 0;
  for (let at = start + 1; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (QUOTES.includes(sign)) at = endOfLiteral(text, at) - 1;
    else if (sign === '{') depth += 1;
    else if (sign === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}
