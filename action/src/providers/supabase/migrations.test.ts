import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aProject, type SupabaseCloud, supabaseCloud } from '../../../../tests/support/supabase-cloud.ts';
import { type RunOptions, runKind } from '../../../../tests/support/vendor-cloud.ts';
import { BlockedError, ProviderError } from '../../engine/errors.ts';
import { readMigrations } from '../../manifest/migrations.ts';
import type { MigrationFile } from './ledger.ts';
import { supabaseMigrations } from './migrations.ts';

let cloud: SupabaseCloud;
let ref: string;
beforeAll(async () => {
  cloud = await supabaseCloud({ over: { deadlineMs: 60_000 } });
  ({ ref } = await aProject(cloud));
});
afterAll(() => cloud.close());
beforeEach(async () => {
  await cloud.calm();
  await cloud.sql(ref, EMPTY);
  await cloud.forget();
});

/** As new; one database serves all tests, for opening one takes longer than any of them. */
const EMPTY = `
  drop schema if exists supabase_migrations cascade;
  drop schema if exists other cascade;
  do $$ declare name text; begin
    for name in select tablename from pg_tables where schemaname = 'public' loop
      execute format('drop table public.%I cascade', name);
    end loop;
  end $$;`;

function aFile(n: number, sql: string, over: Partial<MigrationFile> = {}): MigrationFile {
  const version = `2026010100000${n}`;
  const name = `step_${n}`;
  const file = `migrations/agency/${version}_${name}.sql`;
  return {
    version,
    name,
    file,
    sql,
    digest: `sha256:${n}${n}${n}${n}${n}${n}${n}${n}${n}${n}${n}${n}${n}`,
    transactional: true,
    ...over,
  };
}

const table = (n: number) => aFile(n, `create table public.t${n} (id int primary key);`);
const run = (files: readonly MigrationFile[], options: RunOptions = {}) =>
  runKind(supabaseMigrations(cloud.http), { ref, files }, options);

const ledger = () =>
  cloud.sql(
    ref,
    'select version, name, statements, digest from supabase_migrations.schema_migrations order by version',
  );
const versions = async () => (await ledger()).map(({ version }) => version);
const tables = async () =>
  (await cloud.sql(ref, "select tablename from pg_tables where schemaname = 'public' order by 1")).map(
    ({ tablename }) => tablename,
  );

async function failureOf(running: Promise<unknown>): Promise<ProviderError | BlockedError> {
  const ended = await running.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(ended instanceof ProviderError || ended instanceof BlockedError))
    throw new Error(`unexpected: ${String(ended)}`);
  return ended;
}

/** The ledger as the official CLI makes it: three columns, statements as it splits them. */
const cliLedger = (...rows: [string, string][]) =>
  cloud.sql(
    ref,
    `create schema supabase_migrations;
     create table supabase_migrations.schema_migrations (version text not null primary key, statements text[], name text);
     ${rows.map(([version, name]) => `insert into supabase_migrations.schema_migrations (version, name, statements) values ('${version}', '${name}', array['select 1']);`).join('\n')}`,
  );

