import { z } from 'zod';
import type { Run } from '../database.ts';
import { RestError } from './errors.ts';

const tableRow = z.object({
  oid: z.number(),
  name: z.string(),
  columns: z.record(z.string(), z.string()),
  key: z.array(z.string()),
});
/** A table or view of `public`: column names with their types, and the primary key's columns. */
export type Table = z.infer<typeof tableRow>;

const tableSql = `select c.oid::int as oid, c.relname as name,
    (select json_object_agg(a.attname, format_type(a.atttypid, a.atttypmod)) from pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
    coalesce((select json_agg(a.attname) from pg_index i join pg_attribute a on a.attrelid = c.oid
      and a.attnum = any(i.indkey) where i.indrelid = c.oid and i.indisprimary), '[]') as key
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm', 'p', 'f')
    and c.relname = $1`;

/** The table, or the vendor's 404: grants do not matter here, they speak when it is used. */
export async function findTable(run: Run, name: string): Promise<Table> {
  const table = await lookUp(run, name);
  if (table !== undefined) return table;
  throw new RestError(404, 'PGRST205', `Could not find the table 'public.${name}' in the schema cache`);
}

async function lookUp(run: Run, name: string): Promise<Table | undefined> {
  const [row] = await run(tableSql, [name]);
  return row === undefined ? undefined : tableRow.parse(row);
}

const relationRow = z.object({
  constraint: z.string(),
  /** True when the foreign key stands in the parent: each of its rows has at most one of the target's. */
  outward: z.boolean(),
  unique: z.boolean(),
  source: z.array(z.string()),
  target: z.array(z.string()),
});
export type Relation = z.infer<typeof relationRow>;

const relationSql = `select con.conname as constraint, con.conrelid = $1::oid as outward,
    exists (select 1 from pg_index i where i.indrelid = con.conrelid and i.indisunique
      and i.indkey::int2[] <@ con.conkey and con.conkey <@ i.indkey::int2[]) as unique,
    (select json_agg(a.attname order by k.n) from unnest(con.conkey) with ordinality k(num, n)
      join pg_attribute a on a.attrelid = con.conrelid and a.attnum = k.num) as source,
    (select json_agg(a.attname order by k.n) from unnest(con.confkey) with ordinality k(num, n)
      join pg_attribute a on a.attrelid = con.confrelid and a.attnum = k.num) as target
  from pg_constraint con where con.contype = 'f'
    and ((con.conrelid = $1::oid and con.confrelid = $2::oid) or (con.conrelid = $2::oid and con.confrelid = $1::oid))`;

export interface Joined {
  readonly table: Table;
  readonly relation: Relation;
}

/** The one foreign key between the two tables; `hint` is its name or a column of it. */
export async function findRelation(run: Run, parent: Table, name: string, hint: string | undefined): Promise<Joined> {
  const table = await lookUp(run, name);
  if (table === undefined) throw unrelated(parent.name, name);
  const all = (await run(relationSql, [parent.oid, table.oid])).map((row) => relationRow.parse(row));
  const fitting = all.filter((one) => hint === undefined || isMeant(one, hint));
  const [relation, second] = fitting;
  if (relation === undefined) throw unrelated(parent.name, name);
  if (second === undefined) return { table, relation };
  const message = `Could not embed because more than one relationship was found for '${parent.name}' and '${name}'`;
  throw new RestError(300, 'PGRST201', message, null, 'Try naming the foreign key, as in table!foreign_key(…)');
}

function isMeant(relation: Relation, hint: string): boolean {
  return relation.constraint === hint || relation.source.includes(hint) || relation.target.includes(hint);
}

function unrelated(parent: string, child: string): RestError {
  return new RestError(
    400,
    'PGRST200',
    `Could not find a relationship between '${parent}' and '${child}' in the schema cache`,
    `Searched for a foreign key relationship between '${parent}' and '${child}' in the schema 'public', but no matches were found.`,
  );
}
