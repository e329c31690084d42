import { createHash } from 'node:crypto';
import type { Variables } from '../../action/src/environment.ts';

/** What a manifest of a test says; everything but the slug has a good value already. */
export interface AgencyWish {
  readonly slug: string;
  readonly uid: string;
  readonly displayName: string;
  readonly owner: { readonly email: string; readonly name: string };
  /** As it would stand in the file: `region`, `env`, `app`, `adopt`, `recreate`, … */
  readonly more: Readonly<Record<string, unknown>>;
}

/** A manifest in the making. */
export interface Agency extends AgencyWish {
  readonly file: string;
  /** What its Supabase and its Vercel project are called. */
  readonly supabaseName: string;
  readonly vercelName: string;
  with(over: Partial<Omit<AgencyWish, 'slug' | 'more'>>, more?: AgencyWish['more']): Agency;
  /** The file's text, without status. */
  text(): string;
}

/** A good manifest; `with` gives another one that differs in what is named. */
export function anAgency(slug = 'acme-studio'): Agency {
  const uid = createHash('sha1').update(slug).digest('hex').slice(0, 8);
  const owner = { email: `owner@${slug}.example`, name: `Owner of ${slug}` };
  return fromWish({ slug, uid, owner, displayName: `The ${slug} agency`, more: {} });
}

function fromWish(wish: AgencyWish): Agency {
  return {
    ...wish,
    file: `agencies/${wish.slug}.yaml`,
    supabaseName: `pf-${wish.slug}-${wish.uid}`,
    vercelName: `pf-${wish.slug}`,
    with: (over, more = {}) => fromWish({ ...wish, ...over, more: { ...wish.more, ...more } }),
    text: () => textOf(wish),
  };
}

/** JSON is YAML, which keeps every value of a test as it was meant. */
function textOf({ slug, uid, displayName, owner, more }: AgencyWish): string {
  return [
    '# yaml-language-server: $schema=./agency.schema.json',
    'apiVersion: provisioner/v1',
    'kind: Agency',
    'metadata:',
    `  name: ${slug}`,
    `  uid: ${JSON.stringify(uid)}`,
    'spec:',
    `  displayName: ${JSON.stringify(displayName)}`,
    `  owner: ${JSON.stringify(owner)}`,
    ...Object.entries(more).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`),
    '',
  ].join('\n');
}

/** fleet.yaml for the accounts that the variables name; `over` replaces members of its spec. */
export function fleetText(variables: Variables, over: Readonly<Record<string, unknown>> = {}): string {
  const spec = {
    repository: 'example/agency-control-room',
    supabase: { organization: variables.SUPABASE_ORG_ID },
    vercel: { team: variables.VERCEL_TEAM_ID },
    app: { repository: 'example/agency-app', ref: 'v1.4.0', framework: 'nextjs' },
    namePrefix: 'pf',
    mail: { from: 'Agency Platform <welcome@mail.example>', support: 'support@mail.example' },
    defaults: { region: 'us-east-1', size: 'micro' },
    secrets: [{ name: 'AGENCY_MAPS_KEY', agencies: 'all' }],
    ...over,
  };
  return `apiVersion: provisioner/v1\nkind: Fleet\nspec: ${JSON.stringify(spec)}\n`;
}
