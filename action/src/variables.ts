import * as z from 'zod';
import { Secret } from './lib/secret.ts';

/** What a variable is for and where one gets it: what a person needs to know who has to set it. */
export interface About {
  readonly purpose: string;
  readonly where: string;
}

const generate = 'Generate one with: openssl rand -hex 32. Keep it; passwords and fingerprints derive from it.';

/** Every variable that this program reads, `AGENCY_*` apart. */
export const ABOUT: Readonly<Record<string, About>> = {
  SUPABASE_ACCESS_TOKEN: {
    purpose: 'signs in to the Supabase Management API',
    where: 'Create one at https://supabase.com/dashboard/account/tokens.',
  },
  SUPABASE_ORG_ID: {
    purpose: 'the slug of the Supabase organization, instead of the one in fleet.yaml',
    where: 'It is the last part of the address of the organization’s dashboard.',
  },
  SUPABASE_API_URL: {
    purpose: 'where the Supabase Management API is',
    where: 'Leave it out for https://api.supabase.com.',
  },
  SUPABASE_PROJECT_URL: {
    purpose: 'the address of a Supabase project, with {ref} in it',
    where: 'Leave it out for https://{ref}.supabase.co.',
  },
  VERCEL_TOKEN: {
    purpose: 'signs in to the Vercel API',
    where: 'Create one for the team at https://vercel.com/account/settings/tokens.',
  },
  VERCEL_TEAM_ID: {
    purpose: 'the id of the Vercel team, instead of the one in fleet.yaml',
    where: 'It stands in the team’s settings under General.',
  },
  VERCEL_API_URL: { purpose: 'where the Vercel API is', where: 'Leave it out for https://api.vercel.com.' },
  INSTANCE_URL: {
    purpose: 'the address of an agency’s app, with {host} in it',
    where: 'Leave it out for https://{host}.',
  },
  RESEND_API_KEY: {
    purpose: 'sends the welcome mail through Resend',
    where: 'Create one with sending access at https://resend.com/api-keys.',
  },
  RESEND_BASE_URL: { purpose: 'where the Resend API is', where: 'Leave it out for https://api.resend.com.' },
  GITHUB_TOKEN: {
    purpose: 'reads which commit the app’s ref stands for, and in a workflow the pull request and writes to it',
    where: 'GitHub Actions provides it; elsewhere a token that may read the contents of the app repository.',
  },
  GITHUB_SERVER_URL: { purpose: 'where people look at GitHub', where: 'Leave it out for https://github.com.' },
  PROVISIONER_APP_CLIENT_ID: {
    purpose: 'names the GitHub App that acts instead of GITHUB_TOKEN',
    where: 'It stands in the App’s settings under General, as Client ID.',
  },
  PROVISIONER_APP_PRIVATE_KEY: {
    purpose: 'signs in as that App',
    where: 'Generate one in the App’s settings under Private keys; the whole PEM file is the value.',
  },
  GITHUB_API_URL: { purpose: 'where the GitHub API is', where: 'Leave it out for https://api.github.com.' },
  GITHUB_REPOSITORY: {
    purpose: 'the repository of this control room, as owner/name',
    where:
      'GitHub Actions provides it; at a command line set it for --pull-request and --record commit, else leave it out.',
  },
  CONTROL_PLANE_SUPABASE_URL: {
    purpose: 'where the company’s own database is, which onboarding requests come from and go on in',
    where: 'It is the URL of that Supabase project; leave both out when there is none.',
  },
  CONTROL_PLANE_SUPABASE_SECRET_KEY: {
    purpose: 'reads and writes onboarding requests there',
    where: 'It is a secret key (sb_secret_…) of that project, under Settings, API keys.',
  },
  PROVISIONER_SECRET: { purpose: 'the root of everything that is derived instead of stored', where: generate },
  PROVISIONER_SECRET_PREVIOUS: {
    purpose: 'the secret before the last rotation, while status still names it',
    where: 'It is what PROVISIONER_SECRET was before.',
  },
  PROVISIONER_TIME_SCALE: {
    purpose: 'how many real milliseconds one of the vendors’ takes',
    where: 'Leave it out against the real vendors; the local cloud prints its own.',
  },
};

const NOT_SET = { error: 'is not set' };
const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** A credential; a secret from here on. Its text stands in no message, however wrong it is. */
export function credential(least: number) {
  return z
    .string(NOT_SET)
    .regex(/^[!-~]*$/, { error: 'contains a space, a line break or a letter outside ASCII; copy it anew' })
    .min(least, { error: `is shorter than ${least} characters` })
    .transform((value) => new Secret(value));
}

/** A key as PEM, whose line breaks may be written as `\\n`. */
export const privateKey = z
  .string(NOT_SET)
  .regex(/^\s*-----BEGIN (?:RSA )?PRIVATE KEY-----[\sA-Za-z0-9+/=\\]+-----END (?:RSA )?PRIVATE KEY-----\s*$/, {
    error: 'is no private key in PEM form; copy the whole file, with its first and last line',
  })
  .transform((value) => new Secret(value));

/** A key of a Supabase project that may write. With one that anybody may have, every write would silently do nothing. */
export const secretKey = z
  .string(NOT_SET)
  .refine((value) => !isPublic(value), { error: 'is a key for browsers; take a secret key' })
  .pipe(credential(20));

/** A publishable key, or the legacy one: a JWT whose role is anon. */
function isPublic(key: string): boolean {
  if (key.startsWith('sb_publishable_')) return true;
  const [, claims = ''] = key.split('.');
  return /"role"\s*:\s*"anon"/.test(Buffer.from(claims, 'base64url').toString());
}

/** The base URL of an API that is sent credentials; without a slash at its end. */
export const baseUrl = z
  .string()
  .superRefine((value, context) => {
    const wrong = complaintAbout(value);
    if (wrong) context.addIssue(wrong);
  })
  .transform((value) => value.replace(/\/+$/, ''));

export function apiUrl(standard: string) {
  return baseUrl.default(standard);
}

/** A URL with a place that is filled in later, such as `https://{ref}.supabase.co`. */
export function urlTemplate(place: string, standard: string) {
  return z
    .string()
    .superRefine((value, context) => {
      const wrong = value.includes(place) ? complaintAbout(value.replaceAll(place, 'a')) : `does not contain ${place}`;
      if (wrong) context.addIssue(wrong);
    })
    .transform((value) => value.replace(/\/+$/, ''))
    .default(standard);
}

export const timeScale = z
  .string()
  .transform(Number)
  .refine((value) => Number.isFinite(value) && value > 0, { error: 'is not a positive number' })
  .default(1);

export const vendorName = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, {
  error: 'may hold letters, digits, underscores and hyphens only',
});

export const repository = z.string(NOT_SET).regex(/^[A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9._-]+$/, {
  error: 'is not of the form owner/name',
});

function complaintAbout(value: string): string | undefined {
  if (!URL.canParse(value)) return 'is not a URL';
  const { protocol, hostname, username, password, search, hash } = new URL(value);
  if (protocol !== 'https:' && protocol !== 'http:') return 'is not an http(s) URL';
  if (protocol === 'http:' && !LOOPBACK.test(hostname)) {
    return 'is http:// to another machine, where anybody on the way could read the credentials; use https://';
  }
  if (username || password) return 'contains a user name or password; put credentials into their own variables';
  return search || hash ? 'contains a query or a fragment; give the base address only' : undefined;
}
