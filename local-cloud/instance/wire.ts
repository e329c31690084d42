import { createServer, type Server, type Socket } from 'node:net';
import type { Database } from './database.ts';
import { serveConnection } from './wire-connection.ts';

export interface Wire {
  url(): Promise<string>;
  close(): Promise<void>;
}

/**
 * PostgreSQL's wire protocol on a loopback port, for the official CLI, psql and dump tools. Names and passwords are
 * not checked: the port is reachable from this machine only. Connections share one backend and take turns by
 * transaction, so session settings are shared between them.
 */
export function createWire(database: Database): Wire {
  const sockets = new Set<Socket>();
  let listening: Promise<Server> | undefined;
  return {
    async url() {
      listening ??= listen(database, sockets);
      return urlOf(await listening);
    },
    async close() {
      if (listening === undefined) return;
      const server = await listening;
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function listen(database: Database, sockets: Set<Socket>): Promise<Server> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serveConnection(database, socket);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The wire protocol has no port.');
  return `postgresql://postgres:postgres@127.0.0.1:${address.port}/postgres`;
}
