import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgencyDatabase, become, type Caller, openAgencyDatabase } from './agency-database.ts';
import { as, buildWorld, clients, invoices, type Person, people, projects, rows, stranger, tasks } from './world.ts';

type Table = keyof typeof rows;
/** For each table the rows of the world, by name, that somebody reaches. A table that is not named: none. */
type Reach = Partial<Record<Table, readonly string[]>>;

const all = Object.fromEntries(Object.entries(rows).map(([table, named]) => [table, Object.keys(named)])) as Record<
  Table,
  string[]
>;
const tables = Object.keys(rows) as Table[];
const callers = Object.keys(people) as Person[];

let database: AgencyDatabase;
beforeAll(async () => {
  database = await openAgencyDatabase();
  await buildWorld(database);
});
afterAll(() => database.close());

/** What PostgreSQL answers when a policy, a grant, a trigger or a reference says no. */
const refusals = ['42501', '23514', '23503', '23001'];

async function reaches(caller: Caller, sql: string, values?: unknown[]): Promise<boolean> {
  const answer = await database.attempt(caller, sql, values);
  if (answer.ok) return answer.rows.length === 1;
  if (!refusals.includes(answer.code)) throw new Error(`${answer.code}: ${answer.message}\n${sql}`);
  return false;
}

/** Tries the statement on every row of the world by itself and collects the names of those it reached. */
async function reach(caller: Caller, statement: (table: Table) => string): Promise<Reach> {
  const found: Reach = {};
  for (const table of tables) {
    const names: string[] = [];
    for (const [name, rowId] of Object.entries(rows[table])) {
      if (await reaches(caller, statement(table), [rowId])) names.push(name);
    }
    if (names.length > 0) found[table] = names;
  }
  return found;
}

const northShared = ['northByEmil', 'northByClara'];
const northEverything = [...northShared, 'northInternal', 'northOnInternalTask'];

describe('select', () => {
  const everything: Reach = all;
  const nothing: Reach = {};
  const sees: Record<Person, Reach> = {
    owner: everything,
    manager: everything,
    emil: {
      users: ['owner', 'manager', 'emil', 'eva', 'clara', 'dora'],
      clients: ['acme'],
      projects: ['north'],
      tasks: ['north', 'northInternal'],
      files: northEverything,
      comments: northEverything,
    },
    eva: {
      users: ['owner', 'manager', 'emil', 'eva', 'chris', 'dora'],
      clients: ['birch'],
      projects: ['south'],
      tasks: ['south'],
      files: ['south'],
      comments: ['south'],
    },
    clara: {
      users: ['emil', 'clara', 'dora'],
      clients: ['acme'],
      projects: ['north'],
      tasks: ['north'],
      files: northShared,
      comments: northShared,
      invoices: ['acmeSent'],
      invoice_line_items: ['acmeSent'],
    },
    chris: {
      users: ['eva', 'chris'],
      clients: ['birch'],
      projects: ['south'],
      tasks: ['south'],
      files: ['south'],
      comments: ['south'],
      invoices: ['birchSent'],
      invoice_line_items: ['birchSent'],
    },
    dora: { users: ['dora'] },
    nina: { users: ['nina'] },
  };

  it.each(callers)('%s sees exactly what the role and the projects allow', async (person) => {
    expect(await reach(as(person), (table) => `select id from public.${table} where id = $1`)).toEqual(sees[person]);
  });

  it('the counts agree: no row outside the world is seen either', async () => {
    for (const person of callers) {
      for (const table of tables) {
        const answer = await database.attempt(as(person), `select id from public.${table}`);
        expect(answer.ok && answer.rows.length, `${person} ${table}`).toBe(sees[person][table]?.length ?? 0);
      }
    }
  });

  it('the server sees everything', async () => {
    expect(await reach('service_role', (table) => `select id from public.${table} where id = $1`)).toEqual(everything);
  });

  it('a session without a profile sees nothing', async () => {
    const found = await reach({ user: stranger }, (table) => `select id from public.${table} where id = $1`);
    expect(found).toEqual(nothing);
  });

  const memberships: Record<Person, readonly string[]> = {
    owner: ['north emil', 'north dora', 'south eva'],
    manager: ['north emil', 'north dora', 'south eva'],
    emil: ['north emil', 'north dora'],
    eva: ['south eva'],
    clara: ['north emil', 'north dora'],
    chris: ['south eva'],
    dora: [],
    nina: [],
  };

  it.each(callers)('%s sees the members of the projects it sees', async (person) => {
    const answer = await database.attempt(
      as(person),
      `select lower(p.name) || ' ' || split_part(a.email, '@', 1) as member
        from public.members m
        join (values ('${projects.north}'::uuid, 'North'), ('${projects.south}', 'South')) as p (id, name)
          on p.id = m.project_id
        join (values ('${people.emil}'::uuid, 'emil'), ('${people.eva}', 'eva'), ('${people.dora}', 'dora'))
          as a (id, email) on a.id = m.user_id`,
    );
    const found = answer.ok ? answer.rows.map((row) => String(row.member)) : [answer.message];
    expect(found.sort()).toEqual([...memberships[person]].sort());
  });
});

