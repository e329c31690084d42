/** A JSON answer; `undefined` members vanish, int8 values that fit become numbers and others text, as pg-meta does. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body, withoutBigInt), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  });
}

/** What every service answers where it emulates nothing: never a plausible answer that was made up. */
export function notEmulated(service: string, request: Request): Response {
  const { pathname } = new URL(request.url);
  const message = `The local cloud does not emulate ${request.method} ${pathname} of ${service}.`;
  return json(501, { message, error: { code: 'not_emulated', message } });
}

function withoutBigInt(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
}
