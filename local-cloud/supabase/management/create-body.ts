import { z } from 'zod';

const regions = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ap-east-1',
  'ap-southeast-1',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-southeast-2',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eu-north-1',
  'eu-central-1',
  'eu-central-2',
  'ca-central-1',
  'ap-south-1',
  'sa-east-1',
] as const;

const sizes = [
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

/** Where a smart group lands, as long as there is room. */
const smartGroups = { americas: 'us-east-1', emea: 'eu-central-1', apac: 'ap-southeast-1' } as const;

const regionSelection = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('specific'), code: z.enum(regions) }),
  z.strictObject({ type: z.literal('smartGroup'), code: z.enum(['americas', 'emea', 'apac']) }),
]);

/** V1CreateProjectBody. Deprecated members are taken and ignored, as the vendor does. */
export const createBody = z
  .strictObject({
    db_pass: z.string(),
    name: z.string().max(256),
    organization_slug: z.string().regex(/^[\w-]+$/),
    organization_id: z.string().optional(),
    plan: z.enum(['free', 'pro']).optional(),
    region: z.enum(regions).optional(),
    region_selection: regionSelection.optional(),
    kps_enabled: z.boolean().optional(),
    desired_instance_size: z.enum(sizes).optional(),
    template_url: z.url().optional(),
    release_channel: z.enum(['internal', 'alpha', 'beta', 'ga', 'withdrawn', 'preview']).optional(),
    postgres_engine: z.enum(['15', '17', '17-oriole']).optional(),
    high_availability: z.boolean().optional(),
  })
  .refine((body) => body.region === undefined || body.region_selection === undefined, {
    path: ['region_selection'],
    error: 'Only one of region or region_selection can be specified',
  });

/** The region that a create body ends up in. */
export function regionOf(body: z.infer<typeof createBody>): string {
  const selection = body.region_selection;
  if (selection === undefined) return body.region ?? smartGroups.americas;
  return selection.type === 'specific' ? selection.code : smartGroups[selection.code];
}
