import { describe, expect, test } from 'vitest';
import { anAgency, fleetText } from '../../../tests/support/agency-manifest.ts';
import { aControlForge } from '../../../tests/support/control-forge.ts';
import { gitData } from '../forge/git-data.ts';
import { headRoom } from '../record/head.ts';
import type { Workflow, WorkflowEvent } from '../workflow.ts';
import { reviewedBy } from './reviewed.ts';

const acme = anAgency('acme');
const adopting = acme.with({}, { adopt: { 'vercel.project': 'prj_1' } });

const fleet = fleetText({ SUPABASE_ORG_ID: 'org', VERCEL_TEAM_ID: 'team_x' }, { repository: 'example/control-room' });

async function aRoom(files: Readonly<Record<string, string>> = {}) {
  const rig = await aControlForge({ files: { 'fleet.yaml': fleet, ...files } });
  const git = gitData(rig.repository);
  const ports = {
    revisions: async (refs: ReadonlySet<string>) => new Map([...refs].map((ref) => [ref, 'c'.repeat(40)])),
    clock: rig.clock,
    signal: new AbortController().signal,
  };
  const agreed = async (event: WorkflowEvent) => {
    const room = headRoom({ git, branch: 'main' });
    await room.read();
    const workflow: Workflow = { runId: '1', attempt: 1, url: 'https://github.test', sha: 'd'.repeat(40), event };
    const permits = await reviewedBy(workflow, { room, git }, ports);
    return Object.fromEntries([...permits].map(([slug, acts]) => [slug, [...acts]]));
  };
  const before = (await rig.room.head()) ?? '';
  return { room: rig.room, before, agreed };
}

async function aMerge() {
  const { room, before, agreed } = await aRoom();
  return { before, after: await room.push('main', { [adopting.file]: adopting.text() }), agreed };
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

  test('is nothing once the branch was rewritten, however long the run waited', async () => {
    const { room, before, agreed } = await aRoom();
    const after = await room.push('main', { 'agencies/README.md': 'merged\n' });
    await room.push('main', { [adopting.file]: adopting.text() }, { force: true, from: before });
    expect(await agreed({ name: 'push', before, after, forced: false })).toEqual({});
  });

  test('is nothing where the merge left no fleet.yaml and somebody put it back since', async () => {
    const { room, before, agreed } = await aRoom();
    const after = await room.push('main', { 'fleet.yaml': null, [adopting.file]: adopting.text() });
    await room.push('main', { 'fleet.yaml': fleet });
    expect(await agreed({ name: 'push', before, after, forced: false })).toEqual({});
  });

  test('is the same for its rerun, when the status of the agency was recorded meanwhile', async () => {
    const { room, before, agreed } = await aRoom();
    const after = await room.push('main', { [adopting.file]: adopting.text() });
    const status = `status: ${JSON.stringify({ resources: { 'supabase.project': { id: 'abcdefghijklmnopqrst' } } })}\n`;
    await room.push('main', { [adopting.file]: `${adopting.text()}${status}` });
    expect(await agreed({ name: 'push', before, after, forced: false })).toEqual({
      acme: ['vercel.project:adopt:prj_1'],
    });
  });

  test('is nothing for an agency whose status the merge rewrote: one merge does not destroy', async () => {
    const resources = { 'supabase.project': { id: 'abcdefghijklmnopqrst' }, 'vercel.project': { id: 'prj_1' } };
    const status = (more: object) => `status: ${JSON.stringify({ resources, ...more })}\n`;
    const active = `${acme.text()}${status({})}`;
    const destroy = { 'supabase.project': 'abcdefghijklmnopqrst', 'vercel.project': 'prj_1' };
    const retired = acme.with({}, { lifecycle: 'retired', destroy }).text();
    const { room, before, agreed } = await aRoom({ [acme.file]: active });
    const past = { retainUntil: '2020-01-01T00:00:00Z' };
    const after = await room.push('main', { [acme.file]: `${retired}${status(past)}` });
    expect(await agreed({ name: 'push', before, after, forced: false })).toEqual({});
    const earlier = await aRoom({ [acme.file]: active });
    const harmless = await earlier.room.push('main', { 'agencies/README.md': 'merged before\n' });
    await earlier.room.push('main', { [acme.file]: `${retired}${status(past)}` });
    const waiting = { name: 'push', before: earlier.before, after: harmless, forced: false } as const;
    expect((await earlier.agreed(waiting)).acme ?? [], 'the run of the merge before it').toEqual([]);
    // The same words agree to it where the date was recorded before.
    const recorded = await aRoom({ [acme.file]: `${acme.with({}, { lifecycle: 'retired' }).text()}${status(past)}` });
    const destroyed = await recorded.room.push('main', { [acme.file]: `${retired}${status(past)}` });
    const event = { name: 'push', before: recorded.before, after: destroyed, forced: false } as const;
    expect((await recorded.agreed(event)).acme).toContain('supabase.project:delete:abcdefghijklmnopqrst');
  });
});
