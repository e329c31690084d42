import type { Octokit } from 'octokit';
import { describe, expect, test } from 'vitest';
import { runGit } from './git/process.ts';
import { aForge, owner, refusal, repo } from './testing.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** One write as the provisioner does it: read the head, change on top, move the ref; again when somebody was quicker. */
async function writeOnTop({ rest }: Octokit, path: string, content: string, attempts = 100): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const { data: ref } = await rest.git.getRef({ owner, repo, ref: 'heads/main' });
    const tree = [{ path, mode: '100644', type: 'blob', content }] as const;
    const made = await rest.git.createTree({ owner, repo, base_tree: ref.object.sha, tree: [...tree] });
    const parents = [ref.object.sha];
    const commit = await rest.git.createCommit({
      owner,
      repo,
      message: `Record ${path}`,
      tree: made.data.sha,
      parents,
    });
    try {
      await rest.git.updateRef({ owner, repo, ref: 'heads/main', sha: commit.data.sha });
      return attempt;
    } catch (error) {
      if (Object(error).status !== 422 || attempt >= attempts) throw error;
    }
  }
}

describe('git data', () => {
  test('twenty writers at once lose nothing, and history is one line', async () => {
    const rig = await aForge();
    const octokit = rig.octokit();
    const paths = Array.from({ length: 20 }, (_, at) => `agencies/a${at}.yaml`);
    const attempts = await Promise.all(paths.map((path) => writeOnTop(octokit, path, `${path}\n`)));
    expect(Math.max(...attempts)).toBeGreaterThan(1);
    for (const path of paths) expect(await rig.room.read(path), path).toBe(`${path}\n`);
    const history = await rig.room.log();
    expect(history).toHaveLength(21);
    expect(history.slice(0, -1).map(({ parents }) => parents)).toEqual(history.slice(1).map(({ sha }) => [sha]));
  });

  test('what a bot commits is signed, unless it names an author; what people commit is not', async () => {
    const rig = await aForge();
    const head = String(await rig.room.head());
    const commit = async (octokit: Octokit, more: object = {}) => {
      const { data } = await octokit.rest.git.getCommit({ owner, repo, commit_sha: head });
      const wish = { owner, repo, message: 'm', tree: data.tree.sha, parents: [head], ...more };
      return (await octokit.rest.git.createCommit(wish)).data;
    };
    const workflow = await commit(rig.octokit());
    expect(workflow.verification).toMatchObject({ verified: true, reason: 'valid' });
    expect(workflow).toMatchObject({
      author: { name: 'github-actions[bot]', email: '41898282+github-actions[bot]@users.noreply.github.com' },
      committer: { name: 'GitHub', email: 'noreply@github.com' },
    });
    expect((await commit(rig.octokit({ as: 'app' }))).verification.verified).toBe(true);
    const author = { name: 'Somebody', email: 'else@example.test' };
    expect(await commit(rig.octokit(), { author })).toMatchObject({ author, verification: { verified: false } });
    const person = await commit(rig.octokit({ as: 'ops' }));
    expect(person).toMatchObject({ author: { name: 'ops' }, verification: { verified: false, reason: 'unsigned' } });
  });

  test('blobs and trees are git’s own, with deletion, modes and depth', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    const blob = await rest.git.createBlob({ owner, repo, content: base64('hello\n'), encoding: 'base64' });
    expect(blob.data.sha).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
    const read = await rest.git.getBlob({ owner, repo, file_sha: blob.data.sha });
    expect(Buffer.from(read.data.content, 'base64').toString()).toBe('hello\n');
    const { data: made } = await rest.git.createTree({
      owner,
      repo,
      base_tree: String(await rig.room.head()),
      tree: [
        { path: 'deep/er/script', mode: '100755', type: 'blob', sha: blob.data.sha },
        { path: 'agencies/acme.yaml', mode: '100644', type: 'blob', sha: null },
      ],
    });
    const { data } = await rest.git.getTree({ owner, repo, tree_sha: made.sha, recursive: 'true' });
    expect(data.tree.map(({ path, mode }) => `${mode} ${path}`)).toEqual([
      '040000 deep',
      '040000 deep/er',
      '100755 deep/er/script',
      '100644 fleet.yaml',
    ]);
  });

  test('what does not fit is refused', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    const tree = (path: string, sha: string | null) =>
      rest.git.createTree({ owner, repo, base_tree: 'main', tree: [{ path, mode: '100644', type: 'blob', sha }] });
    expect(await refusal(tree('agencies/none.yaml', null))).toMatchObject({ message: 'GitRPC::BadObjectState' });
    expect(await refusal(tree('../up', null))).toMatchObject({ status: 422 });
    expect(await refusal(tree('a', '1'.repeat(40)))).toMatchObject({ status: 422 });
    const commit = { owner, repo, message: 'm', tree: '1'.repeat(40), parents: [] };
    expect(await refusal(rest.git.createCommit(commit))).toMatchObject({ message: 'Tree SHA does not exist' });
    expect(await refusal(rest.git.createBlob({ owner, repo, content: '%%%', encoding: 'base64' }))).toMatchObject({
      message: 'content is not valid Base64',
    });
  });
});

