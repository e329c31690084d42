/** Every form in which a secret could stand in a text: as it is, and as JSON, URLs and base64 carry it. */
export function traces(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const plain = [secret, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(secret)];
  return [...new Set([...plain, Buffer.from(secret).toString('hex'), ...base64Traces(secret)])];
}

/** Inside a longer text base64 begins at any of three places in the secret; what lies between is the same each time. */
function base64Traces(secret: string): string[] {
  return ['', 'x', 'xx'].flatMap((before) => {
    const whole = Buffer.from(`${before}${secret}`);
    const kept = whole.subarray(0, whole.length - (whole.length % 3)).toString('base64');
    const core = kept.slice(before === '' ? 0 : 4);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** The names of the secrets that stand in a text in any form. */
export function leaks(text: string, secrets: Readonly<Record<string, string>>): string[] {
  return Object.entries(secrets)
    .filter(([, secret]) => traces(secret).some((trace) => text.includes(trace)))
    .map(([name]) => name);
}
