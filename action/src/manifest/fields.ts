import * as z from 'zod';
import { explainMail, mailPattern } from './mail.ts';
import { explainSlug, slugPattern } from './slug.ts';
import { findHidden, quote, tell } from './text.ts';

/** Vercel: names and values of one deployment together, https://vercel.com/docs/environment-variables (2026-04). */
export const ENV_LIMIT_BYTES = 65_536;

/**
 * The regions that `POST /v1/projects` accepts (Supabase Management API, 2026-11; a closed enum there). Closed here
 * too: a region cannot change after create, so a slip must show in the pull request, where no vendor can be asked.
 */
export const REGIONS = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ca-central-1',
  'sa-east-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eu-north-1',
  'eu-central-1',
  'eu-central-2',
  'ap-south-1',
  'ap-east-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-northeast-1',
  'ap-northeast-2',
] as const;

/** The values of `desired_instance_size` (Supabase Management API, 2026-11). */
export const SIZES = [
  'nano',
  'micro',
  'small',
  'medium',
  'large',
  'xlarge',
  '2xlarge',
  '4xlarge',
  '8xlarge',
  '12xlarge',
  '16xlarge',
  '24xlarge',
  '24xlarge_optimized_memory',
  '24xlarge_optimized_cpu',
  '24xlarge_high_memory',
  '48xlarge',
  '48xlarge_optimized_memory',
  '48xlarge_optimized_cpu',
  '48xlarge_high_memory',
] as const;

/** A string of a given form; `expected` completes "use …". */
export function form(pattern: RegExp, expected: string) {
  return z.string().regex(pattern, {
    error: (issue) => tell(`${quote(issue.input)} is not allowed here`, `use ${expected}`),
  });
}

export const slug = z.string().regex(slugPattern, { error: (issue) => explainSlug(String(issue.input)) });

export const mailAddress = z.string().regex(mailPattern, { error: (issue) => explainMail(String(issue.input)) });

/** A name of a person or a company: one line of up to 100 characters that a reader can see. */
export const personalName = z
  .string()
  .max(100, {
    error: (issue) =>
      tell(`it is ${String(issue.input).length} characters long`, 'shorten it to at most 100 characters'),
  })
  .regex(/^[^\r\n\t]*$/, { error: tell('it contains a line break or a tab', 'write it on one line') })
  .regex(/\S/, { error: tell('it is empty', 'give it a name') })
  .regex(/^(?!.*\$\{\{)/s, { error: tell('it contains "${{", which GitHub would evaluate', 'leave "${{" out') })
  .refine((text) => findHidden(text) === undefined, {
    error: (issue) => tell(`it contains ${findHidden(String(issue.input))?.name}`, 'remove that character'),
  });

export const region = z.enum(REGIONS);
export const size = z.enum(SIZES);

export const gitRef = form(
  /^(?![-./])(?!.*(?:\.\.|\/\/|@\{|\.lock$))[A-Za-z0-9._/+@-]{1,200}(?<![./])$/,
  'a tag, branch or commit of the app repository',
);

export const envKey = form(/^[A-Za-z_][A-Za-z0-9_]*$/, 'letters, digits and underscores, and begin with no digit');

/**
 * Frameworks build the values of such names into their pages, so that every visitor's browser gets them:
 * https://vercel.com/docs/environment-variables/framework-environment-variables (2025-07)
 */
const browserPrefix = '(?:NEXT_PUBLIC|NUXT_PUBLIC|NUXT_ENV|EXPO_PUBLIC|REACT_APP|VUE_APP|GATSBY|VITE|PUBLIC)_';
export const sentToBrowsers = new RegExp(`^${browserPrefix}`);

/** The name of a variable whose value must stay on the server. */
export const serverEnvKey = envKey.regex(new RegExp(`^(?!${browserPrefix})`), {
  error: (issue) => tell(`${quote(issue.input)} is sent to every browser`, 'choose a name that is not'),
});

export const secretName = form(/^AGENCY_[A-Z0-9_]{1,100}$/, 'capitals, digits and underscores, beginning with AGENCY_');

const literal = z
  .string()
  .max(ENV_LIMIT_BYTES, { error: tell('it is too long', 'Vercel takes at most 64 KB of env for one deployment') })
  .refine((text) => !text.includes('\u0000'), {
    error: tell('it contains a NUL character', 'remove that character; no environment variable can hold it'),
  });

const secretReference = z.strictObject({
  secret: secretName.describe('Name of an Actions secret that fleet.yaml allows for this agency.'),
});

export const envValue = z.union([literal, secretReference], {
  error: tell('it is neither a string nor { secret: NAME }', 'put it in quotes, or name a secret'),
});
export type EnvValue = z.output<typeof envValue>;

export const env = z.record(envKey, envValue);

/** A whole number within bounds, both included. */
export function count(min: number, max: number) {
  const error = (issue: { input?: unknown }) => tell(`${quote(issue.input)} is out of bounds`, `use ${min} to ${max}`);
  return z.int().min(min, { error }).max(max, { error });
}

/** `kind.name` or deeper, as `vercel.project`. */
export const address = form(/^[a-z][a-z0-9]*(?:\.[a-z0-9][A-Za-z0-9_-]*)+$/, 'an address such as supabase.project');

/** What holds data and is ours by an id or a mark: it can be taken over, or made anew where it vanished. */
export const OWNED = ['supabase.project', 'supabase.owner', 'vercel.project'] as const;

/** The address of such a thing. Closed: a slip would be passed over, and a new thing made beside the one that was meant. */
export const owned = z.enum(OWNED);
