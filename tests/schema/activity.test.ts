import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row, Run } from '../../local-cloud/instance/database.ts';
import { type AgencyDatabase, openAgencyDatabase } from './agency-database.ts';
import { as, buildWorld, clients, comments, files, invoices, type Person, people, projects, tasks } from './world.ts';

let database: AgencyDatabase;
beforeAll(async () => {
  database = await openAgencyDatabase();
  await buildWorld(database);
});
afterAll(() => database.close());

/** What the statement, run as the person, adds to the record. */
async function recorded(person: Person | 'service_role', sql: string): Promise<Row[]> {
  const before = Number((await database.owner('select coalesce(max(id), 0) as id from public.activity'))[0]?.id);
  const look = async (run: Run) => {
    await run(sql);
    await run("select set_config('role', 'service_role', true)");
    return run(
      `select entity, action, label, changes, audience, actor_id, actor_name, project_id
        from public.activity where id > $1 order by id`,
      [before],
    );
  };
  return database.rehearse(person === 'service_role' ? person : as(person), look);
}

describe('the record', () => {
  it('tells who did what, where, and what it was before', async () => {
    const rename = `update public.tasks set title = 'Draw it', status = 'done' where id = '${tasks.north}'`;
    expect(await recorded('emil', rename)).toEqual([
      {
        entity: 'tasks',
        action: 'updated',
        label: 'Draw it',
        changes: { title: { from: 'Draw', to: 'Draw it' }, status: { from: 'todo', to: 'done' } },
        audience: 'project',
        actor_id: people.emil,
        actor_name: 'emil example',
        project_id: projects.north,
      },
    ]);
  });

  it.each([
    ['clients', "insert into public.clients (name) values ('New')", { action: 'created', audience: 'managers' }],
    ['clients', `delete from public.clients where id = '${clients.unused}'`, { action: 'deleted', label: 'Unused' }],
    ['projects', "insert into public.projects (name) values ('New')", { action: 'created', audience: 'project' }],
    [
      'projects',
      `update public.projects set status = 'completed' where id = '${projects.north}'`,
      { action: 'updated' },
    ],
    [
      'members',
      `delete from public.members where user_id = '${people.eva}'`,
      { action: 'deleted', audience: 'team', label: 'eva example' },
    ],
    [
      'invoices',
      `update public.invoices set status = 'paid' where id = '${invoices.acmeSent}'`,
      { audience: 'managers', label: '1', changes: { status: { from: 'sent', to: 'paid' } } },
    ],
    [
      'users',
      `update public.users set role = 'employee' where id = '${people.nina}'`,
      { audience: 'managers', changes: { role: { from: 'client', to: 'employee' } } },
    ],
    ['files', `delete from public.files where id = '${files.south}'`, { action: 'deleted', audience: 'project' }],
    ['comments', `delete from public.comments where id = '${comments.south}'`, { audience: 'project', label: null }],
  ])('holds changes of %s: %s', async (entity, sql, expected) => {
    const entries = await recorded('owner', sql);
    expect(entries[0]).toMatchObject({ entity, actor_id: people.owner, ...expected });
  });

  it('is silent about what is not followed and about writes that change nothing', async () => {
    expect(await recorded('owner', `update public.tasks set position = 5 where id = '${tasks.north}'`)).toEqual([]);
    expect(await recorded('owner', `update public.tasks set title = title where id = '${tasks.north}'`)).toEqual([]);
  });

  it('names nobody when the server acts', async () => {
    const [entry] = await recorded('service_role', "insert into public.clients (name) values ('New')");
    expect(entry).toMatchObject({ actor_id: null, actor_name: '' });
  });

  it.each([
    [
      'an internal task',
      `insert into public.tasks (project_id, title, is_internal) values ('${projects.north}', 'x', true)`,
    ],
    [
      'a task that becomes internal',
      `update public.tasks set is_internal = true, title = 'y' where id = '${tasks.north}'`,
    ],
    ['a task that was internal', `update public.tasks set is_internal = false where id = '${tasks.northInternal}'`],
    ['an internal file', `delete from public.files where id = '${files.northInternal}'`],
    ['a file of an internal task', `update public.files set name = 'y' where id = '${files.northOnInternalTask}'`],
    ['an internal comment', `delete from public.comments where id = '${comments.northInternal}'`],
    ['a comment on an internal task', `delete from public.comments where id = '${comments.northOnInternalTask}'`],
  ])('keeps %s from clients', async (_, sql) => {
    expect((await recorded('owner', sql)).map((entry) => entry.audience)).toEqual(['team']);
  });

  it('keeps from clients what goes down with an internal task', async () => {
    const entries = await recorded('owner', `delete from public.tasks where id = '${tasks.northInternal}'`);
    expect(entries.map((entry) => `${entry.entity} ${entry.action} ${entry.audience}`).sort()).toEqual([
      'comments deleted team',
      'tasks deleted team',
    ]);
  });
});

describe('who reads the record', () => {
  const seenBy = async (person: Person): Promise<Row[]> => {
    const answer = await database.attempt(as(person), 'select project_id, audience, entity from public.activity');
    if (!answer.ok) throw new Error(answer.message);
    return answer.rows;
  };
  const audiences = (entries: Row[]) => [...new Set(entries.map((entry) => entry.audience))].sort();
  const places = (entries: Row[]) => [...new Set(entries.map((entry) => entry.project_id))];

  it('admins and project managers read all of it', async () => {
    const [total] = await database.owner('select count(*)::int as entries from public.activity');
    expect(await seenBy('owner')).toHaveLength(Number(total?.entries));
    expect(await seenBy('manager')).toHaveLength(Number(total?.entries));
    expect(audiences(await seenBy('manager'))).toEqual(['managers', 'project', 'team']);
  });

  it('an employee reads that of its projects, money and accounts apart', async () => {
    const entries = await seenBy('emil');
    expect(places(entries)).toEqual([projects.north]);
    expect(audiences(entries)).toEqual(['project', 'team']);
  });

  it('a client reads that of its projects as far as it may see them', async () => {
    for (const [person, project] of [
      ['clara', projects.north],
      ['chris', projects.south],
    ] as const) {
      const entries = await seenBy(person);
      expect(places(entries)).toEqual([project]);
      expect(audiences(entries)).toEqual(['project']);
      expect(entries.map((entry) => entry.entity)).toContain('tasks');
    }
  });

  it('nobody else reads any', async () => {
    expect(await seenBy('dora')).toEqual([]);
    expect(await seenBy('nina')).toEqual([]);
  });
});

describe('the record stands', () => {
  it('nobody writes it through the API, and the server never rewrites it', async () => {
    const denied = { ok: false, code: '42501' };
    for (const person of ['owner', 'manager', 'emil', 'clara'] as const) {
      expect(await database.attempt(as(person), "update public.activity set label = 'x'")).toMatchObject(denied);
      expect(await database.attempt(as(person), 'delete from public.activity')).toMatchObject(denied);
    }
    expect(await database.attempt('service_role', "update public.activity set label = 'x'")).toMatchObject(denied);
  });

  it('when the project it tells about is deleted', async () => {
    const entries = await recorded('owner', `delete from public.projects where id = '${projects.inhouse}'`);
    expect(entries.map((entry) => `${entry.entity} ${entry.action} ${entry.label}`).sort()).toEqual([
      'projects deleted Inhouse',
      'tasks deleted Tidy up',
    ]);
    expect(entries.every((entry) => entry.project_id === projects.inhouse)).toBe(true);
  });
});
