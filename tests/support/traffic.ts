import type { Cloud } from '../../local-cloud/cloud.ts';

/** One request as it left, with its body as text. */
export interface Sent {
  readonly method: string;
  /** The first segment of the path: supabase, projects, vercel, resend, github, sites. */
  readonly to: string;
  /** What follows it, with the query. */
  readonly path: string;
  readonly headers: string;
  readonly body: string;
}

/** Answers in the place of a vendor; `undefined` lets the request through. */
export type Intercept = (sent: Sent) => Response | undefined | Promise<Response | undefined>;

/** All that the product says to the vendors. */
export interface Traffic {
  readonly fetch: typeof globalThis.fetch;
  readonly sent: Sent[];
  intercept: Intercept;
}

/** A fetch that leads into the local cloud in this process and takes notes. */
export function trafficTo(cloud: Cloud): Traffic {
  const sent: Sent[] = [];
  const traffic: Traffic = {
    sent,
    intercept: () => undefined,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const note = await noteOf(request.clone());
      sent.push(note);
      return (await traffic.intercept(note)) ?? cloud.fetch(request);
    },
  };
  return traffic;
}

async function noteOf(request: Request): Promise<Sent> {
  const { pathname, search } = new URL(request.url);
  const [, to = '', ...rest] = pathname.split('/');
  return {
    method: request.method,
    to,
    path: `/${rest.join('/')}${search}`,
    headers: JSON.stringify([...request.headers]),
    body: await request.text(),
  };
}

/** Whether a request can change nothing at a vendor: what is not GET or HEAD has to be SQL under `read_only`. */
export function isRead({ method, path, body }: Sent): boolean {
  if (method === 'GET' || method === 'HEAD') return true;
  if (path.endsWith('/database/query/read-only')) return true;
  return path.endsWith('/database/query') && (JSON.parse(body) as { read_only?: boolean }).read_only === true;
}
