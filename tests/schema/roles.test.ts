import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgencyDatabase, answerOf, become, openAgencyDatabase } from './agency-database.ts';
import { as, buildWorld, clients, type Person, people, projects } from './world.ts';

let database: AgencyDatabase;
beforeAll(async () => {
  database = await openAgencyDatabase();
  await buildWorld(database);
});
afterAll(() => database.close());

const everyone = Object.keys(people) as Person[];
const othersThanOwner = everyone.filter((person) => person !== 'owner');
const set = (assignment: string, person: Person) =>
  `update public.users set ${assignment} where id = '${people[person]}' returning role, client_id`;
const denied = { ok: false, code: '42501' };
const untouched = { ok: true, rows: [] };

describe('nobody raises their own role', () => {
  it.each(['manager', 'emil', 'clara', 'nina'] as const)('%s cannot become anything else', async (person) => {
    for (const role of ['admin', 'project_manager', 'employee', 'client']) {
      const answer = await database.attempt(as(person), set(`role = '${role}'`, person));
      const own = (await database.owner(`select role from public.users where id = '${people[person]}'`))[0]?.role;
      if (role !== own) expect(answer, role).toMatchObject(denied);
    }
  });

  it('not even the owner, who could lock the agency out', async () => {
    expect(await database.attempt(as('owner'), set("role = 'employee'", 'owner'))).toMatchObject(denied);
    expect(await database.attempt(as('owner'), set('deactivated_at = now()', 'owner'))).toMatchObject(denied);
  });

  it('nor along with a harmless change, nor by an update of everything', async () => {
    const along = set("full_name = 'Emil', role = 'project_manager'", 'emil');
    expect(await database.attempt(as('emil'), along)).toMatchObject(denied);
    expect(await database.attempt(as('emil'), "update public.users set role = 'admin'")).toMatchObject(denied);
  });

  it('writing back the role one has is no change', async () => {
    const answer = await database.attempt(as('emil'), set("full_name = 'Emil E.', role = 'employee'", 'emil'));
    expect(answer).toMatchObject({ ok: true, rows: [{ role: 'employee' }] });
  });

  it('a client cannot move itself to another company', async () => {
    expect(await database.attempt(as('clara'), set(`client_id = '${clients.birch}'`, 'clara'))).toMatchObject(denied);
    expect(await database.attempt(as('nina'), set(`client_id = '${clients.acme}'`, 'nina'))).toMatchObject(denied);
  });

  it('a deactivated user cannot come back by itself', async () => {
    expect(await database.attempt(as('dora'), set('deactivated_at = null', 'dora'))).toEqual(untouched);
  });

  it('claims in the token other than its subject count for nothing', async () => {
    const claims = {
      role: 'authenticated',
      user_role: 'admin',
      app_metadata: { provisioner: { role: 'owner' }, role: 'admin' },
      user_metadata: { role: 'admin' },
    };
    const liar = { user: people.emil, claims };
    const seen = await database.attempt(liar, 'select id from public.projects');
    expect(seen).toEqual({ ok: true, rows: [{ id: projects.north }] });
    expect(await database.attempt(liar, set("role = 'admin'", 'emil'))).toMatchObject(denied);
  });

  it.each(othersThanOwner)('%s cannot write accounts or app_metadata', async (person) => {
    const sql = `update auth.users set raw_app_meta_data = '{"role":"admin"}' where id = '${people[person]}'`;
    expect(await database.attempt(as(person), sql)).toMatchObject(denied);
    const account = 'insert into auth.users (id, raw_app_meta_data) values (gen_random_uuid(), \'{"role":"admin"}\')';
    expect(await database.attempt(as(person), account)).toMatchObject(denied);
  });

  it('nobody makes, removes or re-addresses a profile', async () => {
    for (const person of everyone) {
      const make = "insert into public.users (id, role) values (gen_random_uuid(), 'admin')";
      expect(await database.attempt(as(person), make), person).toMatchObject(denied);
      expect(await database.attempt(as(person), 'delete from public.users'), person).toMatchObject(denied);
      expect(await database.attempt(as(person), set('id = gen_random_uuid()', person)), person).toMatchObject(denied);
      expect(await database.attempt(as(person), set("email = 'x@x.example'", person)), person).toMatchObject(denied);
    }
  });
});

