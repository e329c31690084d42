import { readFile } from 'node:fs/promises';
import type { SupabaseClient } from '@supabase/supabase-js';
import { onTestFinished } from 'vitest';
import { anInstance, type TestInstance } from '../../local-cloud/instance/fixture.ts';
import { signJwt } from '../../local-cloud/instance/jwt.ts';

const file = new URL('../../migrations/control-plane/20261125000000_onboarding.sql', import.meta.url);

/** The schema of the company's own database, as one applies it: in one transaction. */
export async function onboardingSql(): Promise<string> {
  return `begin; ${await readFile(file, 'utf8')}; commit;`;
}

/** A database of the company's with its Data API. `before` is what stood there already; the caller removes it. */
export async function openCompany(ref: string, before = ''): Promise<TestInstance> {
  const company = await anInstance(ref);
  if (before !== '') await company.sql(before);
  await company.sql(await onboardingSql());
  return company;
}

/** The same for one test. */
export async function aCompany(ref: string, before = ''): Promise<TestInstance> {
  const company = await openCompany(ref, before);
  onTestFinished(() => company.remove());
  return company;
}

export const REQUEST = '0b0e2c7e-0000-4000-8000-000000000001';

/** What the company's form writes, as SQL. */
export function requestSql(row: Readonly<Record<string, string>>): string {
  const all = { id: REQUEST, agency_name: 'Acme Studio', owner_email: 'owner@acme.example', ...row };
  const values = Object.values(all).map((value) => `'${value.replaceAll("'", "''")}'`);
  return `insert into public.agency_onboarding_requests (${Object.keys(all).join(', ')}) values (${values.join(', ')});`;
}

/** A token as the auth service issues it to somebody who signed in, with these metadata. */
export function tokenOf(company: TestInstance, appMetadata: object, userMetadata: object = {}): Promise<string> {
  const claims = { app_metadata: appMetadata, user_metadata: userMetadata };
  const session = { sub: '00000000-0000-4000-8000-00000000000a', aud: 'authenticated', role: 'authenticated' };
  return signJwt({ ...session, ...claims, iat: 1, exp: 4_000_000_000 }, company.keys.jwtSecret);
}

/** supabase-js in the hands of that somebody. */
export async function signedIn(
  company: TestInstance,
  appMetadata: object,
  userMetadata: object = {},
): Promise<SupabaseClient> {
  const token = await tokenOf(company, appMetadata, userMetadata);
  return company.client(company.keys.publishable, { Authorization: `Bearer ${token}` });
}

/** The way to a company's database, as the product's requests go. */
export interface Road {
  readonly fetch: typeof globalThis.fetch;
  /** Each request as `PATCH /rest/v1/provisioning_jobs?…`, with its body. */
  readonly sent: { readonly call: string; readonly body: string }[];
  /** Called before a request arrives. An answer stands in for the database's. */
  before(call: string): Promise<Response | undefined> | Response | undefined;
  /** Called once a request was served, before its answer is seen; throw to lose it. */
  after(call: string): void;
}

export const COMPANY_URL = 'https://company.supabase.example';

export function roadTo(company: TestInstance): Road {
  const road: Road = {
    sent: [],
    before: () => undefined,
    after: () => undefined,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const { pathname, search } = new URL(request.url);
      const call = `${request.method} ${pathname}${search}`;
      road.sent.push({ call, body: await request.clone().text() });
      const answer = (await road.before(call)) ?? (await company.fetch(request));
      road.after(call);
      return answer;
    },
  };
  return road;
}

/** Loses the answer to the first request that begins with `call`, although the database has done it. */
export function loseFirst(road: Road, call: string): void {
  let lost = false;
  road.after = (one) => {
    if (lost || !one.startsWith(call)) return;
    lost = true;
    throw new TypeError('fetch failed', { cause: new Error('read ECONNRESET') });
  };
}
