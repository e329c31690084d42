import { describe, expect, it } from 'vitest';
import { aControlForge } from '../../../tests/support/control-forge.ts';
import { branchPulls } from './branch-pulls.ts';

describe('the pull requests of a branch', () => {
  it('are all that ever were, the newest first, and none of a fork or another branch', async () => {
    const rig = await aControlForge({ as: 'app' });
    const open = async (change: string) => {
      await rig.room.push('onboard/r1', { [change]: 'x' });
      return rig.room.openPullRequest({ head: 'onboard/r1', title: change });
    };
    const closed = await open('a');
    await rig.room.closePullRequest(closed);
    const merged = await open('b');
    await rig.room.merge(merged);
    await rig.room.push('other', { c: 'x' });
    await rig.room.openPullRequest({ head: 'other', title: 'c' });
    const fork = await rig.room.fork('stranger');
    await fork.push('onboard/r1', { d: 'x' });
    await rig.room.openPullRequest({ head: 'stranger:onboard/r1', title: 'd', by: 'stranger' });

    const pulls = branchPulls(rig.repository);
    expect((await pulls('onboard/r1')).map(({ number, state, merged }) => [number, state, merged])).toEqual([
      [merged, 'closed', true],
      [closed, 'closed', false],
    ]);
    await rig.room.deleteBranch('onboard/r1');
    expect(await pulls('onboard/r1')).toHaveLength(2);
    expect(await pulls('onboard/r2')).toEqual([]);
  });

  it('are read to the last page', async () => {
    const one = {
      number: 1,
      html_url: 'https://github.example/pull/1',
      state: 'closed',
      merged_at: null,
      head: { ref: 'x', sha: 'a', repo: { full_name: 'example/control-room' } },
      base: { repo: { full_name: 'example/control-room' } },
    };
    const rig = await aControlForge({
      before: ({ url }) => Response.json(Array.from({ length: /page=3/.test(url) ? 1 : 100 }, () => one)),
    });
    expect(await branchPulls(rig.repository)('x')).toHaveLength(201);
  });
});
