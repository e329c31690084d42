import type { Address, Dependency, Inputs, Resource } from './engine/resource.ts';

/** Settings that no instance is ever without: strangers cannot sign up, and nobody is let in unconfirmed. */
export const CLOSED_AUTH = {
  disable_signup: true,
  external_anonymous_users_enabled: false,
  mailer_autoconfirm: false,
} as const;

/** A resource whose kind is called like its address, and without which the agency is not Ready. */
export function resource(address: Address, inputs: Inputs, after: Dependency[]): Resource {
  return { address, kind: address, inputs, after, condition: 'Ready' };
}

export function created(address: Address): Dependency {
  return { address, stage: 'created' };
}

export function ready(address: Address): Dependency {
  return { address, stage: 'ready' };
}
