import type { Target } from '../../action/src/manifest/target.ts';

/** A target of an agency that runs, with nothing special about it. */
export const aTarget = (over: Partial<Target> = {}): Target => ({
  slug: 'acme',
  uid: '7c1e4b90',
  displayName: 'Acme',
  owner: { email: 'owner@acme.example', name: 'Owner' },
  supabaseName: 'pf-acme-7c1e4b90',
  vercelName: 'pf-acme',
  organization: 'org',
  team: 'team_1',
  region: 'us-east-1',
  size: 'micro',
  app: { repository: 'example/app', ref: 'v1', revision: 'c0ffee' },
  env: {},
  instanceEnv: { supabaseUrl: 'URL', publishableKey: 'KEY', agencyName: 'NAME', projectId: 'REF' },
  healthPath: '/',
  mail: { from: 'welcome@mail.example', support: 'support@mail.example' },
  lifecycle: 'active',
  schema: { version: '', files: [] },
  adopt: {},
  recreate: {},
  destroy: {},
  retentionDays: 30,
  known: { retainUntil: undefined, instanceUrl: undefined },
  ...over,
});
