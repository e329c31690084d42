import { join } from 'node:path';
import { createMutex } from '../instance/mutex.ts';
import type { CloudContext } from '../service.ts';
import { Git, initRepository } from './git/repository.ts';
import { type Account, emptyState, type Repository, type State, stateSchema } from './state.ts';

export const PREFIX = '/github';
/** The slug of the emulated GitHub App. */
export const APP_SLUG = 'agency-provisioner';
export const ACTIONS_LOGIN = 'github-actions[bot]';
export const APP_LOGIN = `${APP_SLUG}[bot]`;

const wellKnown: readonly Account[] = [
  { login: ACTIONS_LOGIN, id: 41_898_282, type: 'Bot' },
  { login: APP_LOGIN, id: 700_001, type: 'Bot' },
];

/** Everything the forge knows: what is saved as JSON, and the bare repositories on disk. */
export class World {
  readonly context: CloudContext;
  readonly state: State;
  readonly #gits = new Map<string, Git>();
  readonly #mutex = createMutex();

  constructor(context: CloudContext, saved: unknown) {
    this.context = context;
    this.state = saved === undefined || saved === null ? emptyState() : stateSchema.parse(saved);
  }

  /** Where clients reach the API, and people the pages. */
  get base(): string {
    return `${this.context.origin()}${PREFIX}`;
  }

  /** Seconds since 1970. */
  seconds(): number {
    return Math.floor(this.context.clock.now() / 1_000);
  }

  /** GitHub's times have no milliseconds. */
  now(): string {
    return isoOf(this.seconds());
  }

  nextId(): number {
    this.state.lastId += 1;
    return this.state.lastId;
  }

  /** By `owner/name`, whatever its capitals. */
  find(name: string): Repository | undefined {
    return this.state.repositories.find((one) => one.name.toLowerCase() === name.toLowerCase());
  }

  git(repository: Pick<Repository, 'name'>): Git {
    const open = this.#gits.get(repository.name) ?? new Git(this.directory(repository.name));
    this.#gits.set(repository.name, open);
    return open;
  }

  directory(name: string): string {
    return join(this.context.dir, 'github', `${name}.git`);
  }

  /** The account of that name; it comes into being when first named. */
  account(login: string, type: Account['type'] = 'User'): Account {
    const known = [...wellKnown, ...this.state.accounts].find((one) => one.login.toLowerCase() === login.toLowerCase());
    if (known !== undefined) return known;
    const made: Account = { login, id: this.nextId(), type };
    this.state.accounts.push(made);
    return made;
  }

  knows(login: string): boolean {
    return [...wellKnown, ...this.state.accounts].some((one) => one.login.toLowerCase() === login.toLowerCase());
  }

  /** Whatever changes something waits for its turn: each request sees what the one before it left. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.#mutex.acquire();
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** A repository with an empty bare repository on disk. */
  async create(name: string, options: Partial<Repository> = {}): Promise<Repository> {
    if (this.find(name) !== undefined) throw new Error(`The local forge has a repository ${name} already.`);
    if (!/^[A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(name))
      throw new Error(`${name} is no owner/name.`);
    this.account(name.split('/')[0] ?? name);
    const repository: Repository = {
      id: this.nextId(),
      name,
      private: true,
      defaultBranch: 'main',
      parent: null,
      collaborators: [],
      actionsMayOpenPulls: true,
      createdAt: this.now(),
      lastNumber: 0,
      issues: [],
      comments: [],
      labels: [],
      checkRuns: [],
      statuses: [],
      deployments: [],
      protections: [],
      signed: [],
      ...options,
    };
    await initRepository(this.directory(name), repository.defaultBranch);
    this.state.repositories.push(repository);
    return repository;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#gits.values()].map((git) => git.close()));
  }
}

export function isoOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z');
}

export function ownerOf(repository: Pick<Repository, 'name'>): string {
  return repository.name.split('/')[0] ?? repository.name;
}