describe('refs', () => {
  test('are made once, listed by prefix, and gone when deleted: enough for a lease', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    const sha = String(await rig.room.head());
    const ref = 'refs/provisioner/lease';
    expect((await rest.git.createRef({ owner, repo, ref, sha })).status).toBe(201);
    expect(await refusal(rest.git.createRef({ owner, repo, ref, sha }))).toMatchObject({
      status: 422,
      message: 'Reference already exists',
    });
    const listed = await rest.git.listMatchingRefs({ owner, repo, ref: 'provisioner/' });
    expect(listed.data.map((one) => one.ref)).toEqual([ref]);
    await rest.git.deleteRef({ owner, repo, ref: 'provisioner/lease' });
    expect(await refusal(rest.git.getRef({ owner, repo, ref: 'provisioner/lease' }))).toMatchObject({ status: 404 });
    expect(await refusal(rest.git.deleteRef({ owner, repo, ref: 'provisioner/lease' }))).toMatchObject({
      message: 'Reference does not exist',
    });
    expect(rig.forge.events().map(({ name }) => name)).toEqual(['push']);
  });

  test('of twenty at once one is made', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    const sha = String(await rig.room.head());
    const wishes = Array.from({ length: 20 }, () => rest.git.createRef({ owner, repo, ref: 'refs/heads/one', sha }));
    const results = await Promise.allSettled(wishes);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('only go forward, unless forced', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    const first = String(await rig.room.head());
    const second = await rig.room.push('main', { a: '1' });
    const back = { owner, repo, ref: 'heads/main', sha: first };
    expect(await refusal(rest.git.updateRef(back))).toMatchObject({
      status: 422,
      message: 'Update is not a fast-forward',
    });
    expect(await rig.room.head()).toBe(second);
    await rest.git.updateRef({ ...back, force: true });
    expect(await rig.room.head()).toBe(first);
    expect(rig.forge.events().at(-1)?.payload).toMatchObject({ forced: true, before: second, after: first });
  });

  test.each([
    ['main', 'Reference name must contain at least three slash-separated components.'],
    ['refs/heads/a b', 'refs/heads/a b is not a valid ref name.'],
    ['refs/pull/1/head', 'refs/pull/1/head is not a valid ref name.'],
  ])('%s is refused', async (ref, message) => {
    const rig = await aForge();
    const sha = String(await rig.room.head());
    expect(await refusal(rig.octokit().rest.git.createRef({ owner, repo, ref, sha }))).toEqual({
      status: 422,
      message,
      errors: undefined,
    });
  });
});

describe('a protected branch', () => {
  test('takes no commit of GITHUB_TOKEN, but those of the App that is let through', async () => {
    const rig = await aForge();
    rig.room.protect('main', { bypass: [rig.forge.app().login] });
    const message = 'Repository rule violations found\n\nChanges must be made through a pull request.\n\n';
    expect(await refusal(writeOnTop(rig.octokit(), 'a', '1', 1))).toMatchObject({ status: 422, message });
    const put = { owner, repo, path: 'b', message: 'b', content: base64('b') };
    expect(await refusal(rig.octokit().rest.repos.createOrUpdateFileContents(put))).toEqual({
      status: 409,
      message,
      errors: undefined,
    });
    await expect(rig.room.push('main', { c: '1' })).rejects.toThrow('Changes must be made through a pull request.');
    expect(await rig.room.log()).toHaveLength(1);
    expect(await writeOnTop(rig.octokit({ as: 'app' }), 'a', '1')).toBe(1);
    expect((await rig.octokit().rest.repos.getBranch({ owner, repo, branch: 'main' })).data.protected).toBe(true);
    expect(() => rig.room.protect('main', { bypass: ['github-actions[bot]'] })).toThrow('must be part of');
  });

  test('takes a pull request once its checks are green', async () => {
    const rig = await aForge();
    rig.room.protect('main', { checks: ['plan'] });
    const sha = await rig.room.push('x', { x: '1' });
    const number = await rig.room.openPullRequest({ head: 'x', title: 'X' });
    const { rest } = rig.octokit();
    const merge = () => rest.pulls.merge({ owner, repo, pull_number: number });
    expect(await refusal(merge())).toMatchObject({ status: 405, message: 'Required status check "plan" is expected.' });
    const run = { owner, repo, name: 'plan', head_sha: sha, status: 'completed', conclusion: 'success' } as const;
    await rest.checks.create(run);
    expect((await merge()).data.merged).toBe(true);
  });

  test('is neither rewritten nor deleted', async () => {
    const rig = await aForge();
    await rig.room.push('release', { a: '1' });
    rig.room.protect('release', { pullRequest: false, kind: 'branch' });
    const { rest } = rig.octokit();
    const sha = String(await rig.room.head());
    const force = rest.git.updateRef({ owner, repo, ref: 'heads/release', sha, force: true });
    expect(await refusal(force)).toMatchObject({ status: 422, message: 'Cannot force-push to this branch' });
    const gone = rest.git.deleteRef({ owner, repo, ref: 'heads/release' });
    expect(await refusal(gone)).toMatchObject({ status: 422, message: 'Cannot delete this branch' });
  });
});

