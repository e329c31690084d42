import * as z from 'zod';
import { mapPooled } from '../../lib/pool.ts';
import type { Secret } from '../../lib/secret.ts';
import { hasCode, hasStatus } from '../failure.ts';
import type { Http } from '../http.ts';
import type { Instances } from '../supabase/instance.ts';
import { readSql } from '../supabase/sql.ts';
import { notAccepted } from './refusal.ts';

/** How many tables are tried at the same time. */
const CONCURRENCY = 4;

/** What the Data API says to somebody who may not read a table, or must not even know of it. */
const CLOSED = [401, 403, 404];

/** Everything in the schema that the Data API serves and that can be read like a table. */
const TABLES = `select c.relname as name
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f') order by c.relname`;

const rows = z.array(z.unknown());

export interface Strangers {
  readonly instances: Instances;
  readonly management: Http;
  readonly url: string;
  readonly ref: string;
  readonly publishableKey: string;
}

/** Reads every table as somebody who has only the publishable key, which is public; throws where a row comes back. */
export async function assertNothingPublic(about: Strangers): Promise<void> {
  const names = (await readSql(about.management, about.ref, TABLES)).map(({ name }) => String(name));
  await mapPooled(names, CONCURRENCY, (table) => assertClosed(about, table));
}

async function assertClosed({ instances, url, publishableKey }: Strangers, table: string): Promise<void> {
  try {
    const data: unknown = await instances(url, publishableKey).call('read a table as a stranger', (client) =>
      client.from(table).select('*').limit(1),
    );
    if (rows.parse(data).length === 0) return;
  } catch (thrown) {
    if (hasStatus(thrown, ...CLOSED)) return;
    throw thrown;
  }
  throw notAccepted(
    'supabase',
    `a stranger reads the table public.${table}`,
    `Add a migration that enables row-level security on public.${table} and revokes what anon was granted, and run again.`,
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
