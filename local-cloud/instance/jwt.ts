import { jwtVerify, SignJWT } from 'jose';

export type Claims = Record<string, unknown>;

/** Signs with HS256 and the project's JWT secret. Times are in the claims, in seconds. */
export function signJwt(claims: Claims, secret: string): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(new TextEncoder().encode(secret));
}

export type Verified = { ok: true; claims: Claims } | { ok: false; expired: boolean };

/** Checks signature and lifetime; `now` is vendor time in milliseconds. */
export async function verifyJwt(token: string, secret: string, now: number): Promise<Verified> {
  try {
    const key = new TextEncoder().encode(secret);
    const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], currentDate: new Date(now) });
    return { ok: true, claims: payload };
  } catch (error) {
    return { ok: false, expired: error instanceof Error && 'code' in error && error.code === 'ERR_JWT_EXPIRED' };
  }
}
