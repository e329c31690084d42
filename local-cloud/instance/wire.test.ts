import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anInstance, type TestInstance } from './fixture.ts';

let instance: TestInstance;
beforeAll(async () => {
  instance = await anInstance('wire');
});
afterAll(() => instance.remove());

/** As much of a client as these tests need: simple queries, answers as `type:text` lines. */
interface Client {
  send(sql: string): Promise<string[]>;
  leave(): void;
}

async function aClient(): Promise<Client> {
  const url = new URL(await instance.postgresUrl());
  const socket = connect(Number(url.port), url.hostname);
  const startup = Buffer.from('\0\0\0\0\0\x03\0\0user\0postgres\0database\0postgres\0\0');
  startup.writeInt32BE(startup.length, 0);
  const answered = untilReady(socket);
  socket.write(startup);
  await answered;
  return {
    async send(sql) {
      const body = Buffer.from(`${sql}\0`);
      const length = Buffer.alloc(4);
      length.writeInt32BE(body.length + 4);
      const answer = untilReady(socket);
      socket.write(Buffer.concat([Buffer.from('Q'), length, body]));
      return answer;
    },
    leave: () => socket.destroy(),
  };
}

function untilReady(socket: Socket): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const listen = (more: Buffer) => {
      bytes = Buffer.concat([bytes, more]);
      const messages = split(bytes);
      if (!messages.at(-1)?.startsWith('Z')) return;
      socket.off('data', listen);
      resolve(messages);
    };
    socket.on('data', listen);
    socket.once('error', reject);
  });
}

function split(bytes: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at + 5 <= bytes.length && at + 1 + bytes.readInt32BE(at + 1) <= bytes.length; ) {
    const end = at + 1 + bytes.readInt32BE(at + 1);
    messages.push(`${String.fromCharCode(bytes[at] ?? 0)}:${bytes.toString('latin1', at + 5, end)}`);
    at = end;
  }
  return messages;
}

describe('the wire protocol', () => {
  it('keeps one URL', async () => {
    expect(await instance.postgresUrl()).toBe(await instance.postgresUrl());
    expect(await instance.postgresUrl()).toMatch(/^postgresql:\/\/postgres:postgres@127\.0\.0\.1:\d+\/postgres$/);
  });

  it('is postgres, and sees what the API wrote', async () => {
    await instance.sql('create table public.shared (note text)');
    const client = await aClient();
    await client.send("insert into public.shared values ('by wire')");
    expect(await instance.sql('select note from public.shared')).toEqual([{ note: 'by wire' }]);
    expect((await client.send('select current_user')).join()).toContain('postgres');
    client.leave();
  });

  it('refuses to become the superuser and goes on', async () => {
    const client = await aClient();
    const refused = await client.send('set session authorization supabase_admin');
    expect(refused[0]).toContain('C42501');
    expect((await client.send('select current_user')).join()).toContain('postgres');
    client.leave();
  });

  it('lets nobody else in while it is in a transaction', async () => {
    const client = await aClient();
    await client.send('begin');
    await client.send('create table public.pending (id int)');
    const other = instance.sql("select to_regclass('public.pending') is not null as there");
    await client.send('commit');
    expect(await other).toEqual([{ there: true }]);
    client.leave();
  });

  it('rolls back what a client leaves open', async () => {
    const client = await aClient();
    await client.send('begin; create table public.abandoned (id int)');
    client.leave();
    expect(await instance.sql("select to_regclass('public.abandoned') as there")).toEqual([{ there: null }]);
  });

  it('hands on neither settings nor roles to the API', async () => {
    const client = await aClient();
    await client.send("set search_path = auth; set role anon; set app.note = 'wire'");
    expect(await instance.sql('select current_user::text as who, current_schema()::text as schema')).toEqual([
      { who: 'postgres', schema: 'public' },
    ]);
    client.leave();
  });

  it('keeps prepared statements over an API call', async () => {
    const client = await aClient();
    await client.send('prepare kept as select 41 + 1 as answer');
    await instance.sql('select 1');
    expect((await client.send('execute kept')).join()).toContain('42');
    client.leave();
  });
});
