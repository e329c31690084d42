const SHORTEST = 6;
const byHead = new Map<string, Set<string>>();
const values = new Set<string>();
const listeners = new Set<(value: string) => void>();

/** Whether a value is long enough to be found and replaced without tearing ordinary text apart. */
export function isMaskable(value: string): boolean {
  return value.length >= SHORTEST;
}

/**
 * Registers a secret, with the forms it takes on its way through JSON, URLs, HTML and base64, for the rest of the
 * process. Called by `Secret`; call it directly only for a value that arrives inside a foreign text.
 */
export function mask(value: string): void {
  if (!isMaskable(value) || values.has(value)) return;
  for (const form of forms(value)) remember(form);
}

/** Calls `listener` with every masked form, those of the past first. Returns the way to stop. */
export function onMask(listener: (value: string) => void): () => void {
  for (const value of values) listener(value);
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The text with every registered secret replaced by `***`. Every exit of the process goes through here. */
export function redact(text: string): string {
  if (values.size === 0 || text.length < SHORTEST) return text;
  let result = '';
  let from = 0;
  for (let at = 0; at <= text.length - SHORTEST; ) {
    const secret = secretAt(text, at);
    if (secret === undefined) {
      at += 1;
      continue;
    }
    result += `${text.slice(from, at)}***`;
    at += secret.length;
    from = at;
  }
  return from === 0 ? text : result + text.slice(from);
}

/** The longest one wins, or the tail of a longer secret would stay readable behind a shorter one. */
function secretAt(text: string, at: number): string | undefined {
  let longest: string | undefined;
  for (const value of byHead.get(text.slice(at, at + SHORTEST)) ?? []) {
    if (value.length > (longest?.length ?? 0) && text.startsWith(value, at)) longest = value;
  }
  return longest;
}

function remember(form: string): void {
  if (!isMaskable(form) || values.has(form)) return;
  values.add(form);
  const head = form.slice(0, SHORTEST);
  const known = byHead.get(head) ?? new Set();
  byHead.set(head, known.add(form));
  for (const listener of listeners) listener(form);
}

function forms(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const html = value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return [value, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(value), html, ...base64Forms(value)];
}

/** A secret inside a longer text meets base64 at one of three alignments; each leaves a core that never changes. */
function base64Forms(value: string): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(value)]);
    const head = Math.ceil((shift * 8) / 6);
    const tail = Math.floor((bytes.length * 8) / 6);
    const core = bytes.toString('base64').slice(head, tail);
    const urlSafe = core.replaceAll('+', '-').replaceAll('/', '_');
    return core === urlSafe ? [core] : [core, urlSafe];
  });
}
