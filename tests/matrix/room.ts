import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Variables } from '../../action/src/environment.ts';
import type { Status } from '../../action/src/manifest/schema.ts';
import { readStatus as readStatusOf, spliceStatus } from '../../action/src/manifest/status.ts';

/** The one agency of every case. */
export const SLUG = 'acme-studio';
export const OWNER = 'owner@acme.example';

const FILE = `agencies/${SLUG}.yaml`;

const fleet = ({ SUPABASE_ORG_ID, VERCEL_TEAM_ID }: Variables) => `apiVersion: provisioner/v1
kind: Fleet
spec:
  repository: example/agency-control-room
  supabase: { organization: ${SUPABASE_ORG_ID} }
  vercel: { team: ${VERCEL_TEAM_ID} }
  app: { repository: example/agency-app, ref: v1.4.0, framework: nextjs }
  namePrefix: pf
  mail: { from: Agency Platform <welcome@mail.example>, support: support@mail.example }
  defaults: { region: us-east-1, size: micro }
  secrets:
    - { name: AGENCY_MAPS_KEY, agencies: [${SLUG}] }
`;

/** What people wrote; it must stand so, byte for byte, after every case. */
export const WRITTEN = `# yaml-language-server: $schema=./agency.schema.json
apiVersion: provisioner/v1
kind: Agency
metadata:
  name: ${SLUG}
  uid: k7c1e4b9
spec:
  displayName: "Acme Studio"   # as on their letters
  owner: { email: ${OWNER}, name: Acme Owner }
  env:
    FEATURE_INVOICES: "on"
    MAPS_KEY: { secret: AGENCY_MAPS_KEY }
`;

const MIGRATIONS = join(import.meta.dirname, '..', '..', 'migrations', 'agency');

/** A control room with one agency that was just merged, and the migrations of this repository. */
export async function makeRoom(dir: string, variables: Variables): Promise<void> {
  await mkdir(join(dir, 'agencies'), { recursive: true });
  await Promise.all([
    writeFile(join(dir, 'fleet.yaml'), fleet(variables)),
    writeFile(join(dir, FILE), WRITTEN),
    cp(MIGRATIONS, join(dir, 'migrations', 'agency'), { recursive: true }),
  ]);
}

/** The manifest as it stands now. */
export function readManifest(dir: string): Promise<string> {
  return readFile(join(dir, FILE), 'utf8');
}

/** What the provisioner wrote into the manifest; `undefined` while it wrote nothing. */
export async function readStatus(dir: string): Promise<Status | undefined> {
  const manifest: { status?: Status } = parse(await readManifest(dir));
  return manifest.status;
}

/** People write `more` below what stands in the spec; status stays, but for what a test changes about it. */
export async function rewrite(
  dir: string,
  more: string,
  change: (status: Status) => Status = (status) => status,
): Promise<void> {
  const status = readStatusOf({ file: FILE, text: await readManifest(dir) });
  if (!status.ok || !status.status) throw new Error(`${FILE} carries no status that can be read`);
  await writeFile(join(dir, FILE), spliceStatus(WRITTEN + more, change(status.status)));
}
