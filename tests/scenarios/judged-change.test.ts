import { execFileSync } from 'node:child_process';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';

const [kept, deleted, edited] = [anAgency('kept-agency'), anAgency('deleted-agency'), anAgency('edited-agency')];
let room: ControlRoom;

function git(...args: string[]): void {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.test', '-c', 'commit.gpgsign=false'];
  execFileSync('git', ['-C', room.dir, ...identity, ...args]);
}

beforeAll(async () => {
  room = await openControlRoom();
  for (const agency of [kept, deleted, edited]) await room.write(agency);
  expect((await room.apply()).report.result).toBe('done');
  git('init', '--quiet', '--initial-branch=main');
  git('add', 'agencies', 'fleet.yaml', 'migrations');
  git('commit', '--quiet', '--message', 'three agencies');
});

describe('a plan of a change', () => {
  it('finds nothing where only the wish changed', async () => {
    await room.write(kept.with({}, { env: { FEATURE: 'on' } }));
    const { report } = await room.plan([], { base: 'main' });
    expect(report.agencies.map(({ slug, result }) => [slug, result])).toEqual([['kept-agency', 'changes']]);
  });

  it('fails for a deleted agency and an edited status, by their places, and plans the others', async () => {
    await room.remove(deleted.file);
    await room.setStatus(edited.slug, (status) => ({ ...status, outputs: {} }));
    const { report, text, events } = await room.plan([], { base: 'main' });
    expect(report.result).toBe('failed');
    expect(Object.fromEntries(report.agencies.map(({ slug, result }) => [slug, result]))).toEqual({
      'kept-agency': 'changes',
      'deleted-agency': 'failed',
      'edited-agency': 'failed',
    });
    expect(text).toContain(`${deleted.file}:1:1 the file was deleted, and its inventory still holds`);
    expect(text).toMatch(new RegExp(`${edited.file}:\\d+:1 status: it was edited by hand`));
    expect(events.filter(({ type }) => type === 'problem')).toMatchObject([
      { agency: 'deleted-agency' },
      { agency: 'edited-agency' },
    ]);
    expect((await room.plan([kept.slug], { base: 'main' })).report.result).toBe('changes');
  });

  it('fails where a migration was changed that databases hold already', async () => {
    const [file = ''] = Object.keys(await room.files()).filter((name) => name.startsWith('migrations/agency/'));
    const path = join(room.dir, file);
    const text = await readFile(path, 'utf8');
    await appendFile(path, 'create table late (id int);\n');
    const { report, text: said } = await room.plan([], { base: 'main' });
    await writeFile(path, text);
    expect(report.result).toBe('failed');
    expect(said).toContain(`${file}:1:1 the migration was changed, and agencies/`);
  });

  it('sees none of it without a base', async () => {
    const { report } = await room.plan();
    expect(report.agencies.map(({ slug, result }) => [slug, result])).toContainEqual(['kept-agency', 'changes']);
    expect(report.agencies.map(({ slug }) => slug)).not.toContain('deleted-agency');
  });
});
