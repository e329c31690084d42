import { createHash } from 'node:crypto';
import { Refusal } from './answers.ts';
import type { World } from './world.ts';

/** How long a key is remembered: https://resend.com/docs/dashboard/emails/idempotency-keys */
const memoryMs = 24 * 60 * 60 * 1000;

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, ordered(inner)]),
  );
}

/** The same for bodies that say the same, whatever the order of their fields. */
export function digestOf(body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(ordered(body)))
    .digest('hex');
}

/** The key of a request, when it has one. @throws Refusal 400 on one that is empty or too long */
export function checkKey(key: string | undefined): string | undefined {
  if (key === undefined || (key.length >= 1 && key.length <= 256)) return key;
  throw new Refusal(400, 'invalid_idempotency_key', 'The idempotency key must be between 1-256 chars');
}

/**
 * The mail that an earlier request with this key sent.
 * @throws Refusal 409 when that request said something else, or is still under way
 */
export function recall(world: World, key: string, payload: string): string | undefined {
  if (world.underWay.has(key)) {
    const message = 'Same idempotency key used while original request is still in progress';
    throw new Refusal(409, 'concurrent_idempotent_requests', message);
  }
  const oldest = world.context.clock.now() - memoryMs;
  world.state.idempotency = world.state.idempotency.filter(({ at }) => at > oldest);
  const before = world.state.idempotency.find((remembered) => remembered.key === key);
  if (before === undefined) return undefined;
  if (before.payload === payload) return before.mailId;
  const message = 'Same idempotency key used with a different request payload';
  throw new Refusal(409, 'invalid_idempotent_request', message);
}

/** Keeps other requests with this key away until `send` is done, then remembers what it sent. */
export async function underKey(
  world: World,
  key: string,
  payload: string,
  send: () => Promise<string>,
): Promise<string> {
  world.underWay.add(key);
  try {
    const mailId = await send();
    world.state.idempotency.push({ key, payload, at: world.context.clock.now(), mailId });
    return mailId;
  } finally {
    world.underWay.delete(key);
  }
}