describe('update', () => {
  const assignments: Record<Table, string> = {
    users: "job_title = 'changed'",
    clients: "phone = 'changed'",
    projects: "description = 'changed'",
    tasks: "description = 'changed'",
    files: "name = 'changed'",
    comments: "body = 'changed'",
    invoices: "notes = 'changed'",
    invoice_line_items: "description = 'changed'",
  };
  const update = (table: Table) => `update public.${table} set ${assignments[table]} where id = $1 returning id`;
  const byManagers: Reach = {
    clients: all.clients,
    projects: all.projects,
    tasks: all.tasks,
    files: all.files,
    invoices: all.invoices,
    invoice_line_items: ['acmeDraft'],
  };
  const changes: Record<Person, Reach> = {
    owner: { ...byManagers, users: all.users },
    manager: { ...byManagers, users: ['manager'], comments: ['northInternal'] },
    emil: {
      users: ['emil'],
      tasks: ['north', 'northInternal'],
      files: ['northByEmil', 'northOnInternalTask'],
      comments: ['northByEmil', 'northOnInternalTask'],
    },
    eva: { users: ['eva'], tasks: ['south'], files: ['south'], comments: ['south'] },
    clara: { users: ['clara'], files: ['northByClara'], comments: ['northByClara'] },
    chris: { users: ['chris'] },
    dora: {},
    nina: { users: ['nina'] },
  };

  it.each(callers)('%s changes exactly what the role and the projects allow', async (person) => {
    expect(await reach(as(person), update)).toEqual(changes[person]);
  });

  it('the server changes everything but the lines of sent invoices', async () => {
    expect(await reach('service_role', update)).toEqual({ ...all, invoice_line_items: ['acmeDraft'] });
  });

  it('a session without a profile changes nothing', async () => {
    expect(await reach({ user: stranger }, update)).toEqual({});
  });
});

describe('delete', () => {
  const remove = (table: Table) => `delete from public.${table} where id = $1 returning id`;
  const byManagers: Reach = {
    tasks: all.tasks,
    files: all.files,
    comments: all.comments,
    invoices: ['acmeDraft'],
    invoice_line_items: ['acmeDraft'],
  };
  const removes: Record<Person, Reach> = {
    // What an invoice names is kept: acme, birch, north and south have some.
    owner: { ...byManagers, clients: ['unused'], projects: ['inhouse'] },
    manager: byManagers,
    emil: {
      files: ['northByEmil', 'northOnInternalTask'],
      comments: ['northByEmil', 'northOnInternalTask'],
    },
    eva: { files: ['south'], comments: ['south'] },
    clara: { files: ['northByClara'], comments: ['northByClara'] },
    chris: {},
    dora: {},
    nina: {},
  };

  it.each(callers)('%s deletes exactly what the role and the projects allow', async (person) => {
    expect(await reach(as(person), remove)).toEqual(removes[person]);
  });

  it('the server deletes everything that no reference holds', async () => {
    const found = await reach('service_role', remove);
    expect(found).toEqual({
      ...byManagers,
      users: all.users,
      clients: ['unused'],
      projects: ['inhouse'],
      invoices: all.invoices,
    });
  });

  it('a session without a profile deletes nothing', async () => {
    expect(await reach({ user: stranger }, remove)).toEqual({});
  });
});

