import { beforeAll, describe, expect, it } from 'vitest';
import { anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';
import { mailsTo } from '../support/people.ts';

const [first, second] = [anAgency('acme-studio'), anAgency('beta-works')];
let room: ControlRoom;

beforeAll(async () => {
  room = await openControlRoom({ quota: 1 });
  await room.write(first);
  const { report, text } = await room.apply();
  expect(report.result, text).toBe('done');
});

describe('promise 6: a quota never leads to anything shared', () => {
  it('fails the agency that no project is left for, and names the quota', async () => {
    await room.write(second);
    room.forget();
    const { report, text } = await room.apply();
    expect(report.result).toBe('failed');
    const error = report.agencies
      .find(({ slug }) => slug === 'beta-works')
      ?.execution?.outcomes.find(({ address }) => address === 'supabase.project')?.error;
    expect(error).toMatchObject({
      class: 'provider',
      message: expect.stringContaining('maximum limits for the number of active free projects'),
      remedy: 'Raise the plan or quota at supabase, and run again. Nothing shared is used in its place.',
    });
    expect(text.trimEnd().split('\n').at(-1)).toContain('Failed: beta-works: supabase: create project failed');
  });

  it('gave it no database, no variables, no deployment and no mail', async () => {
    const ref = (await room.status('acme-studio')).resources['supabase.project']?.id ?? '';
    expect(ref).not.toBe('');
    const { projects, deployments, users } = await room.state();
    expect([projects.length, deployments.length, users.length]).toEqual([1, 1, 1]);
    expect(room.sent().filter(({ path, body }) => path.includes(ref) || body.includes(ref))).toEqual([]);
    expect(await mailsTo(room, second.owner.email)).toEqual([]);
    const { resources, conditions } = await room.status('beta-works');
    expect(Object.values(resources).map(({ id }) => id)).not.toContain(ref);
    expect(conditions[0]).toMatchObject({ type: 'Ready', status: 'False', reason: 'VendorFailed' });
  });

  it('left the first agency Ready and untouched', async () => {
    const { conditions } = await room.status('acme-studio');
    expect(conditions.map(({ type, status }) => [type, status])).toEqual([
      ['Ready', 'True'],
      ['Notified', 'True'],
    ]);
    room.forget();
    expect((await room.apply(['acme-studio'])).report.agencies[0]?.result).toBe('unchanged');
    expect(room.writes()).toEqual([]);
  });

  it('asks for a project again with the next run, and for nothing else', async () => {
    room.forget();
    expect((await room.apply()).report.result).toBe('failed');
    expect(room.writes()).toEqual(['POST /supabase/v1/projects']);
    expect((await room.state()).projects).toHaveLength(1);
  });
});
