import { randomUUID } from 'node:crypto';
import { applyRecklessly } from './apply.ts';

const send = globalThis.fetch;

/** Every mail is a new one to Resend, also the one that is repeated because its answer was lost. */
globalThis.fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  if (headers.has('idempotency-key')) headers.set('idempotency-key', randomUUID());
  return send(input, { ...init, headers });
};

await applyRecklessly((kinds) => kinds);
