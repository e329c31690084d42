import * as z from 'zod';
import * as field from './fields.ts';
import { findHidden, tell } from './text.ts';

const repository = field.form(
  /^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/,
  'a GitHub repository as owner/name',
);
const vendorName = field.form(/^[A-Za-z0-9_-]{1,100}$/, 'letters, digits, underscores and hyphens');
const sender = z
  .string()
  .regex(/^(?:[^\r\n<>,;:@"\\]{1,100} <[^\s<>,;]+@[^\s<>,;@]+>|[^\s<>,;]+@[^\s<>,;@]+)$/, {
    error: tell('it is not a sender', 'write it as Name <welcome@example.com>, without quotes, commas or line breaks'),
  })
  .refine((text) => findHidden(text) === undefined, {
    error: tell('it contains a character that cannot be seen', 'type it anew'),
  });

const instanceEnv = z
  .strictObject({
    supabaseUrl: field.envKey.default('NEXT_PUBLIC_SUPABASE_URL').describe('Name of the variable with the API URL.'),
    publishableKey: field.envKey
      .default('NEXT_PUBLIC_SUPABASE_ANON_KEY')
      .describe('Name of the variable with the publishable key.'),
    agencyName: field.envKey.default('AGENCY_NAME').describe('Name of the variable with the agency’s display name.'),
    projectId: field.envKey
      .default('AGENCY_SUPABASE_PROJECT_ID')
      .describe('Name of the variable with the Supabase project’s ref.'),
    secretKey: field.serverEnvKey
      .describe('Name of the variable with the secret key. Leave it out unless the app’s server needs to bypass RLS.')
      .exactOptional(),
  })
  .describe('The names under which the app gets what belongs to its instance.');

const allowedSecret = z.strictObject({
  name: field.secretName.describe('Name of the Actions secret.'),
  agencies: z
    .union([z.literal('all'), z.array(field.slug).min(1)], {
      error: tell('it is neither "all" nor a list of slugs', 'write agencies: all, or agencies: [acme-studio]'),
    })
    .describe('Which agencies may use it.'),
});

const spec = z
  .strictObject({
    repository: repository.describe('The repository of this control room. A copy elsewhere touches nothing.'),
    supabase: z
      .strictObject({ organization: vendorName.describe('Slug of the Supabase organization.') })
      .describe('Where databases are created.'),
    vercel: z
      .strictObject({ team: vendorName.describe('Id (team_…) or slug of the Vercel team.') })
      .describe('Where apps are deployed.'),
    app: z
      .strictObject({
        repository: repository.describe('The repository of the app.'),
        ref: field.gitRef.describe('Tag, branch or commit that agencies run.'),
        framework: field
          .form(/^[a-z0-9-]{1,50}$/, 'a framework as Vercel names it, such as nextjs')
          .describe('Vercel’s name of the framework. Default: Vercel detects it.')
          .exactOptional(),
        rootDirectory: field
          .form(/^(?![/.])(?!.*(?:\.\.|\/\/))[A-Za-z0-9._/@-]{1,256}$/, 'a folder inside the repository')
          .describe('Folder of the app within its repository. Default: the root.')
          .exactOptional(),
      })
      .describe('What is deployed for each agency.'),
    namePrefix: field
      .form(/^[a-z][a-z0-9-]{0,9}[a-z0-9]$/, '2 to 11 small letters, digits and hyphens, beginning with a letter')
      .regex(/^(?!.*--)/, { error: tell('it contains two hyphens in a row', 'use single hyphens') })
      .describe('First part of every name at the vendors. Never change it once agencies exist.'),
    mail: z
      .strictObject({
        from: sender.describe('Sender of the welcome mail; its domain must be verified at Resend.'),
        support: field.mailAddress.describe('Where owners ask for help.'),
        admins: z
          .array(field.mailAddress)
          .max(10)
          .describe('Who is mailed when an agency fails: cause, remedy and the run, no secret.')
          .exactOptional(),
      })
      .describe('Mail to owners, and to those who look after them.'),
    defaults: z
      .strictObject({
        region: field.region.describe('Region of agencies that name none, when they are created.'),
        size: field.size.describe('Size of agencies that name none.'),
      })
      .describe('For agencies that do not say otherwise.'),
    healthPath: field
      .form(/^\/(?!\/)[A-Za-z0-9._~!$&'()*+,;=:@%/-]{0,255}$/, 'a path that begins with one slash')
      .default('/')
      .describe('The path of the app that must answer before an agency is Ready.'),
    env: field.env.default({}).describe('Environment variables of every agency’s app: strings, or { secret: NAME }.'),
    instanceEnv: instanceEnv.prefault({}),
    secrets: z.array(allowedSecret).default([]).describe('Which Actions secrets agencies may use.'),
    policy: z
      .strictObject({
        maxCreatesPerRun: field
          .count(1, 1000)
          .default(25)
          .describe('A run that would create more agencies than this stops before it creates any.'),
        retentionDays: field
          .count(1, 3650)
          .default(30)
          .describe(
            'For how many days a retired agency is kept before it may be destroyed. Counts when it is retired.',
          ),
      })
      .prefault({})
      .describe('Limits on what one run may do.'),
    concurrency: field.count(1, 64).default(8).describe('How many agencies a run works on at a time.'),
  })
  .describe('What all agencies share.');

/** fleet.yaml. */
export const fleetSchema = z
  .strictObject({
    apiVersion: z.literal('provisioner/v1').describe('The version of this format.'),
    kind: z.literal('Fleet').describe('What this file describes.'),
    spec,
  })
  .describe('What all agencies share.');

export type Fleet = z.output<typeof fleetSchema>;
