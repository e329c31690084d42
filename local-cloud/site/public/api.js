const setting = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? '';
const base = setting('supabase-url').replace(/\/+$/, '');
const key = setting('supabase-key');
// Several sites may share one origin: the path keeps their sessions apart.
const slot = `session:${location.pathname}`;

/** The signed-in session, or null. */
export function session() {
  return JSON.parse(sessionStorage.getItem(slot) ?? 'null');
}

function keep(next) {
  if (next === null) sessionStorage.removeItem(slot);
  else sessionStorage.setItem(slot, JSON.stringify(next));
}

async function send(path, { method = 'GET', body, prefer } = {}) {
  const token = session()?.access_token;
  const headers = { apikey: key, 'content-type': 'application/json' };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (prefer !== undefined) headers.prefer = prefer;
  return fetch(`${base}${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
}

async function renew() {
  const { refresh_token } = session() ?? {};
  if (refresh_token === undefined) return false;
  const response = await send('/auth/v1/token?grant_type=refresh_token', { method: 'POST', body: { refresh_token } });
  keep(response.ok ? await response.json() : null);
  return response.ok;
}

async function call(path, options) {
  let response = await send(path, options);
  if (response.status === 401 && !path.startsWith('/auth/v1/token') && (await renew())) {
    response = await send(path, options);
  }
  const text = await response.text();
  const answer = text === '' ? null : JSON.parse(text);
  if (!response.ok) throw new Error(answer?.msg ?? answer?.error_description ?? answer?.message ?? response.statusText);
  return answer;
}

/** Signs in; rejects with what the server said. */
export async function signIn(email, password) {
  keep(null);
  keep(await call('/auth/v1/token?grant_type=password', { method: 'POST', body: { email, password } }));
}

/** Ends the session here even when the server cannot be reached. */
export async function signOut() {
  try {
    await call('/auth/v1/logout?scope=local', { method: 'POST' });
  } finally {
    keep(null);
  }
}

/** The signed-in user as the server knows them now. */
export const user = () => call('/auth/v1/user');

/** Sets a new password and notes that it is the user's own. */
export const changePassword = (password) =>
  call('/auth/v1/user', {
    method: 'PUT',
    body: { password, data: { password_changed_at: new Date().toISOString(), must_change_password: false } },
  });

/** The rows of a table, by name. */
export const rows = (table, columns) => call(`/rest/v1/${table}?select=${columns}&order=name.asc`);

export const create = (table, row) =>
  call(`/rest/v1/${table}`, { method: 'POST', body: row, prefer: 'return=representation' });

/** Rejects when the row is gone or not ours to change: then nothing comes back. */
export async function update(table, id, row) {
  const path = `/rest/v1/${table}?id=eq.${encodeURIComponent(id)}`;
  const changed = await call(path, { method: 'PATCH', body: row, prefer: 'return=representation' });
  if (changed.length === 0) throw new Error('Nothing was changed: you may not edit this.');
}
