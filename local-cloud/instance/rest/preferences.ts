import { RestError } from './errors.ts';

export interface Preferences {
  readonly returns: 'minimal' | 'representation' | 'headers-only';
  readonly count: boolean;
  readonly resolution: 'merge-duplicates' | 'ignore-duplicates' | undefined;
  /** One object instead of an array; anything but exactly one row is refused. */
  readonly single: boolean;
}

/** What `Prefer` and `Accept` ask for. https://docs.postgrest.org/en/stable/references/api/preferences.html */
export function preferencesOf(headers: Headers): Preferences {
  const asked = new Map((headers.get('prefer') ?? '').split(',').map((one) => pair(one.trim())));
  // Passed over in silence it would write nulls where the client was promised defaults.
  if (asked.get('missing') === 'default')
    throw new RestError(501, 'PGRST100', 'Prefer: missing=default is not emulated');
  const returns = asked.get('return');
  const resolution = asked.get('resolution');
  return {
    returns: returns === 'representation' || returns === 'headers-only' ? returns : 'minimal',
    count: asked.has('count'),
    resolution: resolution === 'merge-duplicates' || resolution === 'ignore-duplicates' ? resolution : undefined,
    single: (headers.get('accept') ?? '').includes('application/vnd.pgrst.object'),
  };
}

function pair(text: string): [string, string] {
  const [name = '', value = ''] = text.split('=', 2);
  return [name, value];
}

export interface Page {
  readonly offset: number;
  readonly limit: number | undefined;
}

/** The vendor's default for rows in one answer. */
const maxRows = 1000;

/** From `limit` and `offset`, else from the `Range` header. */
export function pageOf(params: URLSearchParams, headers: Headers): Page {
  const range = headers.get('range')?.match(/^(\d+)-(\d*)$/);
  const from = Number(range?.[1] ?? 0);
  const rangeLimit = range?.[2] ? Number(range[2]) - from + 1 : undefined;
  const offset = whole(params, 'offset') ?? from;
  const limit = whole(params, 'limit') ?? rangeLimit ?? maxRows;
  if (limit < 0)
    throw new RestError(
      416,
      'PGRST103',
      'Requested range not satisfiable',
      'Limit should be greater than or equal to zero.',
    );
  return { offset, limit: Math.min(limit, maxRows) };
}

function whole(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name);
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : undefined;
}
