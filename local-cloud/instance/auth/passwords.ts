import { compare, hash } from 'bcryptjs';
import type { AuthContext } from './context.ts';
import { AuthError, invalid } from './errors.ts';

const vendorsCost = 10;
/** bcrypt reads no further; the vendor refuses rather than cutting. */
const maxBytes = 72;

/** bcrypt of the password. Slow on purpose (about 85 ms): call it outside of transactions. */
export function hashPassword(context: AuthContext, password: string): Promise<string> {
  if (new TextEncoder().encode(password).length > maxBytes) {
    throw invalid(`Password cannot be longer than ${maxBytes} characters`);
  }
  return hash(password, context.passwordCost ?? vendorsCost);
}

export async function passwordMatches(password: string, encrypted: string | null): Promise<boolean> {
  return encrypted !== null && encrypted !== '' && compare(password, encrypted);
}

/** Refuses what is shorter than the project's policy. Creating users as an admin skips this, as the vendor does. */
export function checkStrength(context: AuthContext, password: string): void {
  const shortest = context.auth().password_min_length;
  if (password.length >= shortest) return;
  const message = `Password should be at least ${shortest} characters.`;
  throw new AuthError(422, 'weak_password', message, { weak_password: { reasons: ['length'] } });
}
