import type { Table } from './catalog.ts';
import { parseFailure } from './errors.ts';
import { splitOutside } from './select.ts';
import { quoteName, type Values } from './values.ts';

/** Names in the query string that are no columns. */
const reserved = new Set(['select', 'order', 'limit', 'offset', 'on_conflict', 'columns', 'apikey']);

/** The conditions of a query string such as `id=eq.1&name=not.is.null&or=(a.lt.3,b.gt.5)`. */
export function filtersOf(params: URLSearchParams, table: Table, source: string, values: Values): string[] {
  const scope: Scope = { table, source, values };
  return [...params]
    .filter(([name]) => !reserved.has(name))
    .map(([name, text]) => {
      const group = name.match(/^(not\.)?(and|or)$/);
      return group === null ? condition(scope, name, text) : grouped(scope, group, text);
    });
}

interface Scope {
  readonly table: Table;
  readonly source: string;
  readonly values: Values;
}

function grouped(scope: Scope, [, not, word = 'and']: RegExpMatchArray, text: string): string {
  const inside = text.match(/^\((.*)\)$/s)?.[1];
  if (inside === undefined) throw parseFailure('logic tree', text);
  const parts = splitOutside(inside).map((part) => logical(scope, part));
  return `${not === undefined ? '' : 'not '}(${parts.join(` ${word} `)})`;
}

function logical(scope: Scope, text: string): string {
  const group = text.match(/^(not\.)?(and|or)(?=\()/);
  if (group !== null) return grouped(scope, group, text.slice(group[0].length));
  const split = text.match(/^([^.]+)\.(.*)$/s);
  if (split === null) throw parseFailure('logic tree', text);
  return condition(scope, split[1] ?? '', unquote(split[2] ?? ''));
}

/** Inside `or=(…)` a value may stand in double quotes. */
function unquote(text: string): string {
  return text.replace(
    /^((?:not\.)?[a-z]+\.)"(.*)"$/s,
    (_all, operator: string, value: string) => operator + unescaped(value),
  );
}

const unescaped = (text: string): string => text.replaceAll(/\\(.)/gs, '$1');

const operators: Record<string, string> = { eq: '=', neq: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' };
const patterns: Record<string, string> = { like: 'like', ilike: 'ilike' };
const states: Record<string, string> = {
  null: 'null',
  not_null: 'not null',
  true: 'true',
  false: 'false',
  unknown: 'unknown',
};

function condition(scope: Scope, name: string, text: string): string {
  const parts = text.match(/^(not\.)?([a-z]+)\.(.*)$/s);
  if (parts === null || !/^[A-Za-z_][\w ]*$/.test(name)) throw parseFailure('filter', text);
  const [, not, operator = '', value = ''] = parts;
  const sql = compared(scope, name, operator, value);
  if (sql === undefined) throw parseFailure('filter', text);
  return not === undefined ? sql : `not (${sql})`;
}

function compared({ table, source, values }: Scope, name: string, operator: string, value: string): string | undefined {
  const column = `${source}.${quoteName(name)}`;
  const typed = (text: string) => cast(values.text(text), table.columns[name]);
  const symbol = operators[operator];
  if (symbol !== undefined) return `${column} ${symbol} ${typed(value)}`;
  const pattern = patterns[operator];
  if (pattern !== undefined) return `${column} ${pattern} ${values.text(value.replaceAll('*', '%'))}`;
  if (operator === 'is' && states[value] !== undefined) return `${column} is ${states[value]}`;
  const list = value.match(/^\((.*)\)$/s)?.[1];
  if (operator !== 'in' || list === undefined) return undefined;
  if (list === '') return 'false';
  return `${column} in (${splitOutside(list).map(inList).map(typed).join(', ')})`;
}

function inList(text: string): string {
  const quoted = text.match(/^"(.*)"$/s)?.[1];
  return quoted === undefined ? text : unescaped(quoted);
}

/** The type comes from the catalogue; an unknown column is left for PostgreSQL to name. */
function cast(placeholder: string, type: string | undefined): string {
  return type === undefined ? placeholder : `cast(${placeholder} as ${type})`;
}

/** `order=name.asc,created_at.desc.nullslast` as ORDER BY, or nothing. */
export function orderOf(params: URLSearchParams, source: string): string {
  const text = params.get('order');
  if (text === null || text === '') return '';
  const terms = splitOutside(text).map((term) => {
    const parts = term.match(/^([A-Za-z_][\w ]*)(?:\.(asc|desc))?(?:\.nulls(first|last))?$/);
    if (parts === null) throw parseFailure('order', term);
    const [, name = '', direction = 'asc', nulls] = parts;
    return `${source}.${quoteName(name)} ${direction}${nulls === undefined ? '' : ` nulls ${nulls}`}`;
  });
  return ` order by ${terms.join(', ')}`;
}
