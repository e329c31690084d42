import * as z from 'zod';
import * as field from './fields.ts';
import { fleetSchema } from './fleet-schema.ts';
import { type Condition, type RecordedResource, type Status, statusSchema } from './status-schema.ts';

export type { EnvValue } from './fields.ts';
export type { Fleet } from './fleet-schema.ts';
export type { Condition, RecordedResource, Status };
export { fleetSchema, statusSchema };

const metadata = z
  .strictObject({
    name: field.slug.describe(
      'The slug: the name of this file without .yaml. It becomes part of the URL and of every name and never changes.',
    ),
    uid: field
      .form(/^[a-z0-9]{8,12}$/, '8 to 12 small letters and digits')
      .describe('Random, made with this file, never changed and never used again for another agency.'),
  })
  .describe('Who this is. Nothing here ever changes.');

const owner = z
  .strictObject({
    email: field.mailAddress.describe('Where the welcome mail goes and what the owner signs in with.'),
    name: field.personalName.describe('How the owner is addressed.'),
  })
  .describe('The person who gets the first account of the instance, with the role admin.');

const spec = z
  .strictObject({
    displayName: field.personalName.describe('What the agency calls itself; shown in its app and in its mail.'),
    owner,
    requestId: field
      .form(/^[A-Za-z0-9_-]{1,64}$/, 'the id of an onboarding request')
      .describe('The onboarding request that this agency came from, when there is one.')
      .exactOptional(),
    region: field.region
      .describe('Where its database stands. Cannot change after create. Default: the fleet’s.')
      .exactOptional(),
    size: field.size.describe('The size of its database server. Default: the fleet’s.').exactOptional(),
    app: z
      .strictObject({ ref: field.gitRef.describe('Tag, branch or commit to deploy for this agency.') })
      .describe('Overrides which revision of the app this agency runs.')
      .exactOptional(),
    env: field.env
      .describe('Environment variables of its app, over those of the fleet: strings, or { secret: NAME }.')
      .exactOptional(),
    lifecycle: z
      .enum(['active', 'suspended', 'retired'])
      .default('active')
      .describe(
        'active: it runs. suspended: its app is paused and sign-in refused; all its data is kept. retired: as suspended, and it may be destroyed once status.retainUntil has passed.',
      ),
    adopt: z
      .partialRecord(field.owned, z.string().min(1))
      .describe('Takes over a thing that is not ours, by address and exact id. Dangerous: shown as such in the plan.')
      .exactOptional(),
    recreate: z
      .partialRecord(field.owned, z.string().min(1))
      .describe(
        'Creates a recorded thing that vanished anew, empty, by address and the id that is gone. Dangerous. It permits once: what is created has another id.',
      )
      .exactOptional(),
    destroy: z
      .record(field.address, z.string().min(1))
      .describe(
        'Destroys a retired agency for good, by address and exact id of its Supabase and its Vercel project. Dangerous. Only after status.retainUntil.',
      )
      .exactOptional(),
  })
  .describe('What is wished. People write this.');

/** One file of agencies/, as people and the provisioner write it. */
export const agencySchema = z
  .strictObject({
    apiVersion: z.literal('provisioner/v1').describe('The version of this format.'),
    kind: z.literal('Agency').describe('What this file describes.'),
    metadata,
    spec,
    status: statusSchema.exactOptional(),
  })
  .describe('One agency: what is wished of it (spec, by people) and what is known of it (status, by the provisioner).');

export type AgencyManifest = z.output<typeof agencySchema>;
