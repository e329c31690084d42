import * as z from 'zod';
import type { ProviderError } from '../../engine/errors.ts';
import type { Clock } from '../../lib/clock.ts';
import { poll } from '../../lib/poll.ts';
import { mapPooled } from '../../lib/pool.ts';
import type { Secret } from '../../lib/secret.ts';
import { hasCode, hasStatus } from '../failure.ts';
import type { Http } from '../http.ts';
import type { Instances } from '../supabase/instance.ts';
import { readSql } from '../supabase/sql.ts';
import { notAccepted, notTold, readable } from './refusal.ts';

/** How many tables are tried at the same time. */
const CONCURRENCY = 4;

/** What the Data API says to somebody who may not read a table. */
const CLOSED = [401, 403];

/**
 * And what it says of a table that it has not heard of yet. It learns of new ones by itself, a moment after they were
 * made; until then every table seems closed. https://docs.postgrest.org/en/stable/references/schema_cache.html
 */
const UNHEARD_OF = 404;
const GRACE = { everyMs: 1_000, forMs: 30_000 };

/**
 * Everything in the schema that the Data API serves like a table, and what everybody may do there; it serves no
 * partitions. A grant counts whatever row-level security says: over an empty table a policy that hides all rows looks
 * the same as one that shows them. The functions count what anon has through PUBLIC, and on single columns, too.
 * https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-ACCESS
 */
const TABLES = `select c.relname as name, concat_ws(', ',
  case when has_any_column_privilege('anon', c.oid, 'select') then 'select' end,
  case when has_any_column_privilege('anon', c.oid, 'insert') then 'insert' end,
  case when has_any_column_privilege('anon', c.oid, 'update') then 'update' end,
  case when has_table_privilege('anon', c.oid, 'delete') then 'delete' end) as granted
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition order by c.relname`;

const rows = z.array(z.unknown());
const tables = z.array(z.object({ name: z.string(), granted: z.string() }));
type Table = z.output<typeof tables>[number];

export interface Strangers {
  readonly instances: Instances;
  readonly management: Http;
  readonly url: string;
  readonly ref: string;
  readonly publishableKey: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Throws where `anon`, which is whoever has the publishable key, is granted a table. Then reads every table with that
 * key, for the catalogue says only how the door is locked; throws where one opens.
 */
export async function assertNothingPublic(about: Strangers): Promise<void> {
  const found = readable(tables, await readSql(about.management, about.ref, TABLES), 'the tables in public');
  const granted = found.filter((table) => table.granted !== '');
  if (granted.length > 0) throw grantedToStrangers(granted);
  await mapPooled(found, CONCURRENCY, ({ name }) => assertClosed(about, name));
}

function grantedToStrangers(open: readonly Table[]): ProviderError {
  return notAccepted(
    'supabase',
    `strangers are granted access to ${open.map(({ name, granted }) => `public.${name} (${granted})`).join(', ')}`,
    'Nothing in public may be granted to anon, not even behind row-level security. Add a migration with “revoke all on ' +
      `${open.map(({ name }) => `public.${name}`).join(', ')} from anon, public;” and run again.`,
  );
}

type Sight = 'closed' | 'open';

async function assertClosed(about: Strangers, table: string): Promise<void> {
  const sight = await poll(about.clock, GRACE, () => look(about, table), about.signal);
  if (sight === 'closed') return;
  if (sight === undefined) throw unheardOf(table);
  throw notAccepted(
    'supabase',
    `a stranger reads the table public.${table}`,
    `Add a migration that enables row-level security on public.${table} and revokes what anon was granted on it, and run again.`,
  );
}

/** `undefined` while the Data API does not know the table. */
async function look({ instances, url, publishableKey }: Strangers, table: string): Promise<Sight | undefined> {
  try {
    const data: unknown = await instances(url, publishableKey).call('read a table as a stranger', (client) =>
      client.from(table).select('*').limit(1),
    );
    // However many rows: whoever is answered none today is answered some once there are any.
    readable(rows, data, `the table public.${table}`);
    return 'open';
  } catch (thrown) {
    if (hasStatus(thrown, ...CLOSED)) return 'closed';
    if (hasStatus(thrown, UNHEARD_OF)) return undefined;
    throw thrown;
  }
}

function unheardOf(table: string): ProviderError {
  return notTold(
    `the Data API does not know the table public.${table}, so nobody can tell whether strangers read it`,
    "Run again; if it stays so, run “notify pgrst, 'reload schema'” in the SQL editor of the instance.",
  );
}

/** A key as another instance would have it must open nothing here. `probe` is any password that nobody has. */
export async function assertForeignKeyRefused(
  { instances, url, publishableKey }: Strangers,
  probe: Secret,
): Promise<void> {
  const knock = instances(url, foreignKey(publishableKey)).call('knock with a foreign key', (client) =>
    client.auth.signInWithPassword({ email: 'nobody@agency.example', password: probe.reveal() }),
  );
  try {
    await knock;
  } catch (thrown) {
    if (hasStatus(thrown, 401)) return;
    if (!hasCode(thrown, 'invalid_credentials')) throw thrown;
  }
  throw notAccepted(
    'supabase',
    'the instance takes a key that is not its own',
    'Do not hand this instance over; ask Supabase why its gateway takes foreign keys.',
  );
}

/** Of the same form and length: each letter and digit behind the prefix moved on by one. */
export function foreignKey(key: string): string {
  const [, prefix = '', body = ''] = /^(sb_publishable_)?(.*)$/s.exec(key) ?? [];
  return prefix + body.replace(/[0-9A-Za-z]/g, (sign) => SUCCESSOR.get(sign) ?? sign);
}

const SUCCESSOR = new Map(
  ['0123456789', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'].flatMap((signs) =>
    [...signs].map((sign, at) => [sign, signs.charAt((at + 1) % signs.length)] as const),
  ),
);
