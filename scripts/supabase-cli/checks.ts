import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Ended, Tool } from './tool.ts';

/** What a check has at hand. */
export interface Bench {
  readonly tool: Tool;
  /** One of our own commands. */
  provision(...words: string[]): Promise<{ readonly code: number; readonly text: string }>;
  /** The control room. */
  readonly room: string;
  /** The folder of the official CLI. */
  readonly folder: string;
  readonly slug: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** `run` gives what differs, or nothing. */
export interface Check {
  readonly name: string;
  run(bench: Bench): Promise<string | undefined>;
}

/** In this order: each leaves a database that the next one looks at. */
export const checks: readonly Check[] = [
  { name: 'projects list shows the projects of the local cloud', run: projects },
  { name: 'projects api-keys shows their keys', run: keys },
  { name: 'migration list: each of our migrations is local and remote', run: sameLedger },
  { name: 'db push has nothing to do after our apply', run: nothingToPush },
  { name: 'our plan has nothing to do after theirs', run: nothingToPlan },
  { name: 'a migration that db push applied is taken over by our apply and not run again', run: takeOver },
  { name: 'a migration that our apply ran is known to migration list and db push', run: handOver },
];

const projectList = z.object({
  projects: z.array(z.object({ ref: z.string(), name: z.string(), status: z.string() })),
});
const keyList = z.array(z.object({ name: z.string(), type: z.string(), api_key: z.string() }));
const ledgerList = z.object({ migrations: z.array(z.object({ local: z.string(), remote: z.string() })) });
const pushed = z.object({ upToDate: z.boolean().optional(), migrations: z.array(z.unknown()) });
const state = z.object({ projects: z.array(projectList.shape.projects.element.extend({ postgresUrl: z.string() })) });
const ledgerRows = z.array(z.object({ version: z.string(), digest: z.string().nullable() }));

const JSON_OUT = ['--output-format', 'json'];
const OURS = ['migrations', 'agency'];
const THEIRS = ['supabase', 'migrations'];

async function projects(bench: Bench): Promise<string | undefined> {
  const { projects: own } = await stateOf(bench);
  const { projects: shown } = read(await bench.tool('projects', 'list', ...JSON_OUT), projectList);
  const line = (one: { ref: string; name: string; status: string }) => `${one.ref} ${one.name} ${one.status}`;
  return differs(shown.map(line), own.map(line));
}

async function keys(bench: Bench): Promise<string | undefined> {
  const { ref } = await projectOf(bench);
  const shown = read(
    await bench.tool('projects', 'api-keys', `--remote=${ref}`, '--reveal', ...JSON_OUT),
    z.object({ keys: keyList }),
  );
  const own = keyList.parse(await manage(bench, 'GET', `/v1/projects/${ref}/api-keys?reveal=true`));
  const line = (one: z.output<typeof keyList>[number]) => `${one.type} ${one.name} ${one.api_key}`;
  return differs(shown.keys.map(line), own.map(line));
}

async function sameLedger(bench: Bench): Promise<string | undefined> {
  await cp(join(bench.room, ...OURS), join(bench.folder, ...THEIRS), { recursive: true });
  const files = (await readdir(join(bench.room, ...OURS))).filter((file) => file.endsWith('.sql')).sort();
  const versions = files.map((file) => file.slice(0, 14));
  const { migrations } = read(await bench.tool('migration', 'list', await remote(bench), ...JSON_OUT), ledgerList);
  return differs(
    migrations.map(({ local, remote: there }) => `${local} ${there}`),
    versions.map((version) => `${version} ${version}`),
  );
}

async function nothingToPush(bench: Bench): Promise<string | undefined> {
  const dry = read(await bench.tool('db', 'push', '--dry-run', await remote(bench), ...JSON_OUT), pushed);
  if (dry.upToDate !== true) return `db push --dry-run would push ${JSON.stringify(dry.migrations)}`;
  const done = read(await bench.tool('db', 'push', '--yes', await remote(bench), ...JSON_OUT), pushed);
  return done.migrations.length > 0 ? `db push pushed ${JSON.stringify(done.migrations)}` : undefined;
}

async function nothingToPlan({ provision, slug }: Bench): Promise<string | undefined> {
  const { code, text } = await provision('plan', slug);
  return code === 0 ? undefined : `plan ended with ${code}:\n${text}`;
}

/** It would fail if it ran twice: the table is there already. */
async function takeOver(bench: Bench): Promise<string | undefined> {
  const file = '29990101000000_from_the_cli.sql';
  await writeFile(join(bench.folder, ...THEIRS, file), 'create table private.from_the_cli (id bigint primary key);\n');
  read(await bench.tool('db', 'push', '--yes', await remote(bench), ...JSON_OUT), pushed);
  if ((await digestOf(bench, file)) !== null) return `db push recorded no row for ${file}, or one with a digest`;
  await cp(join(bench.folder, ...THEIRS, file), join(bench.room, ...OURS, file));
  const plan = await bench.provision('plan', bench.slug);
  if (plan.text.includes('pending')) return `our plan wants to run what is there:\n${plan.text}`;
  const { code, text } = await bench.provision('apply', bench.slug);
  if (code !== 0) return `apply ended with ${code}:\n${text}`;
  if (!(await digestOf(bench, file))?.startsWith('sha256:')) return `our apply wrote no digest to the row of ${file}`;
  return (await nothingToPlan(bench)) ?? sameLedger(bench);
}

async function handOver(bench: Bench): Promise<string | undefined> {
  const file = '29990101000001_from_us.sql';
  await writeFile(join(bench.room, ...OURS, file), 'create table private.from_us (id bigint primary key);\n');
  const { code, text } = await bench.provision('apply', bench.slug);
  if (code !== 0) return `apply ended with ${code}:\n${text}`;
  return (await sameLedger(bench)) ?? nothingToPush(bench);
}

/** Of a migration's row in the ledger: null when it has none, `undefined` when there is no row. */
async function digestOf(bench: Bench, file: string): Promise<string | null | undefined> {
  const { ref } = await projectOf(bench);
  const query = `select l.version, to_jsonb(l) ->> 'digest' as digest from supabase_migrations.schema_migrations l`;
  const rows = ledgerRows.parse(await manage(bench, 'POST', `/v1/projects/${ref}/database/query`, { query }));
  return rows.find(({ version }) => file.startsWith(version))?.digest;
}

async function remote(bench: Bench): Promise<string> {
  return `--remote=${(await projectOf(bench)).postgresUrl}`;
}

async function projectOf(bench: Bench) {
  const [project] = (await stateOf(bench)).projects;
  if (project === undefined) throw new Error('The local cloud has no project.');
  return project;
}

async function stateOf({ variables }: Bench) {
  const { origin } = new URL(variables.SUPABASE_API_URL ?? '');
  return state.parse(await (await fetch(`${origin}/_cloud/state`)).json());
}

async function manage({ variables }: Bench, method: string, path: string, body?: unknown): Promise<unknown> {
  const headers = { authorization: `Bearer ${variables.SUPABASE_ACCESS_TOKEN}`, 'content-type': 'application/json' };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const answer = await fetch(`${variables.SUPABASE_API_URL}${path}`, init);
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** The answer of a command that has to succeed. Throws with all it said when it did not, or said something else. */
function read<T>({ ok, out, text }: Ended, shape: z.ZodType<T>): T {
  if (!ok) throw new Error(`The official CLI failed:\n${text}`);
  return shape.parse(JSON.parse(out));
}

function differs(shown: readonly string[], expected: readonly string[]): string | undefined {
  const [left, right] = [shown, expected].map((lines) => lines.toSorted().join('\n'));
  return left === right ? undefined : `the official CLI says:\n${left}\nwe say:\n${right}`;
}