describe('nobody raises another', () => {
  it.each(['manager', 'emil', 'clara'] as const)('%s reaches no other profile', async (person) => {
    for (const other of everyone.filter((one) => one !== person)) {
      expect(await database.attempt(as(person), set("role = 'project_manager'", other)), other).toEqual(untouched);
      expect(await database.attempt(as(person), set("full_name = 'Mud'", other)), other).toEqual(untouched);
    }
  });

  it('an admin gives and takes the other three roles, and activation', async () => {
    for (const role of ['project_manager', 'employee', 'client']) {
      const answer = await database.attempt(as('owner'), set(`role = '${role}'`, 'nina'));
      expect(answer).toMatchObject({ ok: true, rows: [{ role }] });
    }
    const welcome = await database.attempt(as('owner'), set('deactivated_at = null', 'dora'));
    expect(welcome).toMatchObject({ ok: true, rows: [{ role: 'employee' }] });
    const assigned = await database.attempt(as('owner'), set(`client_id = '${clients.birch}'`, 'nina'));
    expect(assigned).toMatchObject({ ok: true, rows: [{ client_id: clients.birch }] });
  });

  it('an admin makes no admin', async () => {
    expect(await database.attempt(as('owner'), set("role = 'admin'", 'manager'))).toMatchObject(denied);
  });

  it('an admin unmakes no admin', async () => {
    const answer = await database.rehearse('service_role', async (run) => {
      await run(set("role = 'admin'", 'manager'));
      await become(run, as('manager'));
      return run(set("role = 'employee'", 'owner')).then(
        () => 'allowed',
        (error: Error) => error.message,
      );
    });
    expect(answer).toBe('admins are made and unmade through app_metadata only');
  });

  it('a role that does not exist is refused, also to the server', async () => {
    expect(await database.attempt('service_role', set("role = 'root'", 'emil'))).toMatchObject({ code: '23514' });
  });
});

describe('a change of role', () => {
  it('takes effect at once, without a new token', async () => {
    const seen = await database.rehearse(as('owner'), async (run) => {
      await run(set("role = 'project_manager'", 'emil'));
      await become(run, as('emil'));
      return run('select id from public.projects');
    });
    expect(seen).toHaveLength(3);
  });

  it('away from client drops the company, so that nothing of it remains', async () => {
    const answer = await database.attempt(as('owner'), set("role = 'employee'", 'clara'));
    expect(answer).toEqual({ ok: true, rows: [{ role: 'employee', client_id: null }] });
  });

  it('to client ends every membership and gives the tasks back', async () => {
    const found = await database.rehearse('service_role', async (run) => {
      await run(set("role = 'client'", 'emil'));
      return run(`select (select count(*)::int from public.members where user_id = '${people.emil}') as memberships,
        (select count(*)::int from public.tasks where assignee_id = '${people.emil}') as tasks`);
    });
    expect(found).toEqual([{ memberships: 0, tasks: 0 }]);
  });

  it.each(['owner', 'manager', 'emil', 'clara'] as const)(
    'deactivation leaves %s the own profile alone',
    async (person) => {
      const tables = ['users', 'clients', 'projects', 'members', 'tasks', 'files', 'comments', 'invoices', 'activity'];
      const seen = await database.rehearse('service_role', async (run) => {
        await run(set('deactivated_at = now()', person));
        await become(run, as(person));
        const counts: number[] = [];
        for (const table of tables) counts.push((await run(`select from public.${table}`)).length);
        return counts;
      });
      expect(seen).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0]);
    },
  );
});

describe('the guard of users holds by itself, should a policy ever be too wide', () => {
  beforeAll(() =>
    database.owner(`create policy wide_sight on public.users for select to authenticated using (true);
      create policy wide_reach on public.users for update to authenticated using (true) with check (true)`),
  );
  afterAll(() => database.owner('drop policy wide_sight on public.users; drop policy wide_reach on public.users'));

  it.each(['manager', 'emil'] as const)('%s changes no role, company or activation', async (person) => {
    for (const assignment of ["role = 'employee'", `client_id = '${clients.birch}'`, 'deactivated_at = now()']) {
      expect(await database.attempt(as(person), set(assignment, 'clara')), assignment).toMatchObject(denied);
    }
  });

  it('nor does an admin who was deactivated', async () => {
    const answer = await database.rehearse('service_role', async (run) => {
      await run(set('deactivated_at = now()', 'owner'));
      await become(run, as('owner'));
      return answerOf(run(set("role = 'project_manager'", 'emil')));
    });
    expect(answer).toMatchObject({ ...denied, message: 'only an admin changes role, client or activation' });
  });
});

describe('membership', () => {
  it('is not taken by oneself', async () => {
    for (const person of ['emil', 'eva', 'clara', 'chris', 'nina', 'dora'] as const) {
      for (const project of Object.values(projects)) {
        const join = `insert into public.members (project_id, user_id) values ('${project}', '${people[person]}')
          on conflict do nothing`;
        const answer = await database.attempt(as(person), join);
        expect(answer.ok, `${person} ${project}`).toBe(false);
      }
    }
  });

  it('is for the agency: a client cannot be made a member by anybody', async () => {
    const join = `insert into public.members (project_id, user_id) values ('${projects.south}', '${people.clara}')`;
    expect(await database.attempt('service_role', join)).toMatchObject({ code: '23514' });
    expect(await database.attempt(as('owner'), join)).toMatchObject({ code: '23514' });
  });
});
