import { inject } from 'vitest';
import { crash, lose, persist, stumble } from './cases.ts';
import { PERSISTENT, READS_DEADLINE_MS, TROUBLES } from './faults.ts';
import type { Case } from './matrix.ts';
import { isRead, type Site } from './sites.ts';

/** Every case over the call sites of a clean run. */
export function allCases(): Case[] {
  const sites = inject('sites');
  const acts = sites.filter((site) => !isRead(site));
  const reads = sites.filter(isRead);
  return [
    ...sites.flatMap(crashes),
    ...acts.map(lost),
    ...acts.flatMap(troubles),
    ...everyRead(reads),
    ...acts.flatMap((site) => PERSISTENT.map(({ name, effect }) => forever(site, name, effect))),
    ...reads.flatMap(someForever),
  ];
}

function crashes(site: Site): Case[] {
  const { program } = inject('programs');
  return (['before', 'after'] as const).map((when) => ({
    sites: [site],
    effect: `killed ${when}`,
    run: () => crash(program, site, when),
  }));
}

function lost(site: Site): Case {
  return { sites: [site], effect: 'answer lost', run: () => lose(inject('programs').program, site) };
}

function troubles(site: Site): Case[] {
  return TROUBLES.map(({ name, effect, deadlineMs }) => ({
    sites: [site],
    effect: name,
    run: () => stumble([site], effect, deadlineMs),
  }));
}

/**
 * One run for all reads: each is hit in it, and because a read may be repeated the run has to end well at once. One run
 * a read would be a third of the whole matrix's time and exercise the same few lines of one retry policy.
 */
function everyRead(reads: readonly Site[]): Case[] {
  return TROUBLES.map(({ name, effect, deadlineMs }) => ({
    sites: reads,
    effect: name,
    run: async () => {
      const { result } = await stumble(reads, effect, deadlineMs && READS_DEADLINE_MS);
      if (result !== 'done') throw new Error(`a run whose reads stumbled once ended as ${result}`);
    },
  }));
}

function forever(site: Site, name: string, effect: object): Case {
  return { sites: [site], effect: `${name} always`, run: () => persist(site, effect) };
}

/** For the same reason a read gets one of the persistent troubles, in turn. */
function someForever(site: Site, index: number): Case[] {
  const trouble = PERSISTENT[index % PERSISTENT.length];
  return trouble ? [forever(site, trouble.name, trouble.effect)] : [];
}
