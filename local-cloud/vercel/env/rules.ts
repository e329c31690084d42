import type { EnvVariable, Target } from '../state.ts';
import type { EnvWish } from './schema.ts';

/** Why a variable was not taken, as in `failed[].error`. */
export interface EnvFailure {
  code: string;
  message: string;
  envVarKey: string;
  key: string;
  target: readonly Target[];
  envVarId?: string;
  gitBranch?: string;
}

/** Names and values together, per deployment: https://vercel.com/docs/environment-variables#environment-variable-size */
const maximumBytes = 64 * 1024;
const maximumCount = 1000;
const reserved = /^(VERCEL(_.*)?|NOW_REGION|TZ|AWS_REGION|AWS_DEFAULT_REGION|AWS_LAMBDA_.*|LAMBDA_.*)$/;

export const targetsOf = (wish: Pick<EnvWish, 'target'>): Target[] =>
  typeof wish.target === 'string' ? [wish.target] : [...new Set(wish.target)];

/** A variable that would stand beside `wish` under the same name in the same environment. */
export function rivals(env: readonly EnvVariable[], wish: EnvWish): EnvVariable[] {
  const wanted = targetsOf(wish);
  return env.filter(
    (variable) =>
      variable.key === wish.key &&
      variable.gitBranch === (wish.gitBranch ?? null) &&
      variable.target.some((target) => wanted.includes(target)),
  );
}

/** What is wrong with one variable by itself; undefined when nothing is. */
export function problem(wish: EnvWish): { code: string; message: string } | undefined {
  const target = targetsOf(wish);
  if (!/^[A-Za-z_]\w*$/.test(wish.key)) {
    const message = 'The name contains invalid characters. Only letters, digits, and underscores are allowed.';
    return { code: 'INVALID_KEY', message: `${message} Furthermore, the name should not start with a digit.` };
  }
  if (reserved.test(wish.key) && wish.type !== 'system') {
    return { code: 'RESERVED_ENV_VARIABLE', message: `The name "${wish.key}" is reserved.` };
  }
  if (wish.type === 'sensitive' && target.includes('development')) {
    const message = 'Sensitive environment variables can not be created for the development environment.';
    return { code: 'BAD_REQUEST', message };
  }
  if (wish.gitBranch != null && !target.includes('preview')) {
    return { code: 'BAD_REQUEST', message: 'A Git branch can only be set together with the preview environment.' };
  }
  return undefined;
}

/** Whether the variables of one environment fit into a deployment. */
export function fits(env: readonly EnvVariable[], target: Target): boolean {
  const own = env.filter((variable) => variable.target.includes(target));
  const bytes = own.reduce((sum, { key, value }) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return own.length <= maximumCount && bytes <= maximumBytes;
}

export function failure(wish: EnvWish, error: { code: string; message: string }, rival?: EnvVariable): EnvFailure {
  return {
    ...error,
    envVarKey: wish.key,
    key: wish.key,
    target: targetsOf(wish),
    ...(rival && { envVarId: rival.id }),
    ...(wish.gitBranch != null && { gitBranch: wish.gitBranch }),
  };
}
