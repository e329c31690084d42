import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ManifestError } from '../engine/errors.ts';
import { isCode } from '../lib/errno.ts';
import type { SourceFile } from '../manifest/problem.ts';
import { quote } from '../manifest/text.ts';

/** A thousand manifests of the largest size that is allowed. */
const CAP_BYTES = 64 * 1024 * 1024;

/** No option and no range; git itself says whether there is one of that name. */
const REVISION = /^(?!.*\.\.)[A-Za-z0-9_][\w./@{}~^+-]{0,255}$/;

/**
 * The files of a folder, agencies/ unless told, as a revision of git has it: a branch, a tag or a commit of the repository that the folder stands in.
 * Rejects with a ManifestError when there is no such repository or revision; a base that cannot be read protects nobody.
 */
export async function readBase(dir: string, revision: string, folder = 'agencies/'): Promise<SourceFile[]> {
  const commit = await commitOf(dir, revision);
  const listed = (await git(dir, ['ls-tree', '-r', '-z', commit, '--', folder])).toString('utf8');
  const files = listed.split('\0').flatMap(plainFile);
  if (files.length === 0) return [];
  const contents = await git(dir, ['cat-file', '--batch'], files.map(({ object }) => `${object}\n`).join(''));
  const texts = textsIn(contents);
  return files.map(({ file }, index) => ({ file, text: texts[index] ?? '' }));
}

async function commitOf(dir: string, revision: string): Promise<string> {
  if (!REVISION.test(revision)) {
    throw new ManifestError(`${quote(revision)} is no revision`, 'Name a branch, a tag or a commit, as origin/main.');
  }
  await git(dir, ['rev-parse', '--git-dir']);
  try {
    return (await git(dir, ['rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`])).toString().trim();
  } catch (thrown) {
    throw new ManifestError(
      `git knows no revision ${quote(revision)} in ${dir}`,
      'Fetch it first (in a workflow: fetch-depth: 0 of actions/checkout), or name another with --base.',
      thrown,
    );
  }
}

/** `<mode> blob <object>\t<path>`; links and submodules are no manifests. */
function plainFile(line: string): { readonly file: string; readonly object: string }[] {
  const [, object, file] = /^100\d{3} blob ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
  return object === undefined || file === undefined ? [] : [{ file, object }];
}

/** `<object> blob <bytes>\n<content>\n`, one after another: https://git-scm.com/docs/git-cat-file#_batch_output */
function textsIn(batch: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < batch.length; ) {
    const start = batch.indexOf('\n', at) + 1;
    const end = start + Number(batch.toString('utf8', at, start).trim().split(' ')[2]);
    texts.push(batch.toString('utf8', start, end));
    at = end + 1;
  }
  return texts;
}

/** What git prints. Nothing goes through a shell, and the folder is never an option. */
async function git(dir: string, args: readonly string[], input = ''): Promise<Buffer> {
  const running = promisify(execFile)('git', ['-C', dir, ...args], { encoding: 'buffer', maxBuffer: CAP_BYTES });
  // A git that ends before it has read all says why with its exit code.
  running.child.stdin?.on('error', () => undefined).end(input);
  try {
    return (await running).stdout;
  } catch (thrown) {
    throw new ManifestError(
      `git cannot read what ${dir} was: ${reasonOf(thrown)}`,
      'Run it in a clone of the control room, or leave --base out.',
      thrown,
    );
  }
}

function reasonOf(thrown: unknown): string {
  if (isCode(thrown, 'ENOENT')) return 'it is not installed';
  const said = thrown instanceof Error && 'stderr' in thrown ? String(thrown.stderr) : String(thrown);
  return quote(said.split('\n')[0], 200);
}
