import * as z from 'zod';

/** What a welcome mail tells its reader. */
export interface Mailed {
  readonly url: string;
  readonly email: string;
  readonly password: string;
}

const list = z.object({ data: z.array(z.object({ id: z.string(), to: z.array(z.string()) })) });
const mail = z.object({ text: z.string() });
const profile = z.object({ role: z.string() });

/** The newest mail to an address, out of Resend's own API. */
export async function mailTo(email: string, variables: Readonly<Record<string, string>>): Promise<Mailed> {
  const read = async (path: string): Promise<unknown> => {
    const headers = { authorization: `Bearer ${variables.RESEND_API_KEY}` };
    const response = await fetch(`${variables.RESEND_BASE_URL}${path}`, { headers });
    if (!response.ok) throw new Error(`the inbox answered ${response.status}`);
    return response.json();
  };
  const { data } = list.parse(await read('/emails'));
  const found = data.find(({ to }) => to.includes(email));
  if (!found) throw new Error(`no mail to ${email} has arrived`);
  return readMail(mail.parse(await read(`/emails/${found.id}`)).text);
}

/** What a person would copy out of the mail. */
export function readMail(text: string): Mailed {
  const line = (name: string) => new RegExp(`^${name}: (.+)$`, 'm').exec(text)?.[1]?.trim() ?? missing(name);
  return { url: line('Address'), email: line('Login'), password: line('Temporary password') };
}

/** Signs in as the app at that address does, with what its page says of its database, and gives the owner's role. */
export async function signIn({ url, email, password }: Mailed): Promise<string> {
  const page = await (await fetch(url)).text();
  const database = meta(page, 'supabase-url');
  // Loaded when it is needed, as everywhere else.
  const { createClient } = await import('@supabase/supabase-js');
  const client = createClient(database, meta(page, 'supabase-key'), {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    // Node 20 has no WebSocket, and nothing here listens to Realtime.
    realtime: { transport: class {} as never },
  });
  const { data, error } = await client.auth.signInWithPassword({ email, password });
  if (error) throw new Error(`${email} cannot sign in at ${url}: ${error.message}`, { cause: error });
  const own = await client.from('users').select('role').eq('id', data.user.id).single();
  if (own.error) throw new Error(`${email} cannot read their own profile: ${own.error.message}`, { cause: own.error });
  return profile.parse(own.data).role;
}

function meta(page: string, name: string): string {
  const value = new RegExp(`<meta name="${name}" content="([^"]*)">`).exec(page)?.[1];
  return value?.replaceAll('&amp;', '&') ?? missing(name);
}

function missing(name: string): never {
  throw new Error(`"${name}" cannot be found in it`);
}
