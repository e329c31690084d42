/** A line of `GET /_cloud/requests`. */
export interface Logged {
  readonly service: string;
  readonly method: string;
  /** Without the service's prefix and without the query. */
  readonly path: string;
  readonly status: number;
}

/** One place from which the product calls out: the k-th request with one method to one path. */
export interface Site {
  readonly service: string;
  readonly method: string;
  /** The whole path as a regular expression, without what differs from run to run. */
  readonly path: string;
  /** Counted from 1 among the requests of the same key; never among all, whose order is different in every run. */
  readonly nth: number;
}

/** A poll asks until it has what it waits for; after two looks the others are the same again. */
const LOOKS_OF_A_POLL = 2;

/** What vendors make up: refs, ids, hosts. Names of tables count as well: they are one call with different words. */
const MADE_UP = [
  /^[a-z]{20}$/,
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  /^(prj|dpl|team|env)_\w+$/,
  /\.vercel\.app$/,
];
/** Patterns are compared with the path, and with the path and its query. */
const OTHER_TABLES = '(?!users(?:\\?|$))[^/]+';
const TABLE = /^\/[^/]+\/rest\/v1\/(?!users$)[^/]+$/;

/** Every call site of a run, by the requests that it made. */
export function sitesOf(log: readonly Logged[]): Site[] {
  const seen = new Map<string, number>();
  return log.flatMap((request) => {
    const { service, method } = request;
    const path = patternOf(request.path);
    const key = `${service} ${method} ${path}`;
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    return method === 'GET' && nth > LOOKS_OF_A_POLL ? [] : [{ service, method, path, nth }];
  });
}

function patternOf(path: string): string {
  if (TABLE.test(path)) return `^/[^/]+/rest/v1/${OTHER_TABLES}$`;
  const segments = path.split('/').map((segment) => (isMadeUp(segment) ? '[^/]+' : segment.replaceAll('.', '\\.')));
  return `^${segments.join('/')}$`;
}

function isMadeUp(segment: string): boolean {
  return MADE_UP.some((form) => form.test(segment));
}

/** How progress lines and the table name a site. */
export function nameOf({ service, method, path, nth }: Site): string {
  return `${service} ${method} ${path.slice(1, -1).replace(OTHER_TABLES, '*').replaceAll('[^/]+', '*').replaceAll('\\.', '.')}#${nth}`;
}

/** Whether nothing but a look can come of it; a sign-in makes a session and counts as an act. */
export function isRead({ method, path }: Pick<Site, 'method' | 'path'>): boolean {
  return method === 'GET' || method === 'HEAD' || /\/database\/query\/read-only\$?$/.test(path);
}
