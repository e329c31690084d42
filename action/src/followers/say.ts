import { classify, isTransient, type ProvisionerError } from '../engine/errors.ts';
import type { Emit } from '../engine/events.ts';
import type { Clock } from '../lib/clock.ts';
import { createLimiter } from '../lib/limiter.ts';
import { hasStatus } from '../providers/failure.ts';

const AT_ONCE = 8;
/** How long a database that did not answer is left alone, so that the tries of many agencies do not add up. */
const SHUT_MS = 60_000;

/** Does something at the company's database; what fails becomes a notice. */
export interface Say {
  (whose: string, work: () => Promise<void>): Promise<void>;
  /** Tries once more what was given up. */
  again(): void;
}

/** `whose` names in the notice what was not told; what is nobody's fault alone is told once. */
export function sayer(clock: Clock, emit: Emit): Say {
  let shutUntil = Number.NEGATIVE_INFINITY;
  const told = new Set<string>();
  const turns = createLimiter(clock, () => ({ concurrency: AT_ONCE }));
  const attempt = async (whose: string, work: () => Promise<void>) => {
    // Asked when the turn has come: who was before may have found it shut.
    if (clock.elapsed() < shutUntil) return;
    try {
      await work();
    } catch (thrown) {
      const error = classify(thrown);
      const isShut = isEverybodys(error);
      if (isShut) shutUntil = clock.elapsed() + SHUT_MS;
      const matter = isShut ? 'everybody' : error.message;
      if (told.has(matter)) return;
      told.add(matter);
      emit({
        type: 'notice',
        message: `the company’s database was not told of ${whose}: ${error.message}; ${error.remedy}`,
      });
    }
  };
  const say = (whose: string, work: () => Promise<void>) => turns.run('turns', () => attempt(whose, work));
  return Object.assign(say, {
    again: () => {
      shutUntil = Number.NEGATIVE_INFINITY;
    },
  });
}

/** Whether the next word would fare no better; what is wrong with one row is not. */
function isEverybodys(error: ProvisionerError): boolean {
  return isTransient(error) || hasStatus(error, 401, 403, 404);
}
