import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgencyDatabase, become, openAgencyDatabase } from './agency-database.ts';
import { as, buildWorld, comments, files, people, projects, tasks } from './world.ts';

let database: AgencyDatabase;
beforeAll(async () => {
  database = await openAgencyDatabase();
  await buildWorld(database);
});
afterAll(() => database.close());

const count = async (sql: string): Promise<number> =>
  Number((await database.owner(`select count(*) as n from ${sql}`))[0]?.n);

describe('authorship', () => {
  it.each([
    ['clients', "(name, created_by) values ('x', $1)"],
    ['projects', "(name, created_by) values ('x', $1)"],
    ['tasks', `(project_id, title, created_by) values ('${projects.north}', 'x', $1)`],
    ['files', `(project_id, name, created_by) values ('${projects.north}', 'x', $1)`],
    ['comments', `(project_id, body, created_by) values ('${projects.north}', 'x', $1)`],
    ['members', `(project_id, user_id, created_by) values ('${projects.north}', '${people.eva}', $1)`],
  ])('of %s is the caller, whatever the caller says', async (table, text) => {
    const insert = `insert into public.${table} ${text} returning created_by`;
    const answer = await database.attempt(as('owner'), insert, [people.emil]);
    expect(answer).toEqual({ ok: true, rows: [{ created_by: people.owner }] });
  });

  it('does not move by an update, nor does the moment', async () => {
    const update = `update public.tasks set created_by = '${people.eva}', created_at = 'epoch', updated_at = 'epoch'
      where id = '${tasks.north}'
      returning created_by, created_at > '2020-01-01' as kept, updated_at = now() as touched`;
    const answer = await database.attempt(as('emil'), update);
    expect(answer).toEqual({ ok: true, rows: [{ created_by: null, kept: true, touched: true }] });
  });

  it('is carried over as given when the server imports', async () => {
    const insert = `insert into public.clients (name, created_by, created_at) values ('x', '${people.emil}', '2020-05-01 00:00+00')
      returning created_by, extract(year from created_at)::int as year`;
    expect(await database.attempt('service_role', insert)).toEqual({
      ok: true,
      rows: [{ created_by: people.emil, year: 2020 }],
    });
  });

  it('of a comment shows the name at the time, which the author cannot choose', async () => {
    const insert = `insert into public.comments (project_id, body, author_name) values ('${projects.north}', 'x', 'The Boss')
      returning author_name`;
    expect(await database.attempt(as('emil'), insert)).toEqual({ ok: true, rows: [{ author_name: 'emil example' }] });
    const rename = `update public.comments set author_name = 'The Boss' where id = '${comments.northByEmil}'`;
    expect(await database.attempt(as('emil'), rename)).toMatchObject({ ok: false, code: '23514' });
  });
});

describe('what is moved to another project would change hands', () => {
  it.each([
    ['owner', `update public.tasks set project_id = '${projects.south}' where id = '${tasks.inhouse}'`],
    [
      'emil',
      `update public.files set project_id = '${projects.south}', task_id = null where id = '${files.northByEmil}'`,
    ],
    [
      'emil',
      `update public.comments set project_id = '${projects.south}', task_id = null where id = '${comments.northByEmil}'`,
    ],
    ['emil', `update public.comments set task_id = null where id = '${comments.northOnInternalTask}'`],
  ] as const)('so neither %s nor the server moves it: %s', async (person, sql) => {
    expect(await database.attempt(as(person), sql)).toMatchObject({ ok: false, code: '23514' });
    expect(await database.attempt('service_role', sql)).toMatchObject({ ok: false, code: '23514' });
  });

  it('nor does anything hang on a task of another project', async () => {
    const comment = `insert into public.comments (project_id, task_id, body) values ('${projects.south}', '${tasks.north}', 'x')`;
    expect(await database.attempt('service_role', comment)).toMatchObject({ code: '23503' });
    const file = `insert into public.files (project_id, task_id, name) values ('${projects.south}', '${tasks.north}', 'x')`;
    expect(await database.attempt('service_role', file)).toMatchObject({ code: '23503' });
  });
});

