import { join } from 'node:path';
import { test as base, describe, expect, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../testing.ts';
import { type Commit, readCommit, writeCommit } from './commits.ts';
import { changedPaths, diff } from './diff.ts';
import { count, isAncestor, log, mergeBase } from './history.ts';
import { mergeTrees, rebase } from './merge.ts';
import { isRefName, listRefs, moveRef, NOTHING, readRef, resolveCommit } from './refs.ts';
import { Git, initRepository } from './repository.ts';
import { changeTree, listTree } from './trees.ts';

const person = { name: 'Ada', email: 'ada@example.test', at: 1_700_000_000 };

class Bench {
  readonly git: Git;
  constructor(git: Git) {
    this.git = git;
  }

  async tree(files: Record<string, string | null>, from?: string): Promise<string> {
    const changes = await Promise.all(
      Object.entries(files).map(async ([path, text]) => ({
        path,
        mode: '100644',
        sha: text === null ? null : await this.git.writeBlob(Buffer.from(text)),
      })),
    );
    return String(await changeTree(this.git, from, changes));
  }

  async commit(files: Record<string, string | null>, parents: string[] = [], message = 'a commit'): Promise<string> {
    const tree = await this.tree(files, parents[0]);
    return writeCommit(this.git, { tree, parents, author: person, committer: person, message });
  }

  async read(name: string): Promise<Commit> {
    const commit = await readCommit(this.git, name);
    if (commit === undefined) throw new Error(`no commit ${name}`);
    return commit;
  }
}

const test = base.extend<{ bench: Bench }>({
  bench: async ({ task: _task }, use) => {
    const dir = join(await temporaryFolder(), 'a.git');
    await initRepository(dir, 'main');
    const git = new Git(dir);
    onTestFinished(() => git.close());
    await use(new Bench(git));
  },
});

const lines = (...changed: [number, string][]) =>
  Array.from({ length: 12 }, (_, at) => `${new Map(changed).get(at) ?? `line ${at}`}\n`).join('');

describe('objects', () => {
  test('a blob is what git itself would have written', async ({ bench: { git } }) => {
    const sha = await git.writeBlob(Buffer.from('hello\n'));
    expect(sha).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
    expect(await git.text(['cat-file', 'blob', sha])).toBe('hello\n');
    await git.writeBlob(Buffer.from('hello\n'));
    expect(await git.text(['fsck', '--strict', '--no-dangling'])).toBe('');
  });

  test('many reads at once get each their own answer, also the missing and the large', async ({ bench: { git } }) => {
    const texts = ['', 'one', 'two\nlines\n', 'x'.repeat(300_000)];
    const shas = await Promise.all(texts.map((text) => git.writeBlob(Buffer.from(text))));
    const names = [shas[3], 'refs/heads/none', shas[0], shas[2], 'not a name', shas[1]].map(String);
    const found = await Promise.all(names.map((name) => git.object(name)));
    expect(found.map((object) => object?.content.toString())).toEqual([
      texts[3],
      undefined,
      '',
      texts[2],
      undefined,
      'one',
    ]);
  });

  test('the empty tree is there without being written', async ({ bench: { git } }) => {
    const empty = { sha: '4b825dc642cb6eb9a060e54bf8d69288fbee4904', type: 'tree', content: Buffer.alloc(0) };
    expect(await git.object(empty.sha)).toEqual(empty);
    expect(await listTree(git, empty.sha)).toEqual([]);
  });

  test('a name with a line break asks nothing', async ({ bench: { git } }) => {
    expect(await git.object('refs/heads/main\nHEAD')).toBeUndefined();
  });

  test('a closed reader opens again', async ({ bench: { git } }) => {
    const sha = await git.writeBlob(Buffer.from('kept'));
    await git.object(sha);
    await git.close();
    expect((await git.object(sha))?.content.toString()).toBe('kept');
  });

  test('a commit is read back as it was written', async ({ bench }) => {
    const first = await bench.commit({ a: '1' });
    const sha = await bench.commit({ b: '2' }, [first], 'subject\n\nbody\n\n    indented');
    expect(await bench.read(sha)).toMatchObject({
      sha,
      parents: [first],
      author: person,
      message: 'subject\n\nbody\n\n    indented',
    });
  });

  test('a name cannot break out of its line', async ({ bench }) => {
    const tree = await bench.tree({ a: '1' });
    const evil = { ...person, name: 'Eve <root@x>\nparent 123' };
    const sha = await writeCommit(bench.git, { tree, parents: [], author: evil, committer: evil, message: 'm' });
    expect((await bench.read(sha)).author).toEqual({ ...person, name: 'Eve root@xparent 123' });
  });
});

describe('trees', () => {
  test('changes go upon a base; null removes; folders come and go', async ({ bench }) => {
    const one = await bench.tree({ 'agencies/a.yaml': 'a', 'agencies/b.yaml': 'b', readme: 'r' });
    const two = await bench.tree({ 'agencies/a.yaml': null, 'new/deep/file': 'n' }, one);
    const paths = (await listTree(bench.git, two, { recursive: true })).map(({ path, type }) => `${type} ${path}`);
    expect(paths).toEqual([
      'tree agencies',
      'blob agencies/b.yaml',
      'tree new',
      'tree new/deep',
      'blob new/deep/file',
      'blob readme',
    ]);
    const [entry] = await listTree(bench.git, two, { path: 'agencies/b.yaml' });
    expect(entry).toMatchObject({ mode: '100644', size: 1, path: 'agencies/b.yaml' });
  });

  test.for(['.git/config', '../up', 'a//b', '/abs', 'a/./b'])('%s is no path', async (path, { bench }) => {
    const sha = await bench.git.writeBlob(Buffer.from('x'));
    expect(await changeTree(bench.git, undefined, [{ path, mode: '100644', sha }])).toBeUndefined();
  });

  test('an object that is not there makes no tree', async ({ bench }) => {
    expect(await changeTree(bench.git, undefined, [{ path: 'a', mode: '100644', sha: '1'.repeat(40) }])).toBe(
      undefined,
    );
  });
});

describe('refs', () => {
  test('move only from where they are said to be', async ({ bench }) => {
    const [one, other] = [await bench.commit({ a: '1' }), await bench.commit({ a: '2' })];
    expect(await moveRef(bench.git, 'refs/heads/x', one, NOTHING)).toBe(true);
    expect(await moveRef(bench.git, 'refs/heads/x', other, NOTHING)).toBe(false);
    expect(await moveRef(bench.git, 'refs/heads/x', other, other)).toBe(false);
    expect(await moveRef(bench.git, 'refs/heads/x/y', one, NOTHING)).toBe(false);
    expect(await moveRef(bench.git, 'refs/heads/x', other, one)).toBe(true);
    expect(await readRef(bench.git, 'refs/heads/x')).toEqual({ ref: 'refs/heads/x', sha: other, type: 'commit' });
    expect(await listRefs(bench.git, 'refs/heads/')).toHaveLength(1);
    expect(await moveRef(bench.git, 'refs/heads/x', NOTHING, other)).toBe(true);
    expect(await readRef(bench.git, 'refs/heads/x')).toBeUndefined();
  });

  test('leave no folder in the way of others', async ({ bench }) => {
    const sha = await bench.commit({ a: '1' });
    expect(await moveRef(bench.git, 'refs/heads/x/y', sha, NOTHING)).toBe(true);
    expect(await moveRef(bench.git, 'refs/heads/x', sha, NOTHING)).toBe(false);
    expect(await moveRef(bench.git, 'refs/heads/x/y', NOTHING, sha)).toBe(true);
    expect(await moveRef(bench.git, 'refs/heads/x', sha, NOTHING)).toBe(true);
    expect(await bench.git.text(['rev-parse', 'refs/heads/x'])).toBe(`${sha}\n`);
    expect(await moveRef(bench.git, 'refs/heads/none', NOTHING, NOTHING)).toBe(true);
    expect(await moveRef(bench.git, 'refs/heads/a/b/c', sha, NOTHING)).toBe(true);
    expect(await moveRef(bench.git, 'refs/heads/a/b/c', NOTHING, sha)).toBe(true);
    expect(await moveRef(bench.git, 'refs/heads/a', sha, NOTHING)).toBe(true);
  });

  test('stand at nothing that is not there', async ({ bench }) => {
    await expect(moveRef(bench.git, 'refs/heads/x', 'd'.repeat(40), NOTHING)).rejects.toThrow();
    expect(await listRefs(bench.git, 'refs/heads/')).toEqual([]);
  });

  test('and objects are found also when git packed them', async ({ bench }) => {
    const [one, other] = [await bench.commit({ a: '1' }), await bench.commit({ a: '2' })];
    await moveRef(bench.git, 'refs/heads/x', one, NOTHING);
    await moveRef(bench.git, 'refs/heads/y', other, NOTHING);
    await bench.git.run(['repack', '-a', '-d', '-q']);
    await bench.git.run(['pack-refs', '--all']);
    expect(await readRef(bench.git, 'refs/heads/x')).toEqual({ ref: 'refs/heads/x', sha: one, type: 'commit' });
    expect(await readRef(bench.git, 'refs/heads/none')).toBeUndefined();
    expect(await listTree(bench.git, one)).toMatchObject([{ path: 'a', size: 1 }]);
    expect(await moveRef(bench.git, 'refs/heads/x', other, NOTHING)).toBe(false);
    expect(await moveRef(bench.git, 'refs/heads/x', other, one)).toBe(true);
    expect(await moveRef(bench.git, 'refs/heads/y', NOTHING, other)).toBe(true);
    expect(await listRefs(bench.git, 'refs/heads/')).toEqual([{ ref: 'refs/heads/x', sha: other, type: 'commit' }]);
  });

  test('branches, tags, full refs and shas stand for commits', async ({ bench }) => {
    const sha = await bench.commit({ a: '1' });
    await moveRef(bench.git, 'refs/heads/feature/x', sha, NOTHING);
    await moveRef(bench.git, 'refs/tags/v1', sha, NOTHING);
    for (const name of ['feature/x', 'v1', 'heads/feature/x', 'refs/tags/v1', sha, sha.slice(0, 8)]) {
      expect(await resolveCommit(bench.git, name), name).toBe(sha);
    }
    for (const name of ['none', 'v1~0', 'HEAD^0', ':/a', '@{-1}', '']) {
      expect(await resolveCommit(bench.git, name), name).toBeUndefined();
    }
  });

  test.for(['a b', 'a..b', 'a~1', 'a^', 'a:b', '-a', 'a.lock', '/a', 'a/', 'a//b', '.a', 'a/.b', '@', 'a@{1}', 'a\n'])(
    '%j is no name for a ref',
    (name) => expect(isRefName(name)).toBe(false),
  );
});

describe('history', () => {
  test('ancestors, the log and the merge base are git’s', async ({ bench }) => {
    const root = await bench.commit({ a: '1' });
    const left = await bench.commit({ b: '1' }, [root], 'left\n\nwith a body');
    const right = await bench.commit({ c: '1' }, [root], 'right');
    expect(await isAncestor(bench.git, root, left)).toBe(true);
    expect(await isAncestor(bench.git, left, right)).toBe(false);
    expect(await mergeBase(bench.git, left, right)).toBe(root);
    expect(await mergeBase(bench.git, left, await bench.commit({ z: '1' }))).toBeUndefined();
    expect((await log(bench.git, left)).map(({ message }) => message)).toEqual(['left\n\nwith a body', 'a commit']);
    expect(await log(bench.git, left, { without: [right] })).toHaveLength(1);
    expect(await log(bench.git, left, { path: 'a' })).toHaveLength(1);
  });

  test('a diff names every file with its lines', async ({ bench }) => {
    const from = await bench.commit({ 'a.txt': lines(), gone: 'x\n', old: lines([0, 'unlike a']), same: 's' });
    const to = await bench.commit(
      {
        'a.txt': lines([3, 'changed'], [4, '@@ diff --git a/x b/x']),
        gone: null,
        old: null,
        new: lines([0, 'unlike a']),
        ünï: 'u\n',
      },
      [from],
    );
    const files = await diff(bench.git, from, to);
    expect(files.map(({ path, status, additions, deletions }) => [path, status, additions, deletions])).toEqual([
      ['a.txt', 'modified', 2, 2],
      ['gone', 'removed', 0, 1],
      ['new', 'renamed', 0, 0],
      ['ünï', 'added', 1, 0],
    ]);
    expect(files[0]?.patch).toMatch(/^@@ -1,8 \+1,8 @@\n line 0\n/);
    expect(files[0]?.patch).toContain('\n+@@ diff --git a/x b/x\n');
    expect(files[2]).toMatchObject({ previousPath: 'old', sha: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(files[2]).not.toHaveProperty('patch');
  });

  test('which paths changed is what git says', async ({ bench }) => {
    const files = { a: '1', 'dir/b': '1', 'dir/deep/c': '1', same: '1', ünï: '1' };
    const from = await bench.commit(files);
    const versions = [
      { a: '2', 'dir/deep/c': '2', 'dir.txt': 'new', 'new/d': 'new' },
      { a: null, 'dir/deep/c': null, ünï: '2' },
      { same: null, renamed: '1' },
      { dir: 'a file now', 'dir/b': null, 'dir/deep/c': null },
    ];
    for (const changes of versions) {
      const to = await bench.commit(changes, [from]);
      const said = await bench.git.text(['diff-tree', '-r', '-M', '--name-status', '-z', from, to]);
      const paths = (await changedPaths(bench.git, from, to)).flatMap(({ status, previousPath, path }) => [
        `${{ added: 'A', removed: 'D', modified: 'M', renamed: 'R', changed: 'M' }[status]}`,
        ...(previousPath === undefined ? [] : [previousPath]),
        path,
      ]);
      expect(paths).toEqual(said.replaceAll('R100', 'R').split('\0').slice(0, -1));
    }
  });

  test('a short line of commits is the one that git tells', async ({ bench }) => {
    const line = [await bench.commit({ a: '0' })];
    for (const at of ['1', '2', '3', '4']) line.push(await bench.commit({ a: at }, line.slice(-1), `number ${at}`));
    const [first = '', , third = '', , last = ''] = line;
    const side = await bench.commit({ b: '1' }, [third], 'beside');
    const said = async (...args: string[]) =>
      (await bench.git.text(['rev-list', '--topo-order', ...args])).split('\n').slice(0, -1);
    const shas = async (...args: Parameters<typeof log> extends [unknown, ...infer R] ? R : never) =>
      (await log(bench.git, ...args)).map(({ sha }) => sha);
    expect(await shas(last)).toEqual(await said(last));
    expect(await shas(last, { without: [third] })).toEqual(await said(last, `^${third}`));
    expect(await shas(last, { without: [side] })).toEqual(await said(last, `^${side}`));
    expect(await shas(last, { limit: 2, skip: 1 })).toEqual(await said('--max-count=2', '--skip=1', last));
    expect(await shas(last, { limit: 2, oldestFirst: true })).toEqual(await said('--max-count=2', '--reverse', last));
    expect(await count(bench.git, last, side)).toBe(2);
    expect(await count(bench.git, first, last)).toBe(0);
    expect(await mergeBase(bench.git, side, last)).toBe(third);
  });

  test('a first commit is compared with nothing', async ({ bench }) => {
    const tree = await bench.tree({ a: 'x' });
    expect(await diff(bench.git, undefined, tree)).toMatchObject([{ path: 'a', status: 'added' }]);
  });
});

describe('merging', () => {
  test('keeps both sides’ work', async ({ bench }) => {
    const root = await bench.commit({ f: lines() });
    const ours = await bench.commit({ f: lines([0, 'ours']), mine: 'm' }, [root]);
    const theirs = await bench.commit({ f: lines([11, 'theirs']), yours: 'y' }, [root]);
    const merged = await mergeTrees(bench.git, ours, theirs);
    const tree = 'tree' in merged ? merged.tree : '';
    expect((await bench.git.object(`${tree}:f`))?.content.toString()).toBe(lines([0, 'ours'], [11, 'theirs']));
    expect((await listTree(bench.git, tree)).map(({ path }) => path)).toEqual(['f', 'mine', 'yours']);
  });

  test('names what conflicts', async ({ bench }) => {
    const root = await bench.commit({ f: lines(), g: 'g' });
    const ours = await bench.commit({ f: lines([5, 'ours']) }, [root]);
    const theirs = await bench.commit({ f: lines([5, 'theirs']) }, [root]);
    expect(await mergeTrees(bench.git, ours, theirs)).toEqual({ conflicts: ['f'] });
  });

  test('a rebase replays commit by commit, with their authors', async ({ bench }) => {
    const root = await bench.commit({ f: lines() });
    const base = await bench.commit({ g: 'g' }, [root], 'base moved');
    const one = await bench.commit({ f: lines([0, 'one']) }, [root], 'one');
    const two = await bench.commit({ f: lines([0, 'one'], [9, 'two']) }, [one], 'two');
    const committer = { ...person, name: 'GitHub' };
    const tip = await rebase(
      bench.git,
      await bench.read(base),
      [await bench.read(one), await bench.read(two)],
      committer,
    );
    const history = await log(bench.git, String(tip));
    expect(history.map(({ message, committer: by }) => [message, by.name])).toEqual([
      ['two', 'GitHub'],
      ['one', 'GitHub'],
      ['base moved', 'Ada'],
      ['a commit', 'Ada'],
    ]);
    expect((await listTree(bench.git, String(tip))).map(({ path }) => path)).toEqual(['f', 'g']);
  });

  test('a rebase that conflicts gives nothing', async ({ bench }) => {
    const root = await bench.commit({ f: lines() });
    const base = await bench.commit({ f: lines([1, 'a']) }, [root]);
    const one = await bench.commit({ f: lines([1, 'b']) }, [root]);
    expect(await rebase(bench.git, await bench.read(base), [await bench.read(one)], person)).toBeUndefined();
  });
});
