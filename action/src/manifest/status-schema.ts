import * as z from 'zod';

const conditionSchema = z
  .strictObject({
    type: z.string().describe('Ready, Notified, and while true: Reconciling, Stalled, Drifted.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('Quoted, because True is a boolean to some YAML readers.'),
    reason: z.string().describe('One CamelCase word for programs.'),
    message: z.string().describe('One sentence for people.'),
    lastTransitionTime: z.string().describe('When the status last changed, ISO 8601.'),
  })
  .describe('One thing that is known about this agency.');

const recordedResourceSchema = z
  .record(z.string(), z.string())
  .describe('The id, an open create intent, and facts that cannot be read back, such as region, uid and fingerprints.');

/** What the provisioner writes. Strict, so that an older provisioner refuses what it would otherwise drop. */
export const statusSchema = z
  .strictObject({
    observedSpecDigest: z.string().describe('Digest of the target that was last applied with success.').exactOptional(),
    lastAppliedRevision: z.string().describe('Commit of the control room that was last applied.').exactOptional(),
    startedAt: z.string().describe('When provisioning began, ISO 8601.').exactOptional(),
    completedAt: z
      .string()
      .describe('When the agency was first Ready and its owner notified, ISO 8601.')
      .exactOptional(),
    retainUntil: z
      .string()
      .describe('Of a retired agency: until when it is kept at least, ISO 8601. Recorded once, when it was retired.')
      .exactOptional(),
    conditions: z.array(conditionSchema).default([]).describe('What is known about this agency.'),
    outputs: z.record(z.string(), z.string()).default({}).describe('URLs, versions and revisions; never a secret.'),
    resources: z
      .record(z.string(), recordedResourceSchema)
      .default({})
      .describe('The inventory: what exists at the vendors, by address.'),
  })
  .describe('Written by the provisioner. Do not edit: a pull request that changes it is refused.');

export type Status = z.output<typeof statusSchema>;
export type Condition = z.output<typeof conditionSchema>;
export type RecordedResource = Record<string, string>;
