import type { CloudContext } from '../service.ts';
import type { ResendOptions } from './options.ts';
import { type ResendState, resendState } from './state.ts';

/** What every route works on. */
export interface World {
  readonly context: CloudContext;
  readonly options: ResendOptions;
  readonly state: ResendState;
  /** Idempotency keys whose first request is still under way. */
  readonly underWay: Set<string>;
}

/** @throws ZodError when `options.saved` is not what `save()` gave */
export function openWorld(context: CloudContext, options: ResendOptions): World {
  const saved = options.saved ?? { serial: 0, mails: [], idempotency: [] };
  return { context, options, state: structuredClone(resendState.parse(saved)), underWay: new Set() };
}

/** A random UUID out of the cloud's seed. */
export function newId(world: World): string {
  world.state.serial += 1;
  const hex = world.context.chance.text(`resend.mail.${world.state.serial}`, 32, '0123456789abcdef');
  const version = `4${hex.slice(13, 16)}`;
  const variant = `a${hex.slice(17, 20)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), version, variant, hex.slice(20)].join('-');
}