describe('insert', () => {
  /** One row each, named by where it would go. */
  const inserts = {
    'users: a profile': "users (id, role) values (gen_random_uuid(), 'client')",
    'clients: a client': "clients (name) values ('New')",
    'projects: a bare project': "projects (name) values ('New')",
    'projects: for acme': `projects (name, client_id) values ('New', '${clients.acme}')`,
    'members: eva on north': `members (project_id, user_id) values ('${projects.north}', '${people.eva}')`,
    'members: emil on south': `members (project_id, user_id) values ('${projects.south}', '${people.emil}')`,
    'members: clara on north': `members (project_id, user_id) values ('${projects.north}', '${people.clara}')`,
    'members: chris on north': `members (project_id, user_id) values ('${projects.north}', '${people.chris}')`,
    'tasks: north': `tasks (project_id, title) values ('${projects.north}', 'New')`,
    'tasks: south': `tasks (project_id, title) values ('${projects.south}', 'New')`,
    'files: north': `files (project_id, name) values ('${projects.north}', 'new')`,
    'files: north, internal': `files (project_id, name, is_internal) values ('${projects.north}', 'new', true)`,
    'files: on the internal task': `files (project_id, task_id, name)
      values ('${projects.north}', '${tasks.northInternal}', 'new')`,
    'files: south': `files (project_id, name) values ('${projects.south}', 'new')`,
    'comments: north': `comments (project_id, body) values ('${projects.north}', 'new')`,
    'comments: north, internal': `comments (project_id, body, is_internal) values ('${projects.north}', 'new', true)`,
    'comments: on the internal task': `comments (project_id, task_id, body)
      values ('${projects.north}', '${tasks.northInternal}', 'new')`,
    'comments: south': `comments (project_id, body) values ('${projects.south}', 'new')`,
    'invoices: for acme': `invoices (client_id) values ('${clients.acme}')`,
    'invoices: born sent': `invoices (client_id, status) values ('${clients.acme}', 'sent')`,
    'lines: on a draft': `invoice_line_items (invoice_id, description, unit_price_cents)
      values ('${invoices.acmeDraft}', 'New', 1)`,
    'lines: on a sent invoice': `invoice_line_items (invoice_id, description, unit_price_cents)
      values ('${invoices.acmeSent}', 'New', 1)`,
    'activity: an entry':
      "activity (entity, entity_id, action, audience) values ('tasks', gen_random_uuid(), 'created', 'project')",
  } as const;
  type Insert = keyof typeof inserts;

  async function accepted(caller: Caller): Promise<string[]> {
    const names: string[] = [];
    for (const [name, text] of Object.entries(inserts)) {
      // RETURNING as the API does it: the new row must also be one its author may see.
      if (await reaches(caller, `insert into public.${text} returning *`)) names.push(name);
    }
    return names;
  }

  const byManagers: Insert[] = [
    'clients: a client',
    'projects: a bare project',
    'projects: for acme',
    'members: eva on north',
    'members: emil on south',
    'tasks: north',
    'tasks: south',
    'files: north',
    'files: north, internal',
    'files: on the internal task',
    'files: south',
    'comments: north',
    'comments: north, internal',
    'comments: on the internal task',
    'comments: south',
    'invoices: for acme',
    'lines: on a draft',
  ];
  const adds: Record<Person, Insert[]> = {
    owner: byManagers,
    manager: byManagers,
    emil: [
      'tasks: north',
      'files: north',
      'files: north, internal',
      'files: on the internal task',
      'comments: north',
      'comments: north, internal',
      'comments: on the internal task',
    ],
    eva: ['tasks: south', 'files: south', 'comments: south'],
    clara: ['files: north', 'comments: north'],
    chris: ['files: south', 'comments: south'],
    dora: [],
    nina: [],
  };

  it.each(callers)('%s adds exactly what the role and the projects allow', async (person) => {
    expect(await accepted(as(person))).toEqual(adds[person]);
  });

  it('the server adds everything that the rules of the data allow', async () => {
    const refused: Insert[] = [
      // The account comes first: profiles refer to it.
      'users: a profile',
      'members: clara on north',
      'members: chris on north',
      'lines: on a sent invoice',
    ];
    const allowed = Object.keys(inserts).filter((name) => !refused.some((one) => one === name));
    expect(await accepted('service_role')).toEqual(allowed);
  });

  it('a session without a profile adds nothing', async () => {
    expect(await accepted({ user: stranger })).toEqual([]);
  });
});

describe('members', () => {
  const remove = `delete from public.members where project_id = '${projects.north}' and user_id = '${people.emil}' returning *`;

  it.each(callers)('%s removes a member only as a manager', async (person) => {
    expect(await reaches(as(person), remove)).toBe(person === 'owner' || person === 'manager');
  });

  it('is never updated through the API: leaving and joining are two acts', async () => {
    const move = `update public.members set project_id = '${projects.north}' where user_id = '${people.eva}'`;
    expect(await database.attempt(as('owner'), move)).toMatchObject({ ok: false, code: '42501' });
  });

  it('an employee who leaves a project loses sight of it at once', async () => {
    const found = await database.rehearse(as('owner'), async (run) => {
      await run(remove);
      await become(run, as('emil'));
      return run('select id from public.projects');
    });
    expect(found).toEqual([]);
  });
});

describe('anon', () => {
  it('reads and writes no table, by grant and not only by policy', async () => {
    const found = await database.owner("select tablename from pg_tables where schemaname = 'public' order by 1");
    expect(found.map((row) => row.tablename)).toEqual([...tables, 'activity', 'members'].sort());
    for (const { tablename } of found) {
      for (const sql of [
        `select from public.${tablename}`,
        `insert into public.${tablename} default values`,
        `delete from public.${tablename}`,
        `truncate public.${tablename}`,
      ]) {
        expect(await database.attempt('anon', sql), sql).toMatchObject({ ok: false, code: '42501' });
      }
    }
  });

  it('holds no privilege on any table, column, sequence or function of ours', async () => {
    const held = await database.owner(`
      select relname as name from pg_class
        where relnamespace in ('public'::regnamespace, 'private'::regnamespace) and relkind in ('r', 'v', 'm', 'p', 'f')
          and (has_table_privilege('anon', oid, 'select, insert, update, delete, truncate, references, trigger')
            or has_any_column_privilege('anon', oid, 'select, insert, update, references'))
      union all
      select relname from pg_class
        where relnamespace = 'public'::regnamespace
          and case relkind when 'S' then has_sequence_privilege('anon', oid, 'usage, select, update') end
      union all
      select proname from pg_proc
        where pronamespace in ('public'::regnamespace, 'private'::regnamespace)
          and has_function_privilege('anon', oid, 'execute')`);
    expect(held).toEqual([]);
  });
});