describe('supabase.migrations', () => {
  it('applies every file in one call, and writes the ledger of the official CLI with our digest', async () => {
    const two = aFile(2, "-- a comment;\ncreate table public.t2 (name text default 'it''s; fine');\n\nselect 1;");
    const done = await run([table(1), two]);
    expect(done).toMatchObject({ result: 'created', outputs: { schemaVersion: two.version } });
    expect(done.recorded).toEqual({ id: ref, version: two.version });
    expect(await tables()).toEqual(['t1', 't2']);
    expect(await ledger()).toEqual([
      {
        version: '20260101000001',
        name: 'step_1',
        statements: ['create table public.t1 (id int primary key)'],
        digest: table(1).digest,
      },
      {
        version: '20260101000002',
        name: 'step_2',
        statements: ["create table public.t2 (name text default 'it''s; fine')", 'select 1'],
        digest: two.digest,
      },
    ]);
  });

  it('takes one writing call for all of them', async () => {
    await run([table(1), table(2), table(3)]);
    const path = `POST /v1/projects/${ref}/database/query`;
    expect(await cloud.requests()).toEqual([`${path}/read-only`, path, `${path}/read-only`]);
  });

  it('changes nothing the second time', async () => {
    const { recorded } = await run([table(1)]);
    await cloud.forget();
    expect((await run([table(1)], { recorded })).result).toBe('unchanged');
    expect(await cloud.requests()).toEqual([`POST /v1/projects/${ref}/database/query/read-only`]);
  });

  it('applies what is new, and says which file that is', async () => {
    const { recorded } = await run([table(1)]);
    const kind = supabaseMigrations(cloud.http);
    const later = await run([table(1), table(2)], { recorded });
    expect(later).toMatchObject({ result: 'updated', outputs: { schemaVersion: table(2).version } });
    expect(
      kind.diff({ inputs: { ref, files: [table(1), table(2)] } } as never, [{ version: table(1).version }]),
    ).toEqual([
      { path: `migration ${table(2).file}`, before: 'pending', after: 'applied' },
      { path: `digest of ${table(1).file}`, after: 'recorded' },
    ]);
  });

  it('has a schema version even where there is no file', async () => {
    const { recorded, outputs } = await run([]);
    expect(outputs).toEqual({ schemaVersion: 'none' });
    expect((await run([], { recorded })).result).toBe('unchanged');
  });

  it('leaves nothing of a file that fails in its middle, keeps those before it, and names file, line and cause', async () => {
    const bad = aFile(2, 'create table public.t2 (id int);\n\ninsert into public.nowhere values (1);\n');
    const error = await failureOf(run([table(1), bad, table(3)]));
    expect(error.message).toBe(
      `supabase: apply ${bad.file}:3 failed: relation "public.nowhere" does not exist (42P01)`,
    );
    expect(error).toMatchObject({ failure: { transient: false, ambiguous: false, code: '42P01' } });
    expect(await tables()).toEqual(['t1']);
    expect(await versions()).toEqual([table(1).version]);

    const mended = aFile(2, 'create table public.t2 (id int);');
    expect(await run([table(1), mended, table(3)])).toMatchObject({
      result: 'updated',
      outputs: { schemaVersion: table(3).version },
    });
    expect(await tables()).toEqual(['t1', 't2', 't3']);
  });

  it('names the file where Postgres names no line', async () => {
    const bad = aFile(2, "do $$ begin raise exception 'no clients yet'; end $$;");
    const error = await failureOf(run([table(1), bad]));
    expect(error.message).toMatch(
      /apply migrations\/agency\/20260101000002_step_2.sql failed: no clients yet .*\(P0001\)$/,
    );
  });

  it.each([
    ['that cannot be parsed', 'create table public.t2 (id int);\n\nselct 1;\n', ':3', /syntax error .*\(42601\)$/],
    ['that ends too early', 'create table public.t2 (\n  id int\n\n', ':2', /syntax error .*\(42601\)$/],
    ['with a quote that nobody closes', "select 1;\nselect 'a", ':2', /syntax error .*\(42601\)$/],
    ['with a comment that nobody closes', 'select 1;\n/* a', ':2', /unterminated .*comment .*\(42601\)$/],
    ['whose quote the next file would close', 'do $$ begin null;', ':1', /syntax error .*\(42601\)$/],
  ])('names the file %s, and applies none', async (_, sql, line, cause) => {
    const bad = aFile(2, sql);
    const three = aFile(3, 'do $$ begin null; end $$;');
    const error = await failureOf(run([table(1), bad, three]));
    expect(error.message).toContain(`supabase: apply ${bad.file}${line} failed: `);
    expect(error.message).toMatch(cause);
    expect(error).toMatchObject({ failure: { transient: false, ambiguous: false, code: '42601' } });
    expect(error.remedy).toBe(
      'Mend the file and merge it; nothing of it was applied, and what was applied before it stays. ' +
        'Where other agencies have it already, the file must stay: mend what is different in this database.',
    );
    expect(await tables()).toEqual([]);
    expect(await cloud.sql(ref, "select 1 from pg_namespace where nspname = 'supabase_migrations'")).toEqual([]);
  });

  it('names the file that cannot be parsed behind those that were applied before', async () => {
    await run([table(1)]);
    const bad = aFile(3, 'select 1;\nselct 1;');
    const error = await failureOf(run([table(1), table(2), bad]));
    expect(error.message).toContain(`apply ${bad.file}:2 failed: syntax error`);
    expect(await versions()).toEqual([table(1).version]);
  });

  it('takes no line of a file that was applied for the place of an error', async () => {
    const raising = aFile(2, "do $$ begin raise exception E'as in\\nLINE 13: of t1'; end $$;");
    const error = await failureOf(run([table(1), raising]));
    expect(error.message).toContain(`apply ${raising.file} failed: as in`);
  });

  it('names no line where the vendor knows none', async () => {
    const message = 'Failed to run sql query: ERROR:  42601: syntax error at end of input\nLINE 0: \n        ^\n';
    const answer = { effect: 'status', status: 400, body: { message } };
    await cloud.fault({ service: 'supabase', method: 'POST', path: '/database/query$', ...answer });
    const error = await failureOf(run([table(1)]));
    expect(error.message).toBe(`supabase: apply ${table(1).file} failed: syntax error at end of input (42601)`);
  });

  it.each([
    ['a lock that was not to be had', '55P03'],
    ['a deadlock', '40P01'],
  ])('holds %s for something that passes', async (_, code) => {
    const busy = aFile(2, `do $$ begin raise exception 'busy' using errcode = '${code}'; end $$;`);
    const error = await failureOf(
      supabaseMigrations(cloud.http).create({ inputs: { ref, files: [table(1), busy] } } as never),
    );
    expect(error.message).toContain(`apply ${busy.file} failed: busy`);
    expect(error).toMatchObject({ failure: { transient: true, ambiguous: true, code } });
    expect(await versions()).toEqual([table(1).version]);
  });

  it.each([
    ['a search path, as every dump empties it', "select set_config('search_path', '', false);"],
    ['a search path of its own', "create schema other; set search_path = 'other';"],
    ['a role', 'set role anon;'],
    ['a role until the end of the transaction', 'set local role anon;'],
    ['a session that only reads', 'set session characteristics as transaction read only;'],
    ['a temporary table', 'create temporary table t2 (id int);'],
  ])('keeps nothing of one file for the next: %s', async (_, leaves) => {
    const one = aFile(1, `create table public.t1 (id int); ${leaves}`);
    const two = aFile(2, 'create temporary table t2 (id int); drop table t2; create table t2 (id int);');
    await run([one, two]);
    expect(await tables()).toEqual(['t1', 't2']);
    expect(await versions()).toEqual([one.version, two.version]);
    const [owner] = await cloud.sql(ref, "select tableowner from pg_tables where tablename = 't2'");
    expect(owner).toEqual({ tableowner: 'postgres' });
  });

  it('waits for no lock longer than it should, whatever a file before it set', async () => {
    const seen = (n: number) =>
      aFile(n, `create table public.t${n} as select current_setting('lock_timeout') as waits;`);
    await run([seen(1), aFile(2, "set lock_timeout = '1h';"), seen(3)]);
    expect(await cloud.sql(ref, 'select waits from public.t1 union all select waits from public.t3')).toEqual([
      { waits: '10s' },
      { waits: '10s' },
    ]);
  });

  it('takes a file whose last line is a comment or lacks its semicolon', async () => {
    await run([
      aFile(1, 'create table public.t1 (id int) -- the end'),
      aFile(2, 'create table public.t2 (id int)\n/* end */'),
    ]);
    expect(await tables()).toEqual(['t1', 't2']);
  });

  it.each([
    ['after it was done', 'drop-after-commit'],
    ['before it was done', 'drop-before'],
  ])('settles an answer that was lost %s by the ledger', async (_, effect) => {
    await cloud.fault({ service: 'supabase', method: 'POST', path: '/database/query$', effect });
    const done = await run([table(1), table(2)]);
    expect(done.outputs.schemaVersion).toBe(table(2).version);
    expect(await versions()).toEqual([table(1).version, table(2).version]);
  });

  it('settles a gateway timeout the same way', async () => {
    const timeout = { effect: 'status', status: 544, when: 'after', body: { message: 'Project API gateway timeout' } };
    await cloud.fault({ service: 'supabase', method: 'POST', path: '/database/query$', ...timeout });
    expect((await run([table(1)])).outputs.schemaVersion).toBe(table(1).version);
    expect(await versions()).toEqual([table(1).version]);
  });

  describe('a ledger that contradicts the files blocks, and nothing is written', () => {
    const blocked = async (files: readonly MigrationFile[]) => {
      await cloud.forget();
      const before = await ledger();
      const error = await failureOf(run(files));
      expect(error).toBeInstanceOf(BlockedError);
      expect(await ledger()).toEqual(before);
      return error.message;
    };

    it('a file that changed after its release', async () => {
      await run([table(1)]);
      const changed = { ...table(1), digest: 'sha256:fedcba9876543210' };
      expect(await blocked([changed, table(2)])).toContain(
        `${changed.file} (applied as sha256:111111111111 -> the file is now sha256:fedcba987654)`,
      );
      expect(await tables()).toEqual(['t1']);
    });

    it('a gap', async () => {
      await run([table(1), table(3)]);
      expect(await blocked([table(1), table(2), table(3)])).toContain(
        `${table(2).file} (not applied -> older than ${table(3).version}, which is applied)`,
      );
    });

    it('a version that nobody here knows', async () => {
      await run([table(1), table(2)]);
      expect(await blocked([table(1)])).toContain(
        `migrations/agency/${table(2).version}_… (applied -> not among the files)`,
      );
    });
  });

  it('completes a ledger that the official CLI made, and goes on behind it', async () => {
    await cliLedger([table(1).version, 'step_1']);
    const done = await run([table(1), table(2)]);
    expect(done).toMatchObject({ result: 'updated', outputs: { schemaVersion: table(2).version } });
    expect((await ledger()).map(({ version, digest }) => [version, digest])).toEqual([
      [table(1).version, table(1).digest],
      [table(2).version, table(2).digest],
    ]);
    expect(await tables()).toEqual(['t2']);
    await cloud.forget();
    expect((await run([table(1), table(2)], { recorded: done.recorded })).result).toBe('unchanged');
  });

  it('completes one where nothing is pending', async () => {
    await cliLedger([table(1).version, 'step_1']);
    expect((await run([table(1)])).result).toBe('updated');
    expect((await ledger()).map(({ digest }) => digest)).toEqual([table(1).digest]);
  });

  it('starts from an empty one that the official CLI made', async () => {
    await cliLedger();
    expect((await run([table(1)])).outputs.schemaVersion).toBe(table(1).version);
  });

  it('does not apply a file that another run applied since it looked', async () => {
    const other = aFile(1, 'create table public.theirs (id int);');
    let raced = false;
    const racing = await supabaseCloudRacing(async () => {
      if (raced) return;
      raced = true;
      await run([other]);
    });
    const done = await runKind(supabaseMigrations(racing), { ref, files: [other] });
    expect(done.outputs.schemaVersion).toBe(other.version);
    expect(raced).toBe(true);
    expect(await tables()).toEqual(['theirs']);
  });

  describe('a file that cannot run in a transaction', () => {
    const alone = (n: number, sql: string) => aFile(n, sql, { transactional: false });
    const index = 'create index concurrently if not exists t1_id on public.t1 (id);';

    it('runs statement by statement between its neighbours', async () => {
      const done = await run([table(1), alone(2, `${index}\nvacuum public.t1;`), table(3)]);
      expect(done.outputs.schemaVersion).toBe(table(3).version);
      expect(await versions()).toEqual([1, 2, 3].map((n) => table(n).version));
      expect((await ledger())[1]?.statements).toEqual([index.slice(0, -1), 'vacuum public.t1']);
      const indexes = await cloud.sql(ref, "select indexname from pg_indexes where indexname = 't1_id'");
      expect(indexes).toHaveLength(1);
    });

    it('goes on behind the last statement that was done, and names the one that failed', async () => {
      const counted = 'create table public.t2 (id int);';
      const stopped = alone(2, `${counted}\n\nvacuum public.nowhere;`);
      const error = await failureOf(run([table(1), stopped]));
      expect(error.message).toContain(`apply ${stopped.file}:3 failed: relation "public.nowhere" does not exist`);
      expect(error.remedy).toContain('the statements before it');
      expect(await versions()).toEqual([table(1).version]);
      await cloud.sql(ref, 'create table public.nowhere (id int)');
      expect((await run([table(1), stopped])).outputs.schemaVersion).toBe(stopped.version);
      expect(await cloud.sql(ref, 'select * from supabase_migrations.provisioner_progress')).toEqual([]);
    });

    it('goes on behind the statements that are as they were when the file is mended', async () => {
      const first = 'create index concurrently t1_first on public.t1 (id);';
      const stopped = alone(2, `${first}\nvacuum public.nowhere;`);
      const error = await failureOf(run([table(1), stopped]));
      expect(error.remedy).toBe(
        'Mend the statement and merge it; leave the statements before it as they are, for they stay applied.',
      );
      const sql = `-- mended\n${first}\n\ncreate index concurrently t1_second on public.t1 (id);\nvacuum public.t1;`;
      const mended = { ...alone(2, sql), digest: 'sha256:mended' };
      expect((await run([table(1), mended])).outputs.schemaVersion).toBe(mended.version);
      const indexes = await cloud.sql(ref, "select indexname from pg_indexes where indexname ~ '^t1_' order by 1");
      expect(indexes.map(({ indexname }) => indexname)).toEqual(['t1_first', 't1_pkey', 't1_second']);
      expect(await versions()).toEqual([table(1).version, mended.version]);
    });

    it('begins at the first statement that was changed, though it was done', async () => {
      const text = (...names: string[]) =>
        names.map((name) => `create table if not exists public.${name} (id int);`).join('\n');
      await failureOf(run([table(1), alone(2, `${text('a', 'b', 'c')}\nvacuum public.nowhere;`)]));
      await cloud.sql(ref, 'drop table public.a, public.b, public.c');
      const again = { ...alone(2, `${text('a', 'x', 'c')}\nvacuum public.nowhere;`), digest: 'sha256:again' };
      await failureOf(run([table(1), again]));
      expect(await tables()).toEqual(['c', 't1', 'x']);
      await cloud.sql(ref, 'drop table public.c, public.x');
      await failureOf(run([table(1), again]));
      expect(await tables()).toEqual(['t1']);
    });
  });

  it('applies this repository’s own migrations, with the digests that the manifest computes', async () => {
    const folder = new URL('../../../../migrations/agency/', import.meta.url);
    const names = (await readdir(folder)).filter((name) => name.endsWith('.sql'));
    const sources = await Promise.all(
      names.map(async (name) => ({
        file: `migrations/agency/${name}`,
        text: await readFile(new URL(name, folder), 'utf8'),
      })),
    );
    const { migrations, problems } = readMigrations(sources);
    ({ ref } = await aProject(cloud, 'agency-of-its-own'));
    expect(problems).toEqual([]);
    const done = await run(migrations);
    expect(done.outputs.schemaVersion).toBe(migrations.at(-1)?.version);
    expect(await versions()).toEqual(migrations.map(({ version }) => version));
    expect((await run(migrations, { recorded: done.recorded })).result).toBe('unchanged');
  });
});

/** An HTTP client of the same cloud that lets something else happen right before its first writing query. */
async function supabaseCloudRacing(race: () => Promise<void>) {
  const { http } = cloud;
  return {
    ...http,
    request: async (call: Parameters<typeof http.request>[0]) => {
      const writes = call.path.endsWith('/database/query') && !call.repeatable;
      if (writes) await race();
      return http.request(call);
    },
  } as typeof http;
}
