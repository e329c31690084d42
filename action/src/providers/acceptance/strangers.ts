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

/** Everything in the schema that the Data API serves and that can be read like a table; it serves no partitions. */
const TABLES = `select c.relname as name
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition order by c.relname`;

const rows = z.array(z.unknown());
const tables = z.array(z.object({ name: z.string() }));

export interface Strangers {
  readonly instances: Instances;
  readonly management: Http;
  readonly url: string;
  readonly ref: string;
  readonly publishableKey: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Reads every table as somebody who has only the publishable key, which is public; throws where a row comes back. */
export async function assertNothingPublic(about: Strangers): Promise<void> {
  const found = readable(tables, await readSql(about.management, about.ref, TABLES), 'the tables in public');
  await mapPooled(found, CONCURRENCY, ({ name }) => assertClosed(about, name));
}

type Sight = 'closed' | 'open';

async function assertClosed(about: Strangers, table: string): Promise<void> {
  const sight = await poll(about.clock, GRACE, () => look(about, table), about.signal);
  if (sight === 'closed') return;
  if (sight === undefined) throw unheardOf(table);
  throw notAccepted(
    'supabase',
    `a stranger reads the table public.${table}`,
    `Add a migration that enables row-level security on public.${table} and revokes what anon was granted, and run again.`,
  );
}

/** `undefined` while the Data API does not know the table. */
async function look({ instances, url, publishableKey }: Strangers, table: string): Promise<Sight | undefined> {
  try {
    const data: unknown = await instances(url, publishableKey).call('read a table as a stranger', (client) =>
      client.from(table).select('*').limit(1),
    );
    return readable(rows, data, `the table public.${table}`).length === 0 ? 'closed' : 'open';
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
