import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from './answers.ts';
import type { Outcome } from './effects.ts';

/** Answers one request. `gone` fires when the client is gone before it was answered. */
export type Handler = (request: Request, gone: AbortSignal) => Promise<Outcome>;

export interface RunningServer {
  /** Without a trailing slash. */
  readonly origin: string;
  /** Cuts every connection. */
  close(): Promise<void>;
}

/** Larger bodies are answered with 413: nothing a provisioner sends comes near. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Listens on `host` and `port` (0 = any free one). Rejects when the port is taken. */
export async function listen(host: string, port: number, handle: Handler): Promise<RunningServer> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const origin = `http://${host.includes(':') ? `[${host}]` : host}:${addressOf(server).port}`;
  server.on('request', (incoming, outgoing) => void serve(origin, handle, incoming, outgoing));
  return { origin, close: () => shut(server) };
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  return address;
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}

async function serve(origin: string, handle: Handler, incoming: IncomingMessage, outgoing: ServerResponse) {
  const gone = new AbortController();
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  try {
    const request = await toRequest(origin, incoming);
    const outcome: Outcome = request === undefined ? tooLarge : await handle(request, gone.signal);
    if (outcome.kind === 'answer') await send(outgoing, outcome.response);
    else cut(outgoing, outcome.how);
  } catch (error) {
    refuse(outgoing, gone.signal, error);
  }
}

const tooLarge: Outcome = { kind: 'answer', response: json(413, { message: 'Payload Too Large' }) };

async function toRequest(origin: string, incoming: IncomingMessage): Promise<Request | undefined> {
  const body = await readBody(incoming);
  if (body === undefined) return undefined;
  const method = incoming.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD' && body.length > 0;
  return new Request(new URL(origin + (incoming.url ?? '/')), {
    method,
    headers: toHeaders(incoming),
    body: hasBody ? new Uint8Array(body) : null,
  });
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('The request stream has an encoding.');
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toHeaders(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  return headers;
}

async function send(outgoing: ServerResponse, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value);
  outgoing.end(body);
}

/** `reset` sends RST, as when a vendor's load balancer dies: no byte of an answer, and no orderly end either. */
function cut(outgoing: ServerResponse, how: 'close' | 'reset'): void {
  if (how === 'reset') outgoing.socket?.resetAndDestroy();
  else outgoing.socket?.destroy();
}

/** An error in here is our own bug: shown to whoever runs the cloud, never mistaken for a vendor's answer. */
function refuse(outgoing: ServerResponse, gone: AbortSignal, error: unknown): void {
  if (gone.aborted || outgoing.headersSent) {
    cut(outgoing, 'close');
    return;
  }
  console.error('local cloud:', error);
  outgoing.writeHead(599, { 'content-type': 'application/json; charset=utf-8' });
  outgoing.end(JSON.stringify({ message: `The local cloud failed: ${String(error)}` }));
}
