import { describe, expect, it } from 'vitest';
import { anIntakeRig, aRequest, aRow, requestTable } from '../../../tests/support/intake-rig.ts';
import { loadControlRoom } from '../manifest/load.ts';
import { type Intake, intake } from './intake.ts';

const slugsOf = (results: readonly Intake[]) => results.map((result) => ('slug' in result ? result.slug : undefined));

describe('intake', () => {
  it('makes a request a pull request that adds a good manifest and nothing else', async () => {
    const table = requestTable(aRow('r1', { region: 'eu-west-1' }));
    const rig = await anIntakeRig(table);
    const result = await intake(aRequest('r1', { region: 'eu-west-1' }), await rig.ports.room(), rig.ports);

    expect(result).toMatchObject({ state: 'opened', slug: 'acme-studio' });
    expect(await rig.added('onboard/r1')).toEqual(['agencies/acme-studio.yaml']);
    const [commit, ...older] = await rig.room.log('onboard/r1');
    expect(commit).toMatchObject({ message: expect.stringContaining('Request: r1'), verified: true });
    expect(older).toHaveLength(1);
    const files = await rig.room.files('onboard/r1');
    const room = loadControlRoom({
      fleet: { file: 'fleet.yaml', text: (await rig.room.read('fleet.yaml')) ?? '' },
      agencies: await Promise.all(
        files
          .filter((file) => file.startsWith('agencies/'))
          .map(async (file) => ({ file, text: (await rig.room.read(file, 'onboard/r1')) ?? '' })),
      ),
      migrations: [],
    });
    expect(room.problems).toEqual([]);
    expect(room.agencies.find(({ slug }) => slug === 'acme-studio')?.manifest).toMatchObject({
      metadata: { name: 'acme-studio', uid: expect.stringMatching(/^[a-z0-9]{8}$/) },
      spec: {
        displayName: 'Acme Studio',
        owner: { email: 'owner@acme.example', name: 'Acme Owner' },
        requestId: 'r1',
        region: 'eu-west-1',
      },
    });
    expect(table.row('r1')).toMatchObject({
      state: 'approved',
      slug: 'acme-studio',
      pullRequestUrl: result.pull?.url,
      errorMessage: null,
    });
  });

  it('writes nothing when it is called again', async () => {
    const rig = await anIntakeRig();
    const first = await intake(aRequest(), await rig.ports.room(), rig.ports);
    const sent = rig.sent.length;
    const again = await intake(aRequest(), await rig.ports.room(), rig.ports);
    expect(again).toMatchObject({ state: 'open', slug: 'acme-studio', pull: { number: first.pull?.number } });
    expect(rig.sent.slice(sent).every((line) => line.startsWith('GET '))).toBe(true);
  });

  it('makes one branch and one pull request of twenty calls at once', async () => {
    const table = requestTable(aRow('r1'));
    const rig = await anIntakeRig(table);
    const room = await rig.ports.room();
    const results = await Promise.all(Array.from({ length: 20 }, () => intake(aRequest(), room, rig.elsewhere())));
    expect(new Set(results.map(({ pull }) => pull?.url)).size).toBe(1);
    expect(new Set(slugsOf(results))).toEqual(new Set(['acme-studio']));
    expect(results.filter(({ state }) => state === 'opened')).toHaveLength(1);
    expect(await rig.onboardBranches()).toEqual(['onboard/r1']);
    expect(await rig.pullBranches()).toEqual(['onboard/r1']);
    expect(await rig.added('onboard/r1')).toEqual(['agencies/acme-studio.yaml']);
    expect(table.row('r1')).toMatchObject({ state: 'approved', pullRequestUrl: results[0]?.pull?.url });
  });

  it('gives requests for the same name slugs of their own, also at once', async () => {
    const rig = await anIntakeRig();
    const room = await rig.ports.room();
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const results = await Promise.all(ids.map((id) => intake(aRequest(id), room, rig.elsewhere())));
    const slugs = slugsOf(results);
    expect(slugs.toSorted()).toEqual([
      'acme-studio',
      'acme-studio-2',
      'acme-studio-3',
      'acme-studio-4',
      'acme-studio-5',
    ]);
    const added = await Promise.all(ids.map((id) => rig.added(`onboard/${id}`)));
    expect(added).toEqual(slugs.map((slug) => [`agencies/${slug}.yaml`]));
    for (const { pull } of results) await rig.room.merge(pull?.number ?? 0);
    expect((await rig.room.files()).filter((file) => file.startsWith('agencies/acme'))).toHaveLength(5);
  });

  it('never takes the slug of an agency that is there', async () => {
    const rig = await anIntakeRig();
    const result = await intake(aRequest('r1', { agencyName: 'Hello World' }), await rig.ports.room(), rig.ports);
    expect(result).toMatchObject({ slug: 'hello-world-2' });
    expect(await rig.added('onboard/r1')).toEqual(['agencies/hello-world-2.yaml']);
  });

  it('does not open again what a person closed, and says so', async () => {
    const table = requestTable(aRow('r1'));
    const rig = await anIntakeRig(table);
    const { pull } = await intake(aRequest(), await rig.ports.room(), rig.ports);
    await rig.room.closePullRequest(pull?.number ?? 0);
    await rig.room.deleteBranch('onboard/r1');
    const again = await intake(aRequest(), await rig.ports.room(), rig.ports);
    expect(again).toMatchObject({ state: 'declined' });
    expect(table.row('r1')).toMatchObject({
      state: 'failed',
      errorMessage: expect.stringMatching(/^declined: .*Reopen/),
    });
    expect(await rig.pullBranches()).toEqual(['onboard/r1']);
    expect(await rig.onboardBranches()).toEqual([]);
  });

  it('gives the slug of a declined request to the next one that wants it, and to one only', async () => {
    const rig = await anIntakeRig();
    const room = await rig.ports.room();
    const { pull } = await intake(aRequest('r1'), room, rig.ports);
    await rig.room.closePullRequest(pull?.number ?? 0);
    const next = await Promise.all(['r2', 'r3'].map((id) => intake(aRequest(id), room, rig.elsewhere())));
    expect(slugsOf(next).toSorted()).toEqual(['acme-studio', 'acme-studio-2']);
  });

  it('only links what is merged already, and leaves the word of whoever provisions it', async () => {
    const table = requestTable(aRow('r1'));
    const rig = await anIntakeRig(table);
    const { pull } = await intake(aRequest(), await rig.ports.room(), rig.ports);
    await rig.room.merge(pull?.number ?? 0);
    await rig.room.deleteBranch('onboard/r1');
    table.told.length = 0;
    const again = await intake(aRequest(), await rig.ports.room(), rig.ports);
    expect(again).toMatchObject({ state: 'merged', slug: 'acme-studio' });
    expect(table.told).toEqual([{ id: 'r1', slug: 'acme-studio', pullRequestUrl: pull?.url }]);
    expect(await rig.pullBranches()).toEqual(['onboard/r1']);
  });

  it('knows a request by its manifest, however that came to main', async () => {
    const rig = await anIntakeRig();
    const text = (await rig.room.read('agencies/hello-world.yaml')) ?? '';
    await rig.room.push('main', { 'agencies/hello-world.yaml': `${text}  requestId: r1\n` });
    expect(await intake(aRequest(), await rig.ports.room(), rig.ports)).toEqual({
      state: 'merged',
      slug: 'hello-world',
    });
    expect(await rig.pullBranches()).toEqual([]);
  });

  it('goes on with what people changed on the branch', async () => {
    const table = requestTable(aRow('r1'));
    const rig = await anIntakeRig(table);
    await intake(aRequest(), await rig.ports.room(), rig.ports);
    const text = (await rig.room.read('agencies/acme-studio.yaml', 'onboard/r1')) ?? '';
    await rig.room.push('onboard/r1', {
      'agencies/acme-studio.yaml': null,
      'agencies/acme.yaml': text.replace('name: acme-studio', 'name: acme'),
    });
    expect(await intake(aRequest(), await rig.ports.room(), rig.ports)).toMatchObject({ state: 'open', slug: 'acme' });
    expect(table.row('r1')).toMatchObject({ slug: 'acme' });
    await rig.room.push('onboard/r1', { 'agencies/acme.yaml': null });
    await expect(intake(aRequest(), await rig.ports.room(), rig.ports)).rejects.toThrow(/holds no manifest/);
  });

  it('takes no fork’s pull request for its own', async () => {
    const rig = await anIntakeRig();
    const fork = await rig.room.fork('stranger');
    await fork.push('onboard/r1', { 'agencies/evil.yaml': 'x' });
    await rig.room.openPullRequest({ head: 'stranger:onboard/r1', title: 'x', by: 'stranger' });
    expect(await intake(aRequest(), await rig.ports.room(), rig.ports)).toMatchObject({ state: 'opened' });
  });
});
