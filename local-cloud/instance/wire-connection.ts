import type { Socket } from 'node:net';
import type { Database, Guest, Turn } from './database.ts';
import { changesSessionUser, insufficientPrivilege, sessionRefusal } from './session-guard.ts';
import {
  endsIdle,
  readMessage,
  readOpening,
  readyLength,
  sqlOf,
  sync,
  terminateType,
  typeOf,
  welcome,
  withSql,
} from './wire-messages.ts';

const settings = {
  server_version: '18.6',
  server_encoding: 'UTF8',
  client_encoding: 'UTF8',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  integer_datetimes: 'on',
  standard_conforming_strings: 'on',
  is_superuser: 'off',
  session_authorization: 'postgres',
};
/** Raised by PostgreSQL itself, so that the protocol goes on as after any error. */
const refusal = `do $$ begin raise exception '${sessionRefusal}' using errcode = '${insufficientPrivilege}'; end $$`;

interface Connection {
  readonly socket: Socket;
  readonly guest: Guest;
  received: Buffer;
  opened: boolean;
  /** Held from the first message of a transaction until PostgreSQL is idle again. */
  turn: Turn | undefined;
}

/** Serves one client until it leaves; an open transaction is then rolled back. */
export function serveConnection(database: Database, socket: Socket): void {
  const connection: Connection = {
    socket,
    guest: database.enter(),
    received: Buffer.alloc(0),
    opened: false,
    turn: undefined,
  };
  let work: Promise<void> = Promise.resolve();
  const next = (task: () => Promise<void>) => {
    work = work.then(task).catch((error: Error) => void socket.destroy(error));
  };
  socket.setNoDelay(true);
  socket.on('data', (bytes) => next(() => receive(connection, bytes)));
  socket.on('error', () => socket.destroy());
  socket.on('close', () => next(() => leave(connection)));
}

async function receive(connection: Connection, bytes: Buffer): Promise<void> {
  connection.received = Buffer.concat([connection.received, bytes]);
  while (!connection.opened && connection.received.length > 0) if (!open(connection)) return;
  for (let message = take(connection); message !== undefined; message = take(connection)) {
    if (connection.socket.destroyed) return;
    if (typeOf(message) === terminateType) return void connection.socket.end();
    await relay(connection, message);
  }
}

/** False while bytes are missing. */
function open(connection: Connection): boolean {
  const opening = readOpening(connection.received);
  if (opening.kind === 'incomplete') return false;
  connection.received = connection.received.subarray(opening.length);
  if (opening.kind === 'encryption') connection.socket.write('N');
  else if (opening.kind === 'cancel') connection.socket.end();
  else {
    connection.opened = true;
    connection.socket.write(welcome(settings));
  }
  return true;
}

function take(connection: Connection): Buffer | undefined {
  const message = connection.opened ? readMessage(connection.received) : undefined;
  if (message !== undefined) connection.received = connection.received.subarray(message.length);
  return message;
}

async function relay(connection: Connection, message: Buffer): Promise<void> {
  const sql = sqlOf(message);
  const allowed = sql !== undefined && changesSessionUser(sql) ? withSql(message, refusal) : message;
  connection.turn ??= await connection.guest.turn();
  let tail: Uint8Array = new Uint8Array();
  await connection.turn.postgres.execProtocolRawStream(new Uint8Array(allowed), {
    onRawData(data) {
      // A copy, for PGlite reuses its buffer.
      const sent = Uint8Array.from(data);
      tail = Buffer.concat([tail, sent.subarray(-readyLength)]).subarray(-readyLength);
      connection.socket.write(sent);
    },
  });
  if (endsIdle(tail)) release(connection);
}

function release(connection: Connection): void {
  connection.turn?.release();
  connection.turn = undefined;
}

async function leave(connection: Connection): Promise<void> {
  const { turn } = connection;
  if (turn !== undefined) {
    await turn.postgres.execProtocolRawStream(new Uint8Array(sync()), { onRawData: () => undefined });
    await turn.postgres.exec('rollback');
    release(connection);
  }
  await connection.guest.leave();
}
