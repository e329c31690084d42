import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instance, InstanceOptions } from '../instance/instance.ts';

export type OpenInstance = (options: InstanceOptions) => Promise<Instance>;

/** Everything about an instance except where it lives: that is decided here. */
export type InstanceSettings = Omit<InstanceOptions, 'ref' | 'dir'>;

interface Entry {
  readonly opening: Promise<Instance>;
  users: number;
}

/** An open instance takes some 32 MB; one that is closed takes a fraction of a second to open again. */
const MAX_OPEN = 8;

/** Opens instances when somebody needs them and closes those that were not needed for longest. */
export class Instances {
  readonly #dir: string;
  readonly #open: OpenInstance;
  readonly #settings: (ref: string) => InstanceSettings;
  /** The least recently used one comes first. */
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new Map<string, Promise<void>>();

  constructor(dir: string, open: OpenInstance, settings: (ref: string) => InstanceSettings) {
    this.#dir = join(dir, 'projects');
    this.#open = open;
    this.#settings = settings;
  }

  /** Runs `work` with the instance of `ref`, which stays open meanwhile. */
  async use<T>(ref: string, work: (instance: Instance) => Promise<T>): Promise<T> {
    const entry = this.#enter(ref);
    try {
      return await work(await entry.opening);
    } finally {
      entry.users -= 1;
      await this.#evict();
    }
  }

  /** Whether the project has ever been opened; until then it holds nothing but the template. */
  exists(ref: string): boolean {
    return this.#entries.has(ref) || existsSync(this.#path(ref));
  }

  /** Deletes the instance and all that it holds. Whoever comes meanwhile waits for the end of it. */
  remove(ref: string): Promise<void> {
    const erase = (): Promise<void> => rm(this.#path(ref), { recursive: true, force: true });
    return this.#leave(ref, this.#close(ref).then(erase));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((ref) => this.#close(ref)));
    await Promise.all(this.#closing.values());
  }

  #path(ref: string): string {
    return join(this.#dir, ref);
  }

  #enter(ref: string): Entry {
    const entry = this.#entries.get(ref) ?? { opening: this.#start(ref), users: 0 };
    entry.users += 1;
    this.#entries.delete(ref);
    this.#entries.set(ref, entry);
    return entry;
  }

  async #start(ref: string): Promise<Instance> {
    try {
      await this.#closing.get(ref);
      return await this.#open({ ref, dir: this.#path(ref), ...this.#settings(ref) });
    } catch (error) {
      this.#entries.delete(ref);
      throw error;
    }
  }

  async #evict(): Promise<void> {
    const idle = [...this.#entries].filter(([, entry]) => entry.users === 0).map(([ref]) => ref);
    const surplus = idle.slice(0, Math.max(0, this.#entries.size - MAX_OPEN));
    await Promise.all(surplus.map((ref) => this.#close(ref)));
  }

  #close(ref: string): Promise<void> {
    const entry = this.#entries.get(ref);
    if (entry === undefined) return this.#closing.get(ref) ?? Promise.resolve();
    this.#entries.delete(ref);
    return this.#leave(
      ref,
      entry.opening.then((instance) => instance.close()),
    );
  }

  #leave(ref: string, work: Promise<void>): Promise<void> {
    const closing = work.finally(() => {
      if (this.#closing.get(ref) === closing) this.#closing.delete(ref);
    });
    this.#closing.set(ref, closing);
    return closing;
  }
}
