import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ForgeRepository } from '../github/forge-repository.ts';
import type { ForgeEvent } from '../github/state.ts';
import { readWorkflows } from './workflows.ts';

/** A workflow that begins, and why. */
export interface Starting {
  readonly workflow: string;
  /** As in `github.event_name`. */
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly ref: string;
  readonly sha: string;
  /** For a pull request of a fork: GitHub hands it no secret and no token that writes. */
  readonly isForeign: boolean;
  readonly inputs?: Readonly<Record<string, string>>;
}

const STANDARD_TYPES: Readonly<Record<string, readonly string[]>> = {
  pull_request: ['opened', 'synchronize', 'reopened'],
};

/** The workflows that an event starts, as https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows has it. */
export async function startedBy(event: ForgeEvent, repository: ForgeRepository): Promise<Starting[]> {
  // Whoever may write lets a pull request of a workflow's token begin, which is a click.
  if (event.runs === 'no') return [];
  const changed = event.name === 'push' ? await filesOf(event, repository) : [];
  if (event.name === 'push' && (await skips(event, repository))) return [];
  return readWorkflows()
    .filter(({ content: { on } }) => fits(wishIn(on, event.name), event, changed))
    .map(({ content }) => ({
      workflow: content.name,
      name: event.name,
      payload: event.payload,
      ref: event.ref,
      sha: event.sha ?? '',
      isForeign: event.name === 'pull_request' && fromFork(event.payload),
    }));
}

interface Wish {
  readonly branches?: readonly string[];
  readonly paths?: readonly string[];
  readonly 'paths-ignore'?: readonly string[];
  readonly types?: readonly string[];
}

/** `undefined`: it does not begin with this kind of event. */
function wishIn(on: unknown, name: string): Wish | undefined {
  if (typeof on === 'string') return on === name ? {} : undefined;
  if (Array.isArray(on)) return on.includes(name) ? {} : undefined;
  const wishes = on as Readonly<Record<string, Wish | null>>;
  return name in wishes ? (wishes[name] ?? {}) : undefined;
}

function fits(wish: Wish | undefined, { name, ref, payload }: ForgeEvent, changed: readonly string[]): boolean {
  if (!wish) return false;
  const types = wish.types ?? STANDARD_TYPES[name];
  if (types && !types.includes(String(payload.action))) return false;
  const branch = name === 'pull_request' ? baseOf(payload) : ref.replace(/^refs\/heads\//, '');
  if (wish.branches && !among(wish.branches)(branch)) return false;
  if (name !== 'push') return true;
  if (wish.paths && !changed.some(among(wish.paths))) return false;
  return !wish['paths-ignore'] || !changed.every(among(wish['paths-ignore']));
}

/** `*` stops at a slash, `**` does not. */
function among(globs: readonly string[]): (path: string) => boolean {
  const patterns = globs.map((glob) => {
    const parts = glob.split('**').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*'));
    return new RegExp(`^${parts.join('.*')}$`);
  });
  return (path) => patterns.some((pattern) => pattern.test(path));
}

function baseOf(payload: ForgeEvent['payload']): string {
  return String((payload.pull_request as { base?: { ref?: string } } | undefined)?.base?.ref);
}

function fromFork(payload: ForgeEvent['payload']): boolean {
  const { head, base } = payload.pull_request as Record<'head' | 'base', { repo: { full_name: string } | null }>;
  return head.repo?.full_name !== base.repo?.full_name;
}

async function filesOf({ payload }: ForgeEvent, { directory }: ForgeRepository): Promise<string[]> {
  const { before, after } = payload as { before: string; after: string };
  if (/^0+$/.test(after)) return [];
  const range = /^0+$/.test(before) ? [after] : [before, after];
  const tree = ['diff-tree', '-r', '--no-commit-id', '--name-only', '--root', '-z', ...range];
  const { stdout } = await promisify(execFile)('git', ['--git-dir', directory, ...tree]);
  return stdout.split('\0').filter((path) => path !== '');
}

/** https://docs.github.com/actions/how-tos/manage-workflow-runs/skip-workflow-runs: the message of the newest commit says so. */
async function skips({ sha }: ForgeEvent, repository: ForgeRepository): Promise<boolean> {
  if (sha === null) return true;
  const [newest] = await repository.log(sha);
  return /\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]/i.test(newest?.message ?? '');
}
