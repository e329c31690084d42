import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aSupabase } from '../testing.ts';

/** Stands for the wire protocol of an open instance: sends back what it gets, in capitals. */
async function aPostgres(): Promise<string> {
  const server = createServer((socket) => socket.on('data', (data) => socket.write(data.toString().toUpperCase())));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `postgresql://postgres@127.0.0.1:${address.port}/postgres`;
}

async function visit(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  return socket;
}

describe("a project's Postgres", () => {
  it('has one address that opens nothing until somebody connects', async () => {
    const rig = await aSupabase();
    rig.instances.postgresUrl = await aPostgres();
    const ref = await rig.readyProject();
    const url = await rig.supabase.postgresUrl(ref);
    expect(url).toMatch(/^postgresql:\/\/postgres:postgres@127\.0\.0\.1:\d+\/postgres/);
    expect(await rig.supabase.postgresUrl(ref)).toBe(url);
    expect(rig.instances.opened).toEqual([]);
    const socket = await visit(String(url));
    socket.write('select 1');
    expect(String((await once(socket, 'data'))[0])).toBe('SELECT 1');
    expect(rig.instances.opened.map((options) => options.ref)).toEqual([ref]);
  });

  it('has no address while the project is not up', async () => {
    const rig = await aSupabase({ plan: 'free' });
    const ref = await rig.readyProject();
    await rig.call('POST', `/v1/projects/${ref}/pause`);
    expect(await rig.supabase.postgresUrl(ref)).toBeUndefined();
  });

  it('hangs up on whoever comes after the project was paused', async () => {
    const rig = await aSupabase({ plan: 'free' });
    const ref = await rig.readyProject();
    const url = String(await rig.supabase.postgresUrl(ref));
    await rig.call('POST', `/v1/projects/${ref}/pause`);
    await once(await visit(url), 'close');
    expect(rig.instances.opened).toEqual([]);
  });

  it('cuts its visitors when the cloud closes', async () => {
    const rig = await aSupabase();
    rig.instances.postgresUrl = await aPostgres();
    const socket = await visit(String(await rig.supabase.postgresUrl(await rig.readyProject())));
    socket.write('x');
    await once(socket, 'data');
    const closed = once(socket, 'close');
    await rig.supabase.close();
    await closed;
    expect(rig.instances.closed).toHaveLength(1);
  });
});
