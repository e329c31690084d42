import { createHmac } from 'node:crypto';
import { ALPHANUMERIC, HEX } from '../../chance.ts';
import type { Chance } from '../../service.ts';
import type { ApiKey, Project } from '../world.ts';

/** What a new project is born with: the legacy pair and a `default` of each modern type, made by the platform. */
export function birthKeys(chance: Chance, ref: string, now: number): Pick<Project, 'keys' | 'apiKeys'> {
  const jwtSecret = chance.text(`project.jwt/${ref}`, 64, ALPHANUMERIC);
  const anonJwt = signedJwt(jwtSecret, ref, 'anon', now);
  const serviceRoleJwt = signedJwt(jwtSecret, ref, 'service_role', now);
  const publishable = createKey(chance, ref, 'publishable', 'default', now);
  const secret = createKey(chance, ref, 'secret', 'default', now);
  return {
    keys: { publishable: publishable.value, secret: secret.value, jwtSecret, anonJwt, serviceRoleJwt },
    apiKeys: [legacyKey('anon', anonJwt, now), legacyKey('service_role', serviceRoleJwt, now), publishable, secret],
  };
}

function legacyKey(role: string, value: string, now: number): ApiKey {
  const description = `Legacy ${role} API key`;
  const times = { insertedAt: now, updatedAt: now };
  return { id: role, type: 'legacy', name: role, value, description, secretJwtTemplate: null, ...times };
}

/** A modern key in the vendor's form. Its value follows from the seed, the project and the key's name. */
export function createKey(
  chance: Chance,
  ref: string,
  type: 'publishable' | 'secret',
  name: string,
  now: number,
): ApiKey {
  const label = `project.key/${ref}/${type}/${name}`;
  const value = `sb_${type}_${chance.text(label, 22, ALPHANUMERIC)}_${chance.text(label, 8, ALPHANUMERIC)}`;
  const secretJwtTemplate = type === 'secret' ? { role: 'service_role' } : null;
  const times = { insertedAt: now, updatedAt: now };
  return { id: uuid(chance, label), type, name, value, description: null, secretJwtTemplate, ...times };
}

function uuid(chance: Chance, label: string): string {
  const hex = chance.text(`${label}/id`, 32, HEX);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Ten years, as the vendor's legacy keys live. */
function signedJwt(secret: string, ref: string, role: string, now: number): string {
  const iat = Math.floor(now / 1000);
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const claims = { iss: 'supabase', ref, role, iat, exp: iat + 10 * 365 * 24 * 3600 };
  const unsigned = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${unsigned}.${createHmac('sha256', secret).update(unsigned).digest('base64url')}`;
}
