import type { AgencyDatabase, Caller } from './agency-database.ts';

const id = (kind: string, n: number): string => `${kind.padEnd(8, '0')}-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** Two of everything that must not see each other, and everyone who must see less than they might. */
export const people = {
  owner: id('a', 1),
  manager: id('a', 2),
  /** On project north. */
  emil: id('a', 3),
  /** On project south. */
  eva: id('a', 4),
  /** Of the company acme, which ordered north. */
  clara: id('a', 5),
  /** Of the company birch, which ordered south. */
  chris: id('a', 6),
  /** An employee on north, deactivated. */
  dora: id('a', 7),
  /** A client without a company: how every new account begins. */
  nina: id('a', 8),
} as const;
export type Person = keyof typeof people;

/** A valid session of an account that has no profile. */
export const stranger = id('a', 99);

export const rows = {
  users: people,
  clients: { acme: id('c', 1), birch: id('c', 2), unused: id('c', 3) },
  projects: { north: id('d', 1), south: id('d', 2), inhouse: id('d', 3) },
  tasks: { north: id('e', 1), northInternal: id('e', 2), south: id('e', 3), inhouse: id('e', 4) },
  files: {
    northByEmil: id('f', 1),
    northByClara: id('f', 2),
    northInternal: id('f', 3),
    northOnInternalTask: id('f', 4),
    south: id('f', 5),
  },
  comments: {
    northByEmil: id('b', 1),
    northByClara: id('b', 2),
    northInternal: id('b', 3),
    northOnInternalTask: id('b', 4),
    south: id('b', 5),
  },
  invoices: { acmeDraft: id('9', 1), acmeSent: id('9', 2), birchSent: id('9', 3) },
  invoice_line_items: { acmeDraft: id('8', 1), acmeSent: id('8', 2), birchSent: id('8', 3) },
} as const;

export const { clients, projects, tasks, files, comments, invoices, invoice_line_items: lines } = rows;

export const as = (person: Person): Caller => ({ user: people[person] });

/** Fills an empty database with the world above, through the doors that real data comes in by. */
export async function buildWorld(database: AgencyDatabase): Promise<void> {
  await database.auth(async (run) => {
    for (const [name, userId] of Object.entries(people)) {
      await run('insert into auth.users (id, email, raw_app_meta_data, raw_user_meta_data) values ($1, $2, $3, $4)', [
        userId,
        `${name}@agency.example`,
        name === 'owner' ? { provisioner: { role: 'owner' } } : { provider: 'email' },
        { full_name: `${name} example` },
      ]);
    }
  });
  await database.as('service_role', async (run) => {
    for (const statement of world) await run(statement);
  });
}

const world = [
  `insert into public.clients (id, name) values
    ('${clients.acme}', 'Acme'), ('${clients.birch}', 'Birch'), ('${clients.unused}', 'Unused')`,
  `update public.users set role = 'project_manager' where id = '${people.manager}'`,
  `update public.users set role = 'employee' where id in ('${people.emil}', '${people.eva}', '${people.dora}')`,
  `update public.users set client_id = '${clients.acme}' where id = '${people.clara}'`,
  `update public.users set client_id = '${clients.birch}' where id = '${people.chris}'`,
  `insert into public.projects (id, name, client_id) values
    ('${projects.north}', 'North', '${clients.acme}'),
    ('${projects.south}', 'South', '${clients.birch}'),
    ('${projects.inhouse}', 'Inhouse', null)`,
  `insert into public.members (project_id, user_id) values
    ('${projects.north}', '${people.emil}'),
    ('${projects.north}', '${people.dora}'),
    ('${projects.south}', '${people.eva}')`,
  `insert into public.tasks (id, project_id, title, is_internal, assignee_id) values
    ('${tasks.north}', '${projects.north}', 'Draw', false, '${people.emil}'),
    ('${tasks.northInternal}', '${projects.north}', 'Estimate', true, null),
    ('${tasks.south}', '${projects.south}', 'Paint', false, '${people.eva}'),
    ('${tasks.inhouse}', '${projects.inhouse}', 'Tidy up', false, null)`,
  `insert into public.files (id, project_id, task_id, name, is_internal, created_by) values
    ('${files.northByEmil}', '${projects.north}', '${tasks.north}', 'draft.pdf', false, '${people.emil}'),
    ('${files.northByClara}', '${projects.north}', null, 'logo.svg', false, '${people.clara}'),
    ('${files.northInternal}', '${projects.north}', null, 'margin.xlsx', true, '${people.manager}'),
    ('${files.northOnInternalTask}', '${projects.north}', '${tasks.northInternal}', 'sums.txt', false, '${people.emil}'),
    ('${files.south}', '${projects.south}', '${tasks.south}', 'paint.png', false, '${people.eva}')`,
  `insert into public.comments (id, project_id, task_id, body, is_internal, created_by) values
    ('${comments.northByEmil}', '${projects.north}', '${tasks.north}', 'done soon', false, '${people.emil}'),
    ('${comments.northByClara}', '${projects.north}', null, 'lovely', false, '${people.clara}'),
    ('${comments.northInternal}', '${projects.north}', null, 'they pay late', true, '${people.manager}'),
    ('${comments.northOnInternalTask}', '${projects.north}', '${tasks.northInternal}', '9 days', false, '${people.emil}'),
    ('${comments.south}', '${projects.south}', '${tasks.south}', 'red?', false, '${people.eva}')`,
  `insert into public.invoices (id, client_id, project_id) values
    ('${invoices.acmeDraft}', '${clients.acme}', '${projects.north}'),
    ('${invoices.acmeSent}', '${clients.acme}', '${projects.north}'),
    ('${invoices.birchSent}', '${clients.birch}', '${projects.south}')`,
  `insert into public.invoice_line_items (id, invoice_id, description, unit_price_cents) values
    ('${lines.acmeDraft}', '${invoices.acmeDraft}', 'Concept', 100000),
    ('${lines.acmeSent}', '${invoices.acmeSent}', 'Design', 200000),
    ('${lines.birchSent}', '${invoices.birchSent}', 'Paint', 300000)`,
  `update public.invoices set status = 'sent' where id in ('${invoices.acmeSent}', '${invoices.birchSent}')`,
  `update public.users set deactivated_at = now() where id = '${people.dora}'`,
];
