/** One statement of an SQL text. */
export interface Statement {
  /** The statement without its semicolon and without what stands before its first word. */
  readonly text: string;
  /** Where it begins, as an index of the whole text. */
  readonly start: number;
  /** Its first words in capitals, at most two: `CREATE TABLE`. */
  readonly head: string;
}

interface Token {
  readonly kind: 'blank' | 'word' | 'semicolon' | 'parenthesis' | 'other';
  readonly start: number;
  readonly end: number;
}

/**
 * Splits SQL at the semicolons that end statements: not those inside comments (which nest), quotes, quoted names,
 * dollar quotes, parentheses (CREATE RULE) or the body of BEGIN ATOMIC. Follows the lexical rules of PostgreSQL 17 with
 * standard_conforming_strings on (https://www.postgresql.org/docs/17/sql-syntax-lexical.html). A quote, comment
 * or parenthesis that nobody closes reaches to the end of the text.
 */
export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  let open = new OpenStatement();
  for (let at = 0; at < sql.length; ) {
    const token = tokenAt(sql, at);
    at = token.end;
    if (token.kind === 'semicolon' && open.mayEnd) {
      statements.push(...open.close(sql, token.start));
      open = new OpenStatement();
    } else if (token.kind !== 'blank') {
      open.take(sql, token);
    }
  }
  return [...statements, ...open.close(sql, sql.length)];
}

/** Where a quote or comment begins that nobody closes, as an index of the text. */
export function openAt(sql: string): number | undefined {
  // What takes the further line too has no end.
  const longer = `${sql}\n`;
  for (let at = 0; at < sql.length; ) {
    const { end } = tokenAt(longer, at);
    if (end > sql.length) return at;
    at = end;
  }
  return undefined;
}

class OpenStatement {
  /** How deep in a BEGIN ATOMIC body the text is, and how deep in parentheses. */
  private body = 0;
  private parentheses = 0;
  private start: number | undefined;
  private last = '';
  private readonly words: string[] = [];

  get mayEnd(): boolean {
    return this.body === 0 && this.parentheses === 0;
  }

  take(sql: string, token: Token): void {
    this.start ??= token.start;
    if (token.kind === 'parenthesis') {
      this.parentheses = Math.max(0, this.parentheses + (sql[token.start] === '(' ? 1 : -1));
    }
    if (token.kind !== 'word') return;
    const word = sql.slice(token.start, token.end).toUpperCase();
    this.body += step(word, this.last, this.body);
    this.last = word;
    if (this.words.length < 2) this.words.push(word);
  }

  close(sql: string, end: number): Statement[] {
    if (this.start === undefined) return [];
    return [{ text: sql.slice(this.start, end).trimEnd(), start: this.start, head: this.words.join(' ') }];
  }
}

/** CASE ends with END too, so inside a body it counts. */
function step(word: string, previous: string, depth: number): number {
  if (word === 'ATOMIC' && previous === 'BEGIN') return 1;
  if (depth > 0 && word === 'CASE') return 1;
  return depth > 0 && word === 'END' ? -1 : 0;
}

function tokenAt(sql: string, start: number): Token {
  const sign = sql[start] ?? '';
  if (sign === ';') return { kind: 'semicolon', start, end: start + 1 };
  if (sign === '(' || sign === ')') return { kind: 'parenthesis', start, end: start + 1 };
  if (/\s/.test(sign)) return { kind: 'blank', start, end: start + 1 };
  if (sql.startsWith('--', start)) return { kind: 'blank', start, end: endOfLine(sql, start) };
  if (sql.startsWith('/*', start)) return { kind: 'blank', start, end: endOfComment(sql, start) };
  if (sign === "'" || sign === '"') return { kind: 'other', start, end: endOfQuote(sql, start, sign, false) };
  if (/^[eE]'/.test(sql.slice(start, start + 2))) {
    return { kind: 'other', start, end: endOfQuote(sql, start + 1, "'", true) };
  }
  return dollarQuoteAt(sql, start) ?? wordAt(sql, start) ?? { kind: 'other', start, end: start + 1 };
}

function endOfLine(sql: string, start: number): number {
  const end = sql.indexOf('\n', start);
  return end < 0 ? sql.length : end;
}

function endOfComment(sql: string, start: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  let depth = 0;
  for (let mark = marks.exec(sql); mark; mark = marks.exec(sql)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return sql.length;
}

/** A doubled quote stands for itself. */
function endOfQuote(sql: string, start: number, quote: string, backslashes: boolean): number {
  for (let at = start + 1; at < sql.length; at++) {
    if (backslashes && sql[at] === '\\') at++;
    else if (sql[at] === quote && sql[at + 1] === quote) at++;
    else if (sql[at] === quote) return at + 1;
  }
  return sql.length;
}

const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const word = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;

function dollarQuoteAt(sql: string, start: number): Token | undefined {
  dollarTag.lastIndex = start;
  const tag = dollarTag.exec(sql)?.[0];
  if (tag === undefined) return undefined;
  const end = sql.indexOf(tag, start + tag.length);
  return { kind: 'other', start, end: end < 0 ? sql.length : end + tag.length };
}

function wordAt(sql: string, start: number): Token | undefined {
  word.lastIndex = start;
  return word.test(sql) ? { kind: 'word', start, end: word.lastIndex } : undefined;
}
