import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgencyDatabase, openAgencyDatabase } from './agency-database.ts';
import { as, buildWorld, files, type Person, people, projects } from './world.ts';

const path = (project: string, file: string): string => `${project}/${file}`;
const objects: Record<keyof typeof files, string> = {
  northByEmil: path(projects.north, files.northByEmil),
  northByClara: path(projects.north, files.northByClara),
  northInternal: path(projects.north, files.northInternal),
  northOnInternalTask: path(projects.north, files.northOnInternalTask),
  south: path(projects.south, files.south),
};
const everyone = Object.keys(people) as Person[];
const orphan = `${projects.north}/left-behind`;

let database: AgencyDatabase;
beforeAll(async () => {
  database = await openAgencyDatabase();
  await buildWorld(database);
  const stored = [...Object.values(objects), orphan].map((name) => `('files', '${name}')`);
  await database.owner(`insert into storage.buckets (id, name) values ('other', 'other');
    insert into storage.objects (bucket_id, name) values ${stored.join(', ')}, ('other', '${objects.south}')`);
});
afterAll(() => database.close());

/** The names of the objects that the statement reaches when it is tried on each by itself. */
async function reach(person: Person, statement: (name: string) => string): Promise<string[]> {
  const names: string[] = [];
  for (const [label, name] of [...Object.entries(objects), ['orphan', orphan] as const]) {
    const answer = await database.attempt(as(person), statement(name));
    if (!answer.ok && answer.code !== '42501') throw new Error(answer.message);
    if (answer.ok && answer.rows.length === 1) names.push(label);
  }
  return names;
}

const every = Object.keys(objects);
const shared = ['northByEmil', 'northByClara'];
const own: Record<Person, string[]> = {
  owner: [],
  manager: ['northInternal'],
  emil: ['northByEmil', 'northOnInternalTask'],
  eva: ['south'],
  clara: ['northByClara'],
  chris: [],
  dora: [],
  nina: [],
};

describe('the bucket files', () => {
  it('is private', async () => {
    const sql = "select id, public from storage.buckets where id = 'files'";
    expect(await database.owner(sql)).toEqual([{ id: 'files', public: false }]);
  });

  it('lets people fetch exactly the files they see', async () => {
    const fetched: Record<Person, string[]> = {
      owner: every,
      manager: every,
      emil: [...shared, 'northInternal', 'northOnInternalTask'],
      eva: ['south'],
      clara: shared,
      chris: ['south'],
      dora: [],
      nina: [],
    };
    for (const person of everyone) {
      const found = await reach(
        person,
        (name) => `select from storage.objects where name = '${name}' and bucket_id = 'files'`,
      );
      expect(found, person).toEqual(fetched[person]);
    }
  });

  it('lets people replace their own only', async () => {
    for (const person of everyone) {
      const found = await reach(
        person,
        (name) => `update storage.objects set metadata = '{}' where name = '${name}' returning id`,
      );
      expect(found, person).toEqual(own[person]);
    }
  });

  it('lets managers remove any that has a row, others their own', async () => {
    for (const person of everyone) {
      const found = await reach(person, (name) => `delete from storage.objects where name = '${name}' returning id`);
      expect(found, person).toEqual(person === 'owner' || person === 'manager' ? every : own[person]);
    }
  });

  it('takes an upload from whoever wrote the row, and without a row from nobody', async () => {
    await database.owner('delete from storage.objects');
    for (const person of everyone) {
      const found = await reach(
        person,
        (name) => `insert into storage.objects (bucket_id, name) values ('files', '${name}') returning id`,
      );
      expect(found, person).toEqual(own[person]);
    }
  });

  it('does not let an object be renamed over another', async () => {
    await database.owner(`insert into storage.objects (bucket_id, name) values ('files', '${objects.northByClara}')`);
    const rename = `update storage.objects set name = '${objects.northInternal}' where name = '${objects.northByClara}'`;
    expect(await database.attempt(as('clara'), rename)).toMatchObject({ ok: false, code: '42501' });
  });

  it('does not let an object take the place of a file that somebody else announced', async () => {
    await database.owner(`delete from storage.objects;
      insert into storage.objects (bucket_id, name) values ('files', '${objects.northByEmil}')`);
    const rename = `update storage.objects set name = '${objects.northInternal}' where name = '${objects.northByEmil}'`;
    expect(await database.attempt(as('emil'), rename)).toMatchObject({ ok: false, code: '42501' });
  });

  it('is the only one: other buckets stay closed, and so does everything to anon', async () => {
    await database.owner(`insert into storage.objects (bucket_id, name) values ('other', '${objects.south}')`);
    const other = "select from storage.objects where bucket_id = 'other'";
    expect(await database.attempt(as('owner'), other)).toEqual({ ok: true, rows: [] });
    expect(await database.attempt('anon', 'select from storage.objects')).toEqual({ ok: true, rows: [] });
  });
});

describe('a row of files', () => {
  it('cannot be pointed at an object of another row', async () => {
    const forged = `insert into public.files (project_id, name, storage_path)
      values ('${projects.north}', 'x', '${objects.northInternal}')`;
    expect(await database.attempt(as('clara'), forged)).toMatchObject({ ok: false, code: '428C9' });
    const renamed = `update public.files set id = gen_random_uuid() where id = '${files.northByClara}'`;
    expect(await database.attempt(as('clara'), renamed)).toMatchObject({ ok: false, code: '23514' });
  });
});
