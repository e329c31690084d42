import { type Context, Hono } from 'hono';
import type { CloudContext, Service } from '../service.ts';
import { isHidden } from '../stale.ts';
import { bearer, invalid, notFound, Refusal } from './answers.ts';
import { checkKey, digestOf, recall, underKey } from './idempotency.ts';
import { inboxView, type Mail, mailView } from './mail.ts';
import { type Message, readMessage } from './message.ts';
import type { ResendOptions } from './options.ts';
import type { StoredMail } from './state.ts';
import { newId, openWorld, type World } from './world.ts';

export type { Mail } from './mail.ts';
export type { ResendOptions } from './options.ts';

export interface ResendService extends Service {
  /** Newest first. */
  mails(): Mail[];
}

function authenticate({ options }: World, call: Context): void {
  const key = bearer(call);
  if (key === options.apiKey) return;
  if (key !== options.sendingKey) throw new Refusal(403, 'invalid_api_key', 'API key is invalid');
  if (call.req.method === 'POST' && call.req.path === '/emails') return;
  throw new Refusal(401, 'restricted_api_key', 'This API key is restricted to only send emails');
}

/** Never longer than the delivery itself, so that a cloud in which nothing takes time has none of it. */
const acceptMs = ({ options }: World): number => options.acceptMs ?? Math.min(50, options.deliveryMs ?? 50);

async function accept(world: World, { html, text, ...message }: Message): Promise<string> {
  await world.context.clock.sleep(acceptMs(world));
  const bodies = { ...(html !== undefined && { html }), ...(text !== undefined && { text }) };
  const createdAt = Math.floor(world.context.clock.now());
  const mail: StoredMail = { id: newId(world), ...message, ...bodies, createdAt };
  world.state.mails.push(mail);
  return mail.id;
}

async function send(world: World, call: Context): Promise<Response> {
  const key = checkKey(call.req.header('idempotency-key'));
  const body = await json(call);
  const message = readMessage(body, world.options);
  if (key === undefined) return call.json({ id: await accept(world, message) });
  const payload = digestOf(body);
  const before = recall(world, key, payload);
  const id = before ?? (await underKey(world, key, payload, () => accept(world, message)));
  return call.json({ id });
}

async function json(call: Context): Promise<unknown> {
  try {
    return JSON.parse(await call.req.text());
  } catch {
    throw invalid('The request body must be valid JSON.');
  }
}

function mailOf(world: World, id: string): StoredMail {
  const found = world.state.mails.find((mail) => mail.id === id);
  if (found === undefined) throw notFound();
  return found;
}

function list(world: World, call: Context): Response {
  const { limit = '20', after, before } = call.req.query();
  const size = Number(limit);
  if (!Number.isInteger(size) || size < 1 || size > 100) throw invalid('The pagination limit must be 1 to 100.');
  if (after !== undefined && before !== undefined) throw invalid('`after` and `before` exclude each other.');
  const now = world.context.clock.now();
  const newest = world.state.mails.filter(({ createdAt }) => !isHidden(call.req.raw, createdAt, now)).toReversed();
  const place = (id: string): number => newest.indexOf(mailOf(world, id));
  const rest = newest.slice(
    after === undefined ? 0 : place(after) + 1,
    before === undefined ? undefined : place(before),
  );
  const page = before === undefined ? rest.slice(0, size) : rest.slice(-size);
  const data = page.map((mail) => mailView(world, mail, false));
  return call.json({ object: 'list', has_more: rest.length > page.length, data });
}

function application(world: World): Hono {
  const app = new Hono();
  app.use('*', async (call, next) => {
    authenticate(world, call);
    await next();
  });
  app.post('/emails', (call) => send(world, call));
  app.get('/emails', (call) => list(world, call));
  app.get('/emails/:id', (call) => call.json(mailView(world, mailOf(world, call.req.param('id')), true)));
  app.notFound((call) => {
    const message = `The local cloud does not emulate ${call.req.method} ${call.req.path}.`;
    return call.json({ statusCode: 501, name: 'not_emulated', message }, 501);
  });
  app.onError((error, call) => {
    if (error instanceof Refusal) return call.json(error.body(), error.status);
    console.error(error);
    return call.json({ statusCode: 500, name: 'internal_server_error', message: 'Something went wrong.' }, 500);
  });
  return app;
}

/**
 * Resend's sending API (https://resend.com/docs/api-reference/emails): what it accepts lands in the inbox.
 * @throws ZodError when `options.saved` is not what `save()` gave
 */
export function resendService(context: CloudContext, options: ResendOptions): ResendService {
  const world = openWorld(context, options);
  const app = application(world);
  return {
    name: 'resend',
    prefix: '/resend',
    fetch: async (request) => app.fetch(request),
    save: () => structuredClone(world.state),
    close: async () => undefined,
    mails: () => world.state.mails.toReversed().map((mail) => inboxView(world, mail)),
  };
}
