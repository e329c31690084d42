import type { Run } from '../database.ts';
import { checkSingle, type Outcome, rowsResponse } from './answer.ts';
import { findTable } from './catalog.ts';
import { filtersOf, orderOf } from './filters.ts';
import { type Page, pageOf, preferencesOf } from './preferences.ts';
import { parseSelect, selectList } from './select.ts';
import { createValues, quoteName } from './values.ts';

/** GET and HEAD of a table or view. */
export async function readTable(run: Run, name: string, request: Request, params: URLSearchParams): Promise<Response> {
  const preferences = preferencesOf(request.headers);
  const page = pageOf(params, request.headers);
  const table = await findTable(run, name);
  const source = quoteName(name);
  const values = createValues();
  const selected = await selectList(run, table, source, parseSelect(params.get('select') || '*'));
  const where = whereOf([...filtersOf(params, table, source, values), ...selected.conditions]);
  const rows = `select ${selected.list} from public.${source}${where}`;
  const total = preferences.count
    ? await countRows(run, `select 1 from public.${source}${where}`, values.list)
    : undefined;
  const outcome = await runRows(
    run,
    `${rows}${orderOf(params, source)}${limitOf(page)}`,
    values.list,
    page.offset,
    total,
  );
  checkSingle(outcome, preferences);
  return rowsResponse(outcome, preferences, 200, request.method === 'HEAD');
}

export function whereOf(conditions: string[]): string {
  return conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
}

function limitOf({ limit, offset }: Page): string {
  return `${limit === undefined ? '' : ` limit ${limit}`}${offset === 0 ? '' : ` offset ${offset}`}`;
}

async function countRows(run: Run, sql: string, values: unknown[]): Promise<number> {
  const [row] = await run(`select count(*) as total from (${sql}) as counted`, values);
  return Number(row?.total);
}

async function runRows(run: Run, sql: string, values: unknown[], offset: number, total?: number): Promise<Outcome> {
  const wrapped = `select coalesce(json_agg(r), '[]')::text as json, count(*) as rows from (${sql}) as r`;
  const [row] = await run(wrapped, values);
  return { json: String(row?.json), rows: Number(row?.rows), offset, total };
}
