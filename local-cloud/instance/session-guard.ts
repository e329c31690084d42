/** SQLSTATE insufficient_privilege. */
export const insufficientPrivilege = '42501';
export const sessionRefusal = 'permission denied to set session authorization';

/**
 * True for text that would change the session's user. The vendor's sessions log in as `postgres`; ours are borrowed
 * from a superuser, so this one statement would escape. It guards against mistakes, not attackers.
 */
export function changesSessionUser(sql: string): boolean {
  const bare = sql.replaceAll(/\/\*[\s\S]*?\*\//g, ' ').replaceAll(/--[^\n]*/g, ' ');
  return /session(?:\s+|_)authorization/i.test(bare);
}
