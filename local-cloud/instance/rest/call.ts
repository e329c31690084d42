import { z } from 'zod';
import type { Run } from '../database.ts';
import { checkSingle, type Outcome, onlyElement, rowsResponse } from './answer.ts';
import { RestError } from './errors.ts';
import { preferencesOf } from './preferences.ts';
import { createValues, quoteName, type Values } from './values.ts';

const routine = z.object({
  names: z.array(z.string()),
  types: z.array(z.string()),
  required: z.number(),
  set: z.boolean(),
  returns: z.enum(['void', 'rows', 'value']),
});
type Routine = z.infer<typeof routine>;

const routineSql = `select
    coalesce((p.proargnames)[1 : p.pronargs], '{}')::text[] as names,
    array(select format_type(t, null) from unnest(p.proargtypes) with ordinality a(t, n) order by n)::text[] as types,
    p.pronargs - p.pronargdefaults as required, p.proretset as set,
    case when p.prorettype = 'void'::regtype then 'void'
      when p.prorettype = 'record'::regtype or t.typtype = 'c' then 'rows' else 'value' end as returns
  from pg_proc p join pg_type t on t.oid = p.prorettype
  where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' and p.proname = $1`;

/** POST /rpc/{name} with named arguments as a JSON object. */
export async function callFunction(
  run: Run,
  name: string,
  request: Request,
  params: URLSearchParams,
): Promise<Response> {
  const args = request.method === 'POST' ? readArguments(await request.text()) : Object.fromEntries(params);
  const found = (await run(routineSql, [name])).map((row) => routine.parse(row)).find((one) => fits(one, args));
  if (found === undefined) throw notFound(name, Object.keys(args));
  const values = createValues();
  const call = `public.${quoteName(name)}(${argumentsOf(found, args, values)})`;
  if (found.returns === 'void') {
    await run(`select ${call}`, values.list);
    return new Response(null, { status: 204 });
  }
  return answer(run, found, call, values, request);
}

async function answer(run: Run, found: Routine, call: string, values: Values, request: Request): Promise<Response> {
  const rows = found.returns === 'rows' ? `select r from ${call} as r` : `select ${call} as r`;
  const [row] = await run(
    `select coalesce(json_agg(r), '[]')::text as json, count(*) as rows from (${rows}) as s`,
    values.list,
  );
  const outcome: Outcome = { json: String(row?.json), rows: Number(row?.rows), offset: 0, total: undefined };
  if (!found.set) return new Response(onlyElement(outcome.json), { headers: { 'content-type': 'application/json' } });
  const preferences = preferencesOf(request.headers);
  checkSingle(outcome, preferences);
  return rowsResponse(outcome, preferences, 200, request.method === 'HEAD');
}

function readArguments(text: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(text === '' ? {} : JSON.parse(text));
  } catch {
    throw new RestError(400, 'PGRST102', 'Empty or invalid json');
  }
}

function fits({ names, required }: Routine, args: Record<string, unknown>): boolean {
  const given = Object.keys(args);
  return given.every((name) => names.includes(name)) && names.slice(0, required).every((name) => given.includes(name));
}

/** JSON is turned into each argument's type by PostgreSQL, arrays and composites included. */
function argumentsOf({ names, types }: Routine, args: Record<string, unknown>, values: Values): string {
  const given = names.flatMap((name, at) =>
    name in args ? [{ name: quoteName(name), type: types[at] ?? 'text' }] : [],
  );
  if (given.length === 0) return '';
  const json = values.text(JSON.stringify(args));
  return given
    .map(({ name, type }) => `${name} := (select ${name} from json_to_record(${json}::json) as _(${name} ${type}))`)
    .join(', ');
}

function notFound(name: string, given: string[]): RestError {
  const signature = given.length === 0 ? `public.${name} without parameters` : `public.${name}(${given.join(', ')})`;
  const message = `Could not find the function ${signature} in the schema cache`;
  return new RestError(
    404,
    'PGRST202',
    message,
    `Searched for the function ${signature}, but no matches were found in the schema cache.`,
  );
}