describe('contents', () => {
  const path = 'agencies/acme.yaml';

  test('are read as file, folder and raw', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    const { data } = await rest.repos.getContent({ owner, repo, path });
    expect(data).toMatchObject({ type: 'file', encoding: 'base64', name: 'acme.yaml', size: 19 });
    const folder = await rest.repos.getContent({ owner, repo, path: 'agencies' });
    expect(folder.data).toMatchObject([{ type: 'file', path }]);
    const raw = await rest.repos.getContent({ owner, repo, path, mediaType: { format: 'raw' } });
    expect(raw.data).toBe('spec:\n  name: Acme\n');
    expect(await refusal(rest.repos.getContent({ owner, repo, path: 'none' }))).toMatchObject({ status: 404 });
    expect(await refusal(rest.repos.getContent({ owner, repo, path, ref: 'none' }))).toMatchObject({ status: 404 });
  });

  test('are written only by who knows what is there', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    const write = (sha?: string) =>
      rest.repos.createOrUpdateFileContents({
        owner,
        repo,
        path,
        message: 'Change',
        content: base64('new'),
        ...(sha && { sha }),
      });
    expect(await refusal(write())).toMatchObject({ status: 422 });
    const stale = '1'.repeat(40);
    expect(await refusal(write(stale))).toMatchObject({ status: 409, message: `${path} does not match ${stale}` });
    const { data } = await rest.repos.getContent({ owner, repo, path });
    const written = await write(Object(data).sha);
    expect(written.status).toBe(200);
    expect(written.data.commit.verification?.verified).toBe(true);
    expect(await rig.room.read(path)).toBe('new');
    const added = { owner, repo, path: 'new/file', message: 'Add', content: base64('x'), branch: 'main' };
    expect((await rest.repos.createOrUpdateFileContents(added)).status).toBe(201);
    expect(await refusal(rest.repos.createOrUpdateFileContents({ ...added, path: 'y', branch: 'none' }))).toMatchObject(
      { status: 404 },
    );
  });

  test('are deleted likewise', async () => {
    const rig = await aForge();
    const { rest } = rig.octokit();
    const wish = { owner, repo, path, message: 'Remove' };
    expect(await refusal(rest.repos.deleteFile({ ...wish, sha: '1'.repeat(40) }))).toMatchObject({ status: 409 });
    const { data } = await rest.repos.getContent({ owner, repo, path });
    expect((await rest.repos.deleteFile({ ...wish, sha: Object(data).sha })).data.content).toBeNull();
    expect(await rig.room.files()).toEqual(['fleet.yaml']);
  });
});

describe('comparing', () => {
  test('three dots show what the head has beyond the merge base, two dots the difference', async () => {
    const rig = await aForge();
    await rig.room.push('x', { x: 'x\n' });
    await rig.room.push('main', { m: 'm\n' });
    const compare = async (basehead: string) => {
      const { data } = await rig.octokit().rest.repos.compareCommitsWithBasehead({ owner, repo, basehead });
      return [
        data.status,
        data.ahead_by,
        data.behind_by,
        data.files?.map(({ filename, status }) => `${status} ${filename}`),
      ];
    };
    expect(await compare('main...x')).toEqual(['diverged', 1, 1, ['added x']]);
    expect(await compare('main..x')).toEqual(['diverged', 1, 1, ['removed m', 'added x']]);
    expect(await compare('main...main')).toEqual(['identical', 0, 0, []]);
    expect(await refusal(compare('main...none'))).toMatchObject({ status: 404 });
  });

  test('a commit is found by ref, with its files, and listed by path', async () => {
    const rig = await aForge();
    const sha = await rig.room.push('main', { 'agencies/acme.yaml': 'changed\n' }, { by: 'ops', message: 'Change' });
    const { rest } = rig.octokit();
    const { data } = await rest.repos.getCommit({ owner, repo, ref: 'main' });
    expect(data).toMatchObject({ sha, author: { login: 'ops' }, files: [{ filename: 'agencies/acme.yaml' }] });
    const listed = await rest.repos.listCommits({ owner, repo, path: 'fleet.yaml' });
    expect(listed.data).toHaveLength(1);
    expect(await refusal(rest.repos.getCommit({ owner, repo, ref: 'none' }))).toMatchObject({ status: 422 });
  });
});

test('real git can clone it and finds it sound', async () => {
  const rig = await aForge();
  await writeOnTop(rig.octokit(), 'a', '1');
  const { stdout } = await runGit(rig.room.directory, ['fsck', '--full', '--strict', '--no-dangling']);
  expect(stdout.toString()).toBe('');
  const copy = `${rig.dir}/copy`;
  await runGit(rig.room.directory, ['clone', '--quiet', rig.room.directory, copy]);
  const { stdout: head } = await runGit(`${copy}/.git`, ['rev-parse', 'HEAD']);
  expect(head.toString().trim()).toBe(await rig.room.head());
});
