/** The answer to a browser's preflight, or undefined when the request is none. */
export function preflight(request: Request): Response | undefined {
  if (request.method !== 'OPTIONS') return undefined;
  const headers = new Headers({
    'access-control-allow-methods': 'GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS,TRACE,CONNECT',
    'access-control-max-age': '3600',
  });
  const asked = request.headers.get('access-control-request-headers');
  if (asked !== null) headers.set('access-control-allow-headers', asked);
  return allowOrigins(new Response(null, { status: 200, headers }));
}

/** Any origin may read: what protects the data is the key and the row policies. */
export function allowOrigins(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set('access-control-allow-origin', '*');
  headers.set('access-control-expose-headers', 'content-range, location, x-total-count, link, x-sb-error-code');
  headers.append('vary', 'origin');
  return new Response(response.body, { status: response.status, headers });
}
