import { createHash } from 'node:crypto';
import type { EnvVariable, Project, Target } from '../state.ts';
import { person } from '../world.ts';

/** Encrypted values come back sealed unless the call asks for them in the clear; sensitive ones never come back. */
function shown(variable: EnvVariable, decrypt: boolean): { value: string; decrypted?: boolean } {
  if (variable.type === 'sensitive') return { value: '' };
  if (variable.type !== 'encrypted') return { value: variable.value };
  return decrypt ? { value: variable.value, decrypted: true } : { value: seal(variable), decrypted: false };
}

/** Looks like the vendor's ciphertext and tells nothing of the value. */
function seal({ id, updatedAt }: EnvVariable): string {
  const c = createHash('sha256').update(`${id}.${updatedAt}`).digest('base64');
  return Buffer.from(JSON.stringify({ v: 'v2', c })).toString('base64');
}

/** A variable as every env route shows it. */
export function envView(variable: EnvVariable, decrypt = false): Record<string, unknown> {
  const { id, key, type, target, gitBranch, comment, createdAt, updatedAt } = variable;
  return {
    id,
    key,
    type,
    target,
    ...shown(variable, decrypt),
    ...(gitBranch !== null && { gitBranch }),
    ...(comment !== '' && { comment }),
    configurationId: null,
    createdAt,
    updatedAt,
    createdBy: person.id,
    updatedBy: person.id,
    system: type === 'system',
  };
}

/** What a deployment made now would find in its environment. */
export function snapshot(project: Project, target: Target): Record<string, string> {
  const own = project.env.filter((variable) => variable.target.includes(target) && variable.gitBranch === null);
  return Object.fromEntries(own.map(({ key, value }) => [key, value]));
}
