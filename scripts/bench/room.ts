import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Variables } from '../../action/src/environment.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations/agency', import.meta.url));

export interface RoomOptions {
  /** What a cloud's `environment()` gave. */
  readonly variables: Variables;
  readonly slugs: readonly string[];
  /** How many agencies a run works on at a time. */
  readonly concurrency: number;
}

/** Writes a control room with one manifest for each slug and the migrations of this repository. */
export async function makeRoom(dir: string, { variables, slugs, concurrency }: RoomOptions): Promise<void> {
  await mkdir(join(dir, 'agencies'), { recursive: true });
  await cp(MIGRATIONS, join(dir, 'migrations', 'agency'), { recursive: true });
  await writeFile(join(dir, 'fleet.yaml'), fleetOf(variables, concurrency));
  for (const [index, slug] of slugs.entries()) await writeFile(manifestPath(dir, slug), manifestOf(slug, index));
}

/** Where an agency's manifest lies. */
export function manifestPath(dir: string, slug: string): string {
  return join(dir, 'agencies', `${slug}.yaml`);
}

/** `agency-0001` and so on. */
export function slugsOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `agency-${String(index + 1).padStart(4, '0')}`);
}

const fleetOf = ({ SUPABASE_ORG_ID, VERCEL_TEAM_ID }: Variables, concurrency: number) => `apiVersion: provisioner/v1
kind: Fleet
spec:
  repository: example/agency-control-room
  supabase: { organization: ${SUPABASE_ORG_ID} }
  vercel: { team: ${VERCEL_TEAM_ID} }
  app: { repository: example/agency-app, ref: v1.4.0, framework: nextjs }
  namePrefix: pf
  mail: { from: Agency Platform <welcome@mail.example>, support: support@mail.example }
  defaults: { region: us-east-1, size: micro }
  policy: { maxCreatesPerRun: 1000 }
  concurrency: ${concurrency}
`;

const manifestOf = (slug: string, index: number) => `# yaml-language-server: $schema=./agency.schema.json
apiVersion: provisioner/v1
kind: Agency
metadata:
  name: ${slug}
  uid: ${uidOf(index)}
spec:
  displayName: "Agency ${index + 1}"   # as on their letters
  owner: { email: owner-${index + 1}@agency.example, name: Owner ${index + 1} }
  env:
    FEATURE_INVOICES: "on"
`;

/** Eight signs, the first a letter: what `provision new` would draw by chance. */
export function uidOf(index: number): string {
  return `k${index.toString(36).padStart(7, '0')}`;
}
