import { request } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Handler, listen } from './http-server.ts';

async function serve(handle: Handler): Promise<string> {
  const server = await listen('127.0.0.1', 0, handle);
  onTestFinished(() => server.close());
  return server.origin;
}

const answering = (respond: (request: Request) => Response | Promise<Response>): Handler => {
  return async (request) => ({ kind: 'answer', response: await respond(request) });
};

describe('what arrives', () => {
  it('is the request as it was sent, at the address of the cloud', async () => {
    const seen: Request[] = [];
    const origin = await serve(
      answering((request) => {
        seen.push(request);
        return new Response('ok');
      }),
    );
    await fetch(`${origin}/a%20b?x=1&x=2`, { method: 'PATCH', body: '☃' });
    const [arrived] = seen;
    expect([arrived?.method, arrived?.url]).toEqual(['PATCH', `${origin}/a%20b?x=1&x=2`]);
    expect(await arrived?.text()).toBe('☃');
  });

  it('has no body where none was sent', async () => {
    const origin = await serve(answering((arrived) => Response.json({ hasBody: arrived.body !== null })));
    expect(await (await fetch(origin, { method: 'POST' })).json()).toEqual({ hasBody: false });
    expect(await (await fetch(origin)).json()).toEqual({ hasBody: false });
  });

  it('is refused with 413 beyond 32 MB', async () => {
    const origin = await serve(answering(() => new Response('taken')));
    const status = await new Promise((resolve) => {
      const outgoing = request(`${origin}/`, { method: 'POST' }, (incoming) => resolve(incoming.statusCode));
      outgoing.on('error', () => undefined);
      outgoing.end(Buffer.alloc(33 * 1024 * 1024));
    });
    expect(status).toBe(413);
  });
});

describe('what is answered', () => {
  it('keeps status, headers of one name and bytes', async () => {
    const origin = await serve(
      answering(() => {
        const response = new Response(new Uint8Array([0, 255, 10]), { status: 540 });
        response.headers.append('set-cookie', 'a=1');
        response.headers.append('set-cookie', 'b=2');
        return response;
      }),
    );
    const response = await fetch(origin);
    expect(response.status).toBe(540);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 10]);
  });

  it('to our own bug is 599, which no vendor says, and the cause goes to whoever runs the cloud', async () => {
    const complained = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const origin = await serve(() => Promise.reject(new Error('bug')));
    expect((await fetch(origin)).status).toBe(599);
    expect(complained).toHaveBeenCalledWith('local cloud:', new Error('bug'));
  });
});

describe('a client that leaves', () => {
  it('is noticed while its answer is awaited', async () => {
    let left = (): void => undefined;
    const gone = new Promise<void>((resolve) => {
      left = resolve;
    });
    const origin = await serve(async (_request, signal) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      left();
      return { kind: 'cut', how: 'close' };
    });
    await expect(fetch(origin, { signal: AbortSignal.timeout(300) })).rejects.toThrow('timeout');
    await gone;
  });

  it('is not taken for one that got its answer', async () => {
    const signals: AbortSignal[] = [];
    const origin = await serve(async (_request, signal) => {
      signals.push(signal);
      return { kind: 'answer', response: new Response('ok') };
    });
    await (await fetch(origin, { headers: { connection: 'close' } })).text();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(signals.map((signal) => signal.aborted)).toEqual([false]);
  });
});
