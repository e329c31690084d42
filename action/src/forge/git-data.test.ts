import { describe, expect, it } from 'vitest';
import { aControlForge, type ControlForgeOptions } from '../../../tests/support/control-forge.ts';
import { BlockedError, ProviderError } from '../engine/errors.ts';
import { EMPTY_TREE, gitData } from './git-data.ts';

const ACME = 'agencies/acme.yaml';

async function aRoom(options: ControlForgeOptions = {}) {
  const rig = await aControlForge(options);
  const git = gitData(rig.repository);
  const main = async () => (await git.head('heads/main')) ?? '';
  /** A commit on top of another; on main’s unless told. */
  const commit = async (text: string, parent?: string) => {
    const on = parent ?? (await main());
    return git.write({
      message: text,
      parents: [on],
      tree: (await git.commit(on)).tree,
      files: { 'note.txt': text },
    });
  };
  return { ...rig, git, main, commit };
}

/** Done, and not heard: each of the calls loses every one of its answers, until it gives up. */
const deaf = (method: string) => ({
  after: ({ method: sent }: Request) =>
    sent === method ? Response.json({ message: 'lost' }, { status: 502 }) : undefined,
});

describe('reading', () => {
  it('knows the default branch, its commit, its files and what stands in them', async () => {
    const { git, main, room } = await aRoom({ defaultBranch: 'trunk', files: { [ACME]: 'ünïcode\r\n# two\n' } });
    expect(await git.defaultBranch()).toBe('trunk');
    const sha = (await git.head('heads/trunk')) ?? '';
    expect(sha).toBe(await room.head('trunk'));
    expect(await main()).toBe('');
    expect(await git.commit(sha)).toMatchObject({ sha, parents: [], message: 'Begin' });
    const [file, ...others] = await git.files(sha);
    expect(others).toEqual([]);
    expect(file).toMatchObject({ path: ACME, size: 17 });
    expect(await git.text(file?.sha ?? '')).toBe('ünïcode\r\n# two\n');
  });

  it('refuses a list that is not whole', async () => {
    const { git } = await aRoom({
      before: ({ url }) =>
        url.includes('/git/trees/') ? Response.json({ sha: 'x', tree: [], truncated: true }) : undefined,
    });
    await expect(git.files('abc')).rejects.toBeInstanceOf(BlockedError);
  });

  it('has no links and no submodules among the files', async () => {
    const entries = ['100644 blob', '100755 blob', '120000 blob', '160000 commit', '040000 tree'];
    const { git } = await aRoom({
      before: ({ url }) =>
        url.includes('/git/trees/')
          ? Response.json({
              truncated: false,
              tree: entries.map((entry, at) => {
                const [mode, type] = entry.split(' ');
                return { path: `${at}`, mode, type, sha: 'x' };
              }),
            })
          : undefined,
    });
    expect((await git.files('abc')).map(({ path }) => path)).toEqual(['0', '1']);
  });
});

describe('writing', () => {
  it.each(['actions', 'app'] as const)('is signed by the platform (%s)', async (as) => {
    const { git, commit, room } = await aRoom(as === 'app' ? { as } : { as: { as } });
    const sha = await commit('hello');
    expect(await git.moveRef('heads/main', sha)).toBe('moved');
    const [last] = await room.log();
    expect(last).toMatchObject({ sha, message: 'hello', verified: true });
    expect(await room.read('note.txt')).toBe('hello');
    expect(await room.read(ACME)).toBeDefined();
  });

  it('removes what is null', async () => {
    const { git, main, room } = await aRoom();
    const on = await main();
    const { tree } = await git.commit(on);
    const sha = await git.write({ message: 'less', parents: [on], tree, files: { [ACME]: null } });
    await git.moveRef('heads/main', sha);
    expect(await room.files()).toEqual(['fleet.yaml']);
  });

  it('makes commits without a file, and refs that are no branches and start no workflow', async () => {
    const { git, forge, room } = await aRoom();
    const events = forge.events().length;
    const first = await git.write({ message: '1', parents: [], files: {} });
    expect((await git.commit(first)).tree).toBe(EMPTY_TREE);
    expect(await git.createRef('provisioner/test', first)).toBe('created');
    const second = await git.write({ message: '2', parents: [first], files: {} });
    expect(await git.moveRef('provisioner/test', second)).toBe('moved');
    expect(await git.head('provisioner/test')).toBe(second);
    expect(forge.events().length).toBe(events);
    expect(await room.branches()).toEqual(['main']);
    await git.deleteRef('provisioner/test');
    await git.deleteRef('provisioner/test');
    expect(await git.head('provisioner/test')).toBeUndefined();
  });

  it('says by the platform’s clock when a commit was made', async () => {
    const { git, commit, clock } = await aRoom();
    const first = Date.parse((await git.commit(await commit('a'))).at);
    clock.advance(90_000);
    expect(Date.parse((await git.commit(await commit('b'))).at)).toBe(first + 90_000);
  });
});

