import type { Run } from '../database.ts';
import { checkSingle, minimalResponse, type Outcome, rowsResponse } from './answer.ts';
import { findTable, type Table } from './catalog.ts';
import { RestError } from './errors.ts';
import { filtersOf } from './filters.ts';
import { type Preferences, preferencesOf } from './preferences.ts';
import { whereOf } from './read.ts';
import { parseSelect, selectList } from './select.ts';
import { createValues, quoteName, type Values } from './values.ts';

interface Write {
  readonly run: Run;
  readonly table: Table;
  readonly params: URLSearchParams;
  readonly preferences: Preferences;
  readonly values: Values;
}

/** POST, PATCH and DELETE of a table. */
export async function writeTable(run: Run, name: string, request: Request, params: URLSearchParams): Promise<Response> {
  const table = await findTable(run, name);
  const write: Write = { run, table, params, preferences: preferencesOf(request.headers), values: createValues() };
  const text = await request.text();
  if (request.method === 'POST') return respond(write, insertSql(write, readRows(text)), 201);
  if (request.method === 'PATCH') return respond(write, updateSql(write, readRows(text)), 204);
  return respond(write, deleteSql(write), 204);
}

async function respond(write: Write, sql: string | undefined, minimalStatus: number): Promise<Response> {
  const { preferences } = write;
  const outcome = sql === undefined ? nothing(write) : await execute(write, sql);
  checkSingle(outcome, preferences);
  if (preferences.returns !== 'representation') return minimalResponse(outcome, minimalStatus);
  return rowsResponse(outcome, preferences, minimalStatus === 204 ? 200 : minimalStatus, false);
}

function nothing({ preferences }: Write): Outcome {
  return { json: '[]', rows: 0, offset: 0, total: preferences.count ? 0 : undefined };
}

async function execute(write: Write, sql: string): Promise<Outcome> {
  const { run, table, params, preferences, values } = write;
  const wanted = preferences.returns === 'representation';
  const source = '"written"';
  const selected = wanted ? await selectList(run, table, source, parseSelect(params.get('select') || '*')) : undefined;
  const rows = `select ${selected?.list ?? '1'} from ${source}${whereOf(selected?.conditions ?? [])}`;
  const [row] = await run(
    `with ${source} as (${sql} returning ${wanted ? `${quoteName(table.name)}.*` : '1'})
     select coalesce(json_agg(r), '[]')::text as json, count(*) as rows from (${rows}) as r`,
    values.list,
  );
  const count = Number(row?.rows);
  return { json: String(row?.json), rows: count, offset: 0, total: preferences.count ? count : undefined };
}

interface Body {
  readonly json: string;
  readonly columns: string[];
  readonly rows: number;
}

/** One object or an array of them; the columns are those that any of them names. */
function readRows(text: string): Body {
  const parsed = parseJson(text);
  const rows = Array.isArray(parsed) ? parsed : [parsed];
  const columns = new Set<string>();
  for (const row of rows) {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) throw badBody('All object keys must match');
    for (const name of Object.keys(row)) columns.add(name);
  }
  return { json: JSON.stringify(rows), columns: [...columns], rows: rows.length };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badBody('Empty or invalid json');
  }
}

const badBody = (message: string): RestError => new RestError(400, 'PGRST102', message);

function checkColumns(table: Table, columns: string[]): void {
  const unknown = columns.find((name) => table.columns[name] === undefined);
  if (unknown === undefined) return;
  const message = `Could not find the '${unknown}' column of '${table.name}' in the schema cache`;
  throw new RestError(400, 'PGRST204', message);
}

function insertSql(write: Write, body: Body): string | undefined {
  const { table, values } = write;
  if (body.rows === 0) return undefined;
  checkColumns(table, body.columns);
  const name = `public.${quoteName(table.name)}`;
  if (body.columns.length === 0) return `insert into ${name} default values`;
  const list = body.columns.map(quoteName).join(', ');
  const rows = `json_populate_recordset(null::${name}, ${values.text(body.json)}::json)`;
  return `insert into ${name} (${list}) select ${list} from ${rows}${onConflict(write, body.columns)}`;
}

function onConflict({ table, params, preferences }: Write, columns: string[]): string {
  if (preferences.resolution === undefined) return '';
  const asked = params.get('on_conflict')?.split(',') ?? table.key;
  if (asked.length === 0) return '';
  const target = ` on conflict (${asked.map(quoteName).join(', ')})`;
  const changed = columns.filter((name) => !asked.includes(name));
  if (preferences.resolution === 'ignore-duplicates' || changed.length === 0) return `${target} do nothing`;
  return `${target} do update set ${changed.map((name) => `${quoteName(name)} = excluded.${quoteName(name)}`).join(', ')}`;
}

function updateSql(write: Write, body: Body): string | undefined {
  const { table, values } = write;
  checkColumns(table, body.columns);
  if (body.columns.length === 0) return undefined;
  const name = `public.${quoteName(table.name)}`;
  const assignments = body.columns.map((column) => `${quoteName(column)} = "body".${quoteName(column)}`).join(', ');
  const from = `json_populate_recordset(null::${name}, ${values.text(body.json)}::json) as "body"`;
  return `update ${name} set ${assignments} from ${from}${filtered(write, 'UPDATE')}`;
}

function deleteSql(write: Write): string {
  return `delete from public.${quoteName(write.table.name)}${filtered(write, 'DELETE')}`;
}

/** The vendor loads `safeupdate` for the API's sessions: a write to every row has to be said. */
function filtered({ table, params, values }: Write, verb: string): string {
  const conditions = filtersOf(params, table, quoteName(table.name), values);
  if (conditions.length === 0) throw new RestError(400, '21000', `${verb} requires a WHERE clause`);
  return whereOf(conditions);
}
