import type { Run } from '../database.ts';
import { findRelation, type Joined, type Table } from './catalog.ts';
import { parseFailure } from './errors.ts';
import { quoteName } from './values.ts';

export type Item =
  | { readonly kind: 'all' }
  | { readonly kind: 'column'; readonly name: string; readonly alias: string; readonly cast?: string | undefined }
  | Embed;
interface Embed {
  readonly kind: 'embed';
  readonly name: string;
  readonly alias: string;
  readonly hint?: string | undefined;
  readonly inner: boolean;
  readonly items: Item[];
}

/** `*`, `column`, `alias:column::type` and `alias:table!hint!inner(…)`, nested as deep as they come. */
export function parseSelect(text: string): Item[] {
  return splitOutside(text).map(parseItem);
}

function parseItem(text: string): Item {
  if (text === '*') return { kind: 'all' };
  const embed = text.match(/^(?:([^:()!]+):)?([^:()!]+)((?:![^()!]+)*)\((.*)\)$/s);
  if (embed !== null) return parseEmbed(embed);
  const column = text.match(/^(?:([^:]+):(?!:))?([A-Za-z_][\w ]*)(?:::([a-z0-9_ ]+))?$/);
  if (column === null) throw parseFailure('select parameter', text);
  const [, alias, name = '', cast] = column;
  return { kind: 'column', name, alias: alias ?? name, cast };
}

function parseEmbed([, alias, name = '', hints = '', inside = '']: RegExpMatchArray): Embed {
  const marks = hints.split('!').filter((mark) => mark !== '');
  const hint = marks.find((mark) => mark !== 'inner' && mark !== 'left');
  return {
    kind: 'embed',
    name,
    alias: alias ?? name,
    hint,
    inner: marks.includes('inner'),
    items: parseSelect(inside),
  };
}

/** Splits at commas that stand in no parentheses and no quotes. */
export function splitOutside(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\' && quoted) at += 1;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && char === '(') depth += 1;
    else if (!quoted && char === ')') depth -= 1;
    else if (!quoted && depth === 0 && char === ',') {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)].map((part) => part.trim());
}

export interface Selected {
  /** The list between SELECT and FROM. */
  readonly list: string;
  /** Conditions that `!inner` puts on the parent's rows. */
  readonly conditions: string[];
}

/** `source` is how the parent's rows are called in the statement, quoted. */
export async function selectList(run: Run, table: Table, source: string, items: Item[], depth = 0): Promise<Selected> {
  const list: string[] = [];
  const conditions: string[] = [];
  for (const item of items) {
    if (item.kind === 'all') list.push(`${source}.*`);
    else if (item.kind === 'column') list.push(column(source, item));
    else {
      const { sql, exists } = await embedded(run, table, source, item, depth);
      list.push(`${sql} as ${quoteName(item.alias)}`);
      if (item.inner) conditions.push(exists);
    }
  }
  return { list: list.join(', '), conditions };
}

function column(source: string, { name, alias, cast }: Extract<Item, { kind: 'column' }>): string {
  const value = `${source}.${quoteName(name)}`;
  return `${cast === undefined ? value : `cast(${value} as ${castType(cast)})`} as ${quoteName(alias)}`;
}

/** A type's name is neither a value nor a plain identifier (`timestamp with time zone`): the grammar above limits it. */
function castType(cast: string): string {
  return cast.includes(' ') ? cast : quoteName(cast);
}

async function embedded(run: Run, parent: Table, source: string, item: Embed, depth: number) {
  const joined = await findRelation(run, parent, item.name, item.hint);
  const alias = quoteName(`${item.name}_${depth + 1}`);
  const inner = await selectList(run, joined.table, alias, item.items, depth + 1);
  const where = [joinCondition(joined, source, alias), ...inner.conditions].join(' and ');
  const rows = `from public.${quoteName(item.name)} as ${alias} where ${where}`;
  const single = joined.relation.outward || joined.relation.unique;
  const sql = single
    ? `(select row_to_json(e) from (select ${inner.list} ${rows}) as e)`
    : `coalesce((select json_agg(e) from (select ${inner.list} ${rows}) as e), '[]')`;
  return { sql, exists: `exists (select 1 ${rows})` };
}

function joinCondition({ relation }: Joined, parent: string, child: string): string {
  const [holder, held] = relation.outward ? [parent, child] : [child, parent];
  const pairs = relation.source.map(
    (name, at) => `${holder}.${quoteName(name)} = ${held}.${quoteName(relation.target[at] ?? '')}`,
  );
  return pairs.join(' and ');
}