describe('moving a ref', () => {
  it('never loses what somebody else pushed', async () => {
    const { git, commit, room } = await aRoom();
    const ours = await commit('ours');
    const theirs = await room.push('main', { 'their.txt': 'x' });
    expect(await git.moveRef('heads/main', ours)).toBe('diverged');
    expect(await room.head()).toBe(theirs);
  });

  it('tells of a branch that went away', async () => {
    const { git, commit } = await aRoom();
    expect(await git.moveRef('heads/gone', await commit('x'))).toBe('diverged');
  });

  it.each(['ruleset', 'branch'] as const)('tells a rule from a rival (%s)', async (kind) => {
    const { git, commit, room } = await aRoom({ as: { as: 'actions' } });
    room.protect('main', { kind, checks: ['plan'] });
    const moved = await git.moveRef('heads/main', await commit('x'));
    expect(moved).toMatchObject({ refused: expect.any(ProviderError) });
    room.protect('main', { kind, pullRequest: false, checks: ['plan'] });
    expect(await git.moveRef('heads/main', await commit('y'))).toMatchObject({ refused: expect.any(ProviderError) });
  });

  it.each([
    'GH006: Protected branch update failed for refs/heads/main.',
    'GH013: Repository rule violations found for refs/heads/main.',
    'Repository rule violations found\n\nCommits must have verified signatures.',
    'At least 1 approving review is required by reviewers with write access.',
    'Reference update failed',
    'Reference cannot be updated',
    'Changes must be made through the merge queue',
    'Cannot change this locked branch',
    'words that nobody has heard yet',
  ])('knows a rule by where the ref stands, not by its words: %s', async (says) => {
    const { git, commit, room } = await aRoom({ as: { as: 'actions' } });
    room.protect('main', { says, bypass: ['ops'] });
    const sha = await commit('ours');
    const moved = await git.moveRef('heads/main', sha);
    expect(moved).toMatchObject({ refused: { failure: { status: 422 } } });
    expect(moved).toHaveProperty('refused.message', expect.stringContaining(says.split('\n')[0] ?? ''));
    await room.push('main', { 'their.txt': 'x' }, { by: 'ops' });
    expect(await git.moveRef('heads/main', sha)).toBe('diverged');
  });

  it.each([
    [422, 'Reference update failed'],
    [403, 'Resource not accessible by integration'],
    [409, 'Conflict'],
  ])('tells the two apart when both are answered with %i %s', async (status, message) => {
    const { git, commit, room } = await aRoom({
      before: ({ method }) => (method === 'PATCH' ? Response.json({ message }, { status }) : undefined),
    });
    const sha = await commit('ours');
    expect(await git.moveRef('heads/main', sha)).toMatchObject({ refused: { failure: { status } } });
    await room.push('main', { 'their.txt': 'x' });
    expect(await git.moveRef('heads/main', sha)).toBe('diverged');
  });

  it('knows the commit of another process too', async () => {
    const { git, commit, another, room } = await aRoom({ as: { as: 'actions' } });
    room.protect('main', { says: 'Reference update failed' });
    const sha = await commit('ours');
    expect(await gitData(another({ as: 'actions' })).moveRef('heads/main', sha)).toHaveProperty('refused');
    expect(await git.moveRef('heads/main', sha)).toHaveProperty('refused');
  });

  it('takes a move that was not forward for a rival’s doing, although a late reader does not show it', async () => {
    const late: { sha?: string } = {};
    const { git, commit, main, room } = await aRoom({
      before: ({ method, url }) =>
        late.sha !== undefined && method === 'GET' && url.endsWith('/git/ref/heads/main')
          ? Response.json({ object: { sha: late.sha } })
          : undefined,
    });
    const ours = await commit('ours');
    late.sha = await main();
    const theirs = await room.push('main', { 'their.txt': 'x' });
    expect(await git.moveRef('heads/main', ours)).toBe('diverged');
    expect(await room.head()).toBe(theirs);
  });

  it('fails for what is neither', async () => {
    const { git } = await aRoom();
    await expect(git.moveRef('heads/main', '0'.repeat(39).concat('1'))).rejects.toThrow('Object does not exist');
  });

  it('lets an App through that the rules let through', async () => {
    const { git, commit, room, forge } = await aRoom({ as: 'app' });
    room.protect('main', { bypass: [forge.app().login] });
    expect(await git.moveRef('heads/main', await commit('x'))).toBe('moved');
  });
});

describe('an answer that is lost', () => {
  it('is settled by looking where the ref stands', async () => {
    const { git, commit, room } = await aRoom(deaf('PATCH'));
    const sha = await commit('ours');
    expect(await git.moveRef('heads/main', sha)).toBe('moved');
    expect(await room.head()).toBe(sha);
  });

  it('is settled also when somebody went on from there', async () => {
    let lose = true;
    const rig = await aRoom({
      after: async ({ method }) => {
        if (method !== 'PATCH' || !lose) return undefined;
        lose = false;
        await rig.room.push('main', { 'their.txt': 'x' });
        return Response.json({ message: 'lost' }, { status: 502 });
      },
    });
    expect(await rig.git.moveRef('heads/main', await rig.commit('ours'))).toBe('moved');
    expect((await rig.room.log()).map(({ message }) => message)).toEqual(['Change their.txt', 'ours', 'Begin']);
  });

  it('stays an error when nothing came of it', async () => {
    const { git, commit, room } = await aRoom({
      before: ({ method }) => (method === 'PATCH' ? Response.json({ message: 'down' }, { status: 502 }) : undefined),
    });
    await expect(git.moveRef('heads/main', await commit('x'))).rejects.toBeInstanceOf(ProviderError);
    expect(await room.log()).toHaveLength(1);
  });

  it('is settled for a new ref, and for nobody else’s', async () => {
    const rig = await aRoom({
      after: ({ method, url }) =>
        method === 'POST' && url.endsWith('/git/refs')
          ? Response.json({ message: 'lost' }, { status: 502 })
          : undefined,
    });
    const sha = await rig.commit('ours');
    expect(await rig.git.createRef('provisioner/x', sha)).toBe('created');
    expect(await gitData(rig.another()).createRef('provisioner/x', await rig.commit('theirs'))).toBe('exists');
    expect(await rig.git.head('provisioner/x')).toBe(sha);
  });
});
