import { createLimiter } from '../../action/src/lib/limiter.ts';
import { Secret } from '../../action/src/lib/secret.ts';
import { createHttp } from '../../action/src/providers/http.ts';
import { type Resend, resendClient, resendVendor } from '../../action/src/providers/resend/client.ts';
import type { MigrationFile } from '../../action/src/providers/supabase/ledger.ts';
import { supabaseMigrations } from '../../action/src/providers/supabase/migrations.ts';
import { supabaseOwner } from '../../action/src/providers/supabase/owner.ts';
import { readOwner, updateOwner } from '../../action/src/providers/supabase/owner-api.ts';
import type { OwnerMark } from '../../action/src/providers/supabase/owner-mark.ts';
import { migrationFiles } from '../schema/agency-database.ts';
import { aKeyring } from './hands.ts';
import { aProject, keysOf, type SupabaseCloud, supabaseCloud } from './supabase-cloud.ts';
import { runKind } from './vendor-cloud.ts';

/** An owner who has just been made. */
export interface MadeOwner {
  readonly agency: { readonly slug: string; readonly uid: string };
  readonly userId: string;
  readonly email: string;
  readonly password: Secret;
}

/** A local cloud with one instance that has the agency schema; each test makes an owner of its own in it. */
export interface AgencyCloud extends SupabaseCloud {
  readonly ref: string;
  readonly url: string;
  readonly publishableKey: string;
  readonly secretKey: Secret;
  readonly resend: Resend;
  anOwner(): Promise<MadeOwner>;
  markOf(userId: string): Promise<OwnerMark>;
  setMark(userId: string, mark: OwnerMark): Promise<void>;
  /** Signs in as anybody would; `undefined` when the password is wrong. */
  signsIn(email: string, password: string): Promise<boolean>;
  mails(): Promise<{ id: string; to: string[]; subject: string }[]>;
}

/** The resend SDK takes no fetch, so this cloud has a port. */
export async function agencyCloud(): Promise<AgencyCloud> {
  const world = await supabaseCloud({ port: 0 });
  const { ref, url } = await aProject(world);
  const { publishableKey, secretKey } = await keysOf(world, ref);
  const files = (await migrationFiles()).map(asMigration);
  await runKind<{ ref: string; files: readonly MigrationFile[] }, unknown>(supabaseMigrations(world.http), {
    ref,
    files,
  });
  const admin = () => world.instances(url, secretKey);
  const account = {
    apiKey: new Secret(world.environment.RESEND_API_KEY ?? ''),
    baseUrl: world.environment.RESEND_BASE_URL ?? '',
  };
  let owners = 0;
  return {
    ...world,
    ref,
    url,
    publishableKey,
    secretKey,
    resend: resendClient(account, createHttp(resendVendor(account), world.policy, createLimiter(world.clock))),
    anOwner: async () => {
      owners += 1;
      const agency = { slug: `agency-${owners}`, uid: `uid-${owners}` };
      const email = `owner-${owners}@acme.example`;
      const password = aKeyring().password(`owner:${agency.uid}:1`);
      const inputs = { ref, url, secretKey, email, name: 'Acme Owner', password, generation: '1' };
      const { id } = await runKind(supabaseOwner(world.instances), inputs, { agency });
      return { agency, userId: id, email, password };
    },
    markOf: async (userId) => {
      const owner = await readOwner(admin(), userId);
      if (!owner?.actual.mark) throw new Error(`${userId} has no mark`);
      return owner.actual.mark;
    },
    setMark: (userId, mark) => updateOwner(admin(), userId, { app_metadata: { provisioner: mark } }),
    signsIn: async (email, password) => {
      const body = JSON.stringify({ email, password });
      const headers = { apikey: publishableKey, 'content-type': 'application/json' };
      const token = `${url}/auth/v1/token?grant_type=password`;
      return (await world.cloud.fetch(new Request(token, { method: 'POST', headers, body }))).ok;
    },
    mails: async () => {
      const answer = await world.cloud.fetch(new Request(`${world.cloud.origin}/_cloud/state`));
      return ((await answer.json()) as { mails: { id: string; to: string[]; subject: string }[] }).mails;
    },
  };
}

function asMigration({ name: file, sql }: { name: string; sql: string }): MigrationFile {
  const [, version = '', name = ''] = /^(\d{14})_(.*)\.sql$/.exec(file) ?? [];
  return { version, name, file: `migrations/agency/${file}`, digest: `sha256:${version}`, sql, transactional: true };
}
