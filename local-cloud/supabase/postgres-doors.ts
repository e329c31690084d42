import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Instances } from './instances.ts';

/**
 * A TCP port per project that leads to its Postgres. Giving out an address opens nothing: the instance is opened when
 * somebody connects, and stays open as long as the connection does.
 */
export class PostgresDoors {
  readonly #instances: Instances;
  readonly #isServing: (ref: string) => boolean;
  readonly #doors = new Map<string, Promise<Server>>();
  readonly #sockets = new Set<Socket>();

  constructor(instances: Instances, isServing: (ref: string) => boolean) {
    this.#instances = instances;
    this.#isServing = isServing;
  }

  /** The `postgresql://` URL of a project, the same one until the cloud is closed. */
  async url(ref: string): Promise<string> {
    const opening = this.#doors.get(ref) ?? this.#build(ref);
    this.#doors.set(ref, opening);
    const address = (await opening).address();
    if (address === null || typeof address === 'string') throw new Error(`The Postgres of ${ref} listens on no port.`);
    return `postgresql://postgres:postgres@127.0.0.1:${address.port}/postgres?sslmode=disable`;
  }

  async close(): Promise<void> {
    const doors = await Promise.all(this.#doors.values());
    const closed = doors.map((door) => new Promise((resolve) => door.close(resolve)));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  async #build(ref: string): Promise<Server> {
    const door = createServer((visitor) => void this.#admit(ref, visitor));
    door.listen(0, '127.0.0.1');
    await once(door, 'listening');
    return door;
  }

  async #admit(ref: string, visitor: Socket): Promise<void> {
    this.#sockets.add(visitor);
    visitor.on('close', () => this.#sockets.delete(visitor));
    // A visitor that breaks off is no event of ours: `close` follows and ends the visit.
    visitor.on('error', () => visitor.destroy());
    try {
      if (this.#isServing(ref)) await this.#instances.use(ref, async (it) => lead(visitor, await it.postgresUrl()));
    } catch (error) {
      console.error(`local cloud: the Postgres of ${ref} cannot be reached:`, error);
    } finally {
      visitor.destroy();
    }
  }
}

/** Resolves when either side has hung up. */
async function lead(visitor: Socket, postgresUrl: string): Promise<void> {
  if (visitor.destroyed) return;
  const { hostname, port } = new URL(postgresUrl);
  const inside = connect(Number(port), hostname);
  inside.on('error', () => visitor.destroy());
  visitor.on('close', () => inside.destroy());
  visitor.pipe(inside).pipe(visitor);
  await new Promise((resolve) => inside.once('close', resolve));
}
