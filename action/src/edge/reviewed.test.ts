import { describe, expect, test } from 'vitest';
import { anAgency, fleetText } from '../../../tests/support/agency-manifest.ts';
import { aControlForge } from '../../../tests/support/control-forge.ts';
import { gitData } from '../forge/git-data.ts';
import { headRoom } from '../record/head.ts';
import type { Workflow, WorkflowEvent } from '../workflow.ts';
import { reviewedBy } from './reviewed.ts';

const acme = anAgency('acme');
const adopting = acme.with({}, { adopt: { 'vercel.project': 'prj_1' } });

async function aMerge() {
  const fleet = fleetText({ SUPABASE_ORG_ID: 'org', VERCEL_TEAM_ID: 'team_x' }, { repository: 'example/control-room' });
  const rig = await aControlForge({ files: { 'fleet.yaml': fleet } });
  const before = (await rig.room.head()) ?? '';
  const after = await rig.room.push('main', { [adopting.file]: adopting.text() });
  const room = headRoom({ git: gitData(rig.repository), branch: 'main' });
  await room.read();
  const ports = {
    revisions: async (refs: ReadonlySet<string>) => new Map([...refs].map((ref) => [ref, 'c'.repeat(40)])),
    clock: rig.clock,
    signal: new AbortController().signal,
  };
  const agreed = async (event: WorkflowEvent) => {
    const workflow: Workflow = { runId: '1', attempt: 1, url: 'https://github.test', sha: after, event };
    const permits = await reviewedBy(workflow, room, ports);
    return Object.fromEntries([...permits].map(([slug, acts]) => [slug, [...acts]]));
  };
  return { before, after, agreed };
}

describe('what a run agreed to', () => {
  test('is what its merge shows', async () => {
    const { before, after, agreed } = await aMerge();
    expect(await agreed({ name: 'push', before, after, forced: false })).toEqual({
      acme: ['vercel.project:adopt:prj_1'],
    });
  });

  test('is nothing on a schedule, after a forced push, and for a commit that is gone', async () => {
    const { before, after, agreed } = await aMerge();
    expect(await agreed({ name: 'other', called: 'schedule' })).toEqual({});
    expect(await agreed({ name: 'push', before, after, forced: true })).toEqual({});
    expect(await agreed({ name: 'push', before: 'e'.repeat(40), after, forced: false })).toEqual({});
  });
});
