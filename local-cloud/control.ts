import { Hono } from 'hono';
import { json } from './answers.ts';
import { type Faults, faultSchema } from './faults.ts';
import type { Holds } from './holds.ts';
import type { RequestLog } from './request-log.ts';

/** What `/_cloud` shows and moves. */
export interface ControlRoom {
  readonly faults: Faults;
  readonly holds: Holds;
  readonly log: RequestLog;
  /** The answer to `GET /_cloud/state`. */
  state(): Promise<unknown>;
}

/** The handles of the local cloud itself. They pass no fault, no limit and no latency, and are not logged. */
export function controlApp(room: ControlRoom): Hono {
  const app = new Hono().basePath('/_cloud');
  app.get('/faults', (c) => c.json(room.faults.list()));
  app.post('/faults', async (c) => {
    const body = faultSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) {
      const problems = body.error.issues.map((issue) => ({ field: fieldOf(issue), message: issue.message }));
      return json(400, { message: problems.map((one) => `${one.field}: ${one.message}`).join('; '), problems });
    }
    return c.json(room.faults.add(body.data), 201);
  });
  app.delete('/faults', (c) => {
    room.faults.clear();
    return c.json({ faults: [] });
  });
  app.get('/holds', (c) => c.json(room.holds.list()));
  app.post('/release', (c) => c.json({ released: room.holds.release() }));
  app.get('/requests', (c) => c.json(room.log.list()));
  app.get('/state', async () => json(200, await room.state()));
  app.notFound((c) => json(404, { message: `The local cloud has no ${c.req.method} ${c.req.path}.` }));
  return app;
}

function fieldOf(issue: { path: PropertyKey[]; keys?: string[] }): string {
  return [...issue.path.map(String), ...(issue.keys ?? [])].join('.') || 'body';
}