describe('a task', () => {
  it('goes only to people on its project', async () => {
    const assign = (who: string) => `update public.tasks set assignee_id = '${who}' where id = '${tasks.north}'`;
    expect(await database.attempt(as('owner'), assign(people.eva))).toMatchObject({ code: '23503' });
    expect(await database.attempt(as('owner'), assign(people.clara))).toMatchObject({ code: '23503' });
    expect((await database.attempt(as('owner'), assign(people.dora))).ok).toBe(true);
  });

  it('knows since when it is done', async () => {
    const steps = await database.rehearse(as('emil'), async (run) => {
      const set = (text: string) =>
        run(
          `update public.tasks set ${text} where id = '${tasks.north}' returning completed_at = now() as now, completed_at`,
        );
      return [
        ...(await set("status = 'done'")),
        ...(await set("completed_at = 'epoch'")),
        ...(await set("status = 'todo'")),
      ];
    });
    expect(steps.map((row) => row.now)).toEqual([true, true, null]);
  });
});

describe('a client', () => {
  it.each([
    `update public.comments set is_internal = true where id = '${comments.northByClara}'`,
    `update public.files set is_internal = true where id = '${files.northByClara}'`,
    `update public.files set task_id = '${tasks.northInternal}' where id = '${files.northByClara}'`,
  ])('hides nothing it wrote among what the agency keeps to itself: %s', async (sql) => {
    expect(await database.attempt(as('clara'), sql)).toMatchObject({ ok: false, code: '42501' });
  });
});

describe('a clean start', () => {
  it('needs a name and nothing else', async () => {
    const client = await database.attempt(
      as('owner'),
      "insert into public.clients (name) values ('Acme') returning name",
    );
    expect(client).toEqual({ ok: true, rows: [{ name: 'Acme' }] });
    const project = "insert into public.projects (name) values ('Site') returning name, status, client_id";
    expect(await database.attempt(as('owner'), project)).toEqual({
      ok: true,
      rows: [{ name: 'Site', status: 'active', client_id: null }],
    });
  });

  it('does not need one twice: an empty name is refused', async () => {
    expect(await database.attempt(as('owner'), "insert into public.clients (name) values ('')")).toMatchObject({
      code: '23514',
    });
  });
});

describe('deleting an account', () => {
  it('keeps the work, without the person', async () => {
    const kept = await Promise.all(
      ['projects', 'tasks', 'files', 'comments', 'invoices'].map((table) => count(`public.${table}`)),
    );
    const told = await count('public.activity');
    await database.as(as('emil'), async (run) => {
      await run(`insert into public.comments (project_id, body) values ('${projects.north}', 'bye')`);
    });

    await database.auth((run) => run('delete from auth.users where id = any ($1)', [[people.emil, people.clara]]));

    const left = await Promise.all(
      ['projects', 'tasks', 'files', 'comments', 'invoices'].map((table) => count(`public.${table}`)),
    );
    expect(left).toEqual(kept.map((n, index) => (index === 3 ? n + 1 : n)));
    expect(await count('public.activity')).toBeGreaterThan(told);
    expect(await count(`public.users where id in ('${people.emil}', '${people.clara}')`)).toBe(0);
    expect(await count(`public.members where user_id = '${people.emil}'`)).toBe(0);
    const words = "select author_name, created_by from public.comments where body in ('bye', 'lovely') order by body";
    expect(await database.owner(words)).toEqual([
      { author_name: 'emil example', created_by: null },
      { author_name: 'clara example', created_by: null },
    ]);
    const told2 = await database.owner("select actor_id from public.activity where actor_name = 'emil example'");
    expect(told2).toEqual([{ actor_id: null }]);
    const task = `select assignee_id, title from public.tasks where id = '${tasks.north}'`;
    expect(await database.owner(task)).toEqual([{ assignee_id: null, title: 'Draw' }]);
  });

  it('leaves a session that is still open with nothing', async () => {
    const seen = await database.rehearse(as('owner'), async (run) => {
      await become(run, as('emil'));
      return run(
        'select (select count(*)::int from public.projects) as projects, (select count(*)::int from public.users) as users',
      );
    });
    expect(seen).toEqual([{ projects: 0, users: 0 }]);
  });
});
