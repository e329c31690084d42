import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RoomInput } from '../../action/src/manifest/load.ts';
import { reviewedPermits } from '../../action/src/review.ts';
import { anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';
import { asPerson } from '../support/people.ts';

let room: ControlRoom;

beforeAll(async () => {
  room = await openControlRoom();
});
beforeEach(async () => {
  const files = Object.keys(await room.files());
  await Promise.all(files.filter((file) => file.startsWith('agencies/')).map(room.remove));
});

/** The room as a commit would have it. */
async function commit(): Promise<RoomInput> {
  const files = Object.entries(await room.files()).map(([file, text]) => ({ file, text }));
  const within = (folder: string) => files.filter(({ file }) => file.startsWith(folder));
  const fleet = files.find(({ file }) => file === 'fleet.yaml');
  if (!fleet) throw new Error('there is no fleet.yaml');
  return { fleet, agencies: within('agencies/'), migrations: within('migrations/agency/') };
}

/** What the merge of everything since `before` agreed to, from the commits alone. */
async function agreed(before: RoomInput): Promise<Record<string, string[]>> {
  const permits = await reviewedPermits(
    { before, after: await commit() },
    {
      revisions: async (refs) => new Map([...refs].map((ref) => [ref, 'c'.repeat(40)])),
      clock: room.clock,
      signal: new AbortController().signal,
    },
  );
  return Object.fromEntries([...permits].map(([slug, acts]) => [slug, [...acts]]));
}

describe('what a merge agreed to, and what the live plan then needs, are the same acts', () => {
  it('to take over what stands in the way', async () => {
    const agency = anAgency('adopting');
    const body = { name: agency.vercelName, framework: 'nextjs' };
    const { id } = (await asPerson(room, 'vercel', 'POST', '/v11/projects', body)) as { id: string };
    const before = await commit();
    await room.write(agency.with({}, { adopt: { 'vercel.project': id } }));
    expect((await room.apply([], { reviewed: {} })).report.result).toBe('blocked');
    const reviewed = await agreed(before);
    expect(reviewed).toEqual({ adopting: [`vercel.project:adopt:${id}`] });
    const { report, text } = await room.apply([], { reviewed });
    expect(report.result, text).toBe('done');
  });

  it('to make an empty database in place of one that is gone', async () => {
    const agency = anAgency('recreating');
    await room.write(agency);
    expect((await room.apply()).report.result).toBe('done');
    const ref = (await room.status(agency.slug)).resources['supabase.project']?.id ?? '';
    await asPerson(room, 'supabase', 'DELETE', `/v1/projects/${ref}`);
    const before = await commit();
    await room.write(agency.with({}, { recreate: { 'supabase.project': ref } }));
    expect((await room.apply([], { reviewed: {} })).report.result).toBe('blocked');
    const reviewed = await agreed(before);
    expect(reviewed).toEqual({ recreating: [`supabase.project:recreate:${ref}`] });
    const { report, text } = await room.apply([], { reviewed });
    expect(report.result, text).toBe('done');
  });

  it('and an id that only another commit named is none of them', async () => {
    const agency = anAgency('elsewhere');
    await room.write(agency.with({}, { adopt: { 'vercel.project': 'prj_named_before' } }));
    const before = await commit();
    await room.write(agency.with({ displayName: 'Another' }, { adopt: { 'vercel.project': 'prj_other' } }));
    expect(await agreed(before)).toEqual({ elsewhere: ['vercel.project:adopt:prj_other'] });
  });
});
