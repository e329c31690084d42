import { ENV_LIMIT_BYTES, sentToBrowsers } from '../fields.ts';
import type { Finding } from '../problem.ts';
import type { EnvValue, Fleet } from '../schema.ts';
import { about, eachAgency, type Rule } from './rule.ts';

/** Vercel: variables of one environment of a project, https://vercel.com/docs/environment-variables (2026-04). */
const ENV_LIMIT_COUNT = 1000;

/** Variables that steer the provisioner itself: an app that is given one could be mistaken for it. */
const reservedPrefix = /^(?:PROVISIONER|VERCEL|GITHUB|RESEND|CONTROL_PLANE|ACTIONS|RUNNER)_/;
const reservedNames = new Set([
  'SUPABASE_ACCESS_TOKEN',
  'SUPABASE_ORG_ID',
  'SUPABASE_API_URL',
  'SUPABASE_PROJECT_URL',
  'INSTANCE_URL',
]);

export const agencyEnvKeys: Rule = eachAgency(({ manifest }, { fleet }) => reservedKeys(manifest.spec.env, fleet));

export const agencySecrets: Rule = eachAgency(({ slug, manifest }, { fleet }) => {
  if (!fleet) return [];
  return secretsOf(manifest.spec.env).flatMap(({ path, name }) => {
    const allowed = fleet.spec.secrets.find((secret) => secret.name === name)?.agencies ?? [];
    if (allowed === 'all' || allowed.includes(slug)) return [];
    const remedy = `let an admin add it to spec.secrets of fleet.yaml with agencies: [${slug}], or remove it here`;
    return [about(path, `fleet.yaml does not allow the secret ${name} for this agency`, remedy)];
  });
});

export const agencySecretsStayOnServer: Rule = eachAgency(({ manifest }) => publicSecrets(manifest.spec.env));

export const envFitsVendor: Rule = eachAgency(({ manifest }, { fleet }) => {
  const env = { ...fleet?.spec.env, ...manifest.spec.env };
  const count = Object.keys(env).length;
  if (count > ENV_LIMIT_COUNT) {
    return [about(['spec', 'env'], `${count} variables are too many`, `Vercel takes ${ENV_LIMIT_COUNT}`, 'key')];
  }
  const bytes = count === 0 ? 0 : sizeOf(env);
  if (bytes <= ENV_LIMIT_BYTES) return [];
  const remedy = 'shorten it: Vercel takes 64 KB of names and values for one deployment';
  return [about(['spec', 'env'], `${bytes} bytes of variables, with those of the fleet, are too many`, remedy, 'key')];
});

/** What is wrong with the keys of an env: those that the provisioner sets, or that steer it. */
export function reservedKeys(env: Readonly<Record<string, EnvValue>> | undefined, fleet: Fleet | undefined): Finding[] {
  const ours = new Set<string>(Object.values(fleet?.spec.instanceEnv ?? {}));
  return Object.keys(env ?? {}).flatMap((key) => {
    if (!ours.has(key) && !reservedNames.has(key) && !reservedPrefix.test(key)) return [];
    const because = ours.has(key)
      ? 'the provisioner sets this variable itself'
      : 'this variable steers the provisioner';
    return [about(['spec', 'env', key], because, 'choose another name', 'key')];
  });
}

/** Secrets under names whose values are built into the pages of the app. */
export function publicSecrets(env: Readonly<Record<string, EnvValue>> | undefined): Finding[] {
  return Object.entries(env ?? {}).flatMap(([key, value]) => {
    if (typeof value === 'string' || !sentToBrowsers.test(key)) return [];
    const message = `a variable of this name is sent to every browser, and ${value.secret} is a secret`;
    return [about(['spec', 'env', key], message, 'choose a name that is not, and read it on the server', 'key')];
  });
}

/** The secrets that an env names, with their places. */
export function secretsOf(env: Readonly<Record<string, EnvValue>> | undefined): { path: string[]; name: string }[] {
  return Object.entries(env ?? {}).flatMap(([key, value]) =>
    typeof value === 'string' ? [] : [{ path: ['spec', 'env', key, 'secret'], name: value.secret }],
  );
}

function sizeOf(env: Readonly<Record<string, EnvValue>>): number {
  const texts = Object.entries(env).map(([key, value]) => key + (typeof value === 'string' ? value : ''));
  return Buffer.byteLength(texts.join(''));
}
