import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import type { ControlRoom } from './control-room.ts';

/** What stands in a welcome mail. */
export interface Welcome {
  readonly id: string;
  readonly address: string;
  readonly login: string;
  readonly password: string;
  /** The whole mail, as Resend shows it. */
  readonly raw: string;
}

/** Every welcome mail to an address, oldest first. */
export async function mailsTo(room: ControlRoom, email: string): Promise<Welcome[]> {
  const { mails } = await room.state();
  const own = mails.filter(({ to }) => to.includes(email)).toSorted((a, b) => (a.at < b.at ? -1 : 1));
  return Promise.all(own.map(({ id }) => readMail(room, id)));
}

/** The only welcome mail to an address. */
export async function mailTo(room: ControlRoom, email: string): Promise<Welcome> {
  const [mail, ...others] = await mailsTo(room, email);
  if (mail && others.length === 0) return mail;
  throw new Error(`${email} got ${mail ? others.length + 1 : 0} mails`);
}

async function readMail(room: ControlRoom, id: string): Promise<Welcome> {
  const { RESEND_BASE_URL: url, RESEND_API_KEY: key } = room.variables;
  const headers = { authorization: `Bearer ${key}` };
  const raw = await (await room.cloud.fetch(new Request(`${url}/emails/${id}`, { headers }))).text();
  const { text = '' } = JSON.parse(raw) as { text?: string };
  const line = (name: string) => new RegExp(`^${name}: (.+)$`, 'm').exec(text)?.[1] ?? '';
  return { id, address: line('Address'), login: line('Login'), password: line('Temporary password'), raw };
}

/** Asks a vendor as a person with the account's own token would; gives the parsed answer, fails on a refusal. */
export async function asPerson(
  room: ControlRoom,
  vendor: 'supabase' | 'vercel',
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const { variables } = room;
  const supabase = vendor === 'supabase';
  const token = supabase ? variables.SUPABASE_ACCESS_TOKEN : variables.VERCEL_TOKEN;
  const url = new URL(`${supabase ? variables.SUPABASE_API_URL : variables.VERCEL_API_URL}${path}`);
  if (!supabase) url.searchParams.set('teamId', variables.VERCEL_TEAM_ID ?? '');
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const answer = await room.cloud.fetch(new Request(url, init));
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** Rows of a statement in the database of an agency. */
export async function sql(room: ControlRoom, ref: string, query: string): Promise<Record<string, unknown>[]> {
  const rows = await asPerson(room, 'supabase', 'POST', `/v1/projects/${ref}/database/query`, { query });
  return rows as Record<string, unknown>[];
}

/** What an agency's instance is reached by. */
export interface Instance {
  readonly ref: string;
  readonly url: string;
  readonly userId: string;
  readonly publishableKey: string;
  readonly secretKey: string;
}

/** By what status recorded, and the keys that the vendor shows to the account's owner. */
export async function instanceOf(room: ControlRoom, slug: string): Promise<Instance> {
  const { outputs, resources } = await room.status(slug);
  const ref = resources['supabase.project']?.id ?? '';
  const keys = await asPerson(room, 'supabase', 'GET', `/v1/projects/${ref}/api-keys?reveal=true`);
  const key = (type: string) =>
    (keys as { type: string; api_key: string }[]).find((one) => one.type === type)?.api_key ?? '';
  return {
    ref,
    url: outputs.supabaseUrl ?? '',
    userId: resources['supabase.owner']?.id ?? '',
    publishableKey: key('publishable'),
    secretKey: key('secret'),
  };
}

/** The real supabase-js, as an app would make it. */
export function clientFor(room: ControlRoom, url: string, key: string): SupabaseClient {
  return createClient(url, key, {
    realtime: { transport: class {} as never },
    auth: { persistSession: false, autoRefreshToken: false },
    global: { fetch: (input, init) => room.cloud.fetch(new Request(input, init)) },
  });
}

/** Signs in as the app would; the client carries the session, `error` is Auth's code. */
export async function signIn(
  room: ControlRoom,
  { url, publishableKey }: Pick<Instance, 'url' | 'publishableKey'>,
  email: string,
  password: string,
) {
  const client = clientFor(room, url, publishableKey);
  const { data, error } = await client.auth.signInWithPassword({ email, password });
  return { client, userId: data.user?.id, error: error?.code };
}
