import type { RoomInput, SourceFile } from './load.ts';
import type { Status } from './schema.ts';

/** Builders for tests: each gives something good, which a test then spoils in one way. */

export const fleetText = `apiVersion: provisioner/v1
kind: Fleet
spec:
  repository: example/agency-control-room
  supabase: { organization: example-org }
  vercel: { team: team_example }
  app: { repository: example/agency-app, ref: v1.4.0 }
  namePrefix: pf
  mail: { from: Agency Platform <welcome@mail.example>, support: support@mail.example }
  defaults: { region: us-east-1, size: micro }
  secrets:
    - { name: AGENCY_MAPS_KEY, agencies: [acme-studio] }
`;

/** A manifest without status: `metadata.name` on line 5, `spec.displayName` on line 8, `spec.owner.email` on line 10. */
export function agencyText(slug = 'acme-studio', uid = 'acme1234'): string {
  return `# yaml-language-server: $schema=./agency.schema.json
apiVersion: provisioner/v1
kind: Agency
metadata:
  name: ${slug}
  uid: ${uid}
spec:
  displayName: Acme Studio
  owner:
    email: owner@acme.example
    name: Acme Owner
`;
}

export function anAgency(slug = 'acme-studio', text = agencyText(slug)): SourceFile {
  return { file: `agencies/${slug}.yaml`, text };
}

export function aRoom(changes: Partial<RoomInput> = {}): RoomInput {
  return { fleet: { file: 'fleet.yaml', text: fleetText }, agencies: [anAgency()], migrations: [], ...changes };
}

export function aStatus(changes: Partial<Status> = {}): Status {
  return {
    observedSpecDigest: `sha256:${'ab'.repeat(32)}`,
    startedAt: '2026-11-23T00:00:00.000Z',
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Accepted',
        message: 'The owner can sign in.',
        lastTransitionTime: '2026-11-23T00:02:00.000Z',
      },
    ],
    outputs: { instanceUrl: 'https://pf-acme-studio.vercel.app', schemaVersion: '20260101000000' },
    resources: { 'supabase.project': { id: 'abcdefghijklmnopqrst', region: 'us-east-1', uid: 'acme1234' } },
    ...changes,
  };
}
