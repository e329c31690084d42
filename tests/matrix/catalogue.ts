import { inject } from 'vitest';
import { crash, lose, persist, stumble } from './cases.ts';
import { PERSISTENT, TROUBLES, type Trouble } from './faults.ts';
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
    ...acts.flatMap((site) => PERSISTENT.map((trouble) => forever(site, trouble))),
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
 * One run for many reads: each is hit in it, and because a read may be repeated the run has to end well at once. One run
 * a read would be a third of the whole matrix's time and exercise the same few lines of one retry policy.
 */
function everyRead(reads: readonly Site[]): Case[] {
  return TROUBLES.flatMap(({ name, effect, deadlineMs }) =>
    chunks(reads, deadlineMs === undefined ? reads.length : DEADLINES_A_RUN).map((sites) => ({
      sites,
      effect: name,
      run: async () => {
        const { result } = await stumble(sites, effect, deadlineMs);
        if (result !== 'done') throw new Error(`a run whose reads stumbled once ended as ${result}`);
      },
    })),
  );
}

/** Each costs a second of waiting. */
const DEADLINES_A_RUN = 6;

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

function forever(site: Site, { name, effect, deadlineMs }: Trouble): Case {
  return { sites: [site], effect: `${name} always`, run: () => persist(site, effect, deadlineMs) };
}

/** For the same reason a read gets one of the persistent troubles, in turn. */
function someForever(site: Site, index: number): Case[] {
  const trouble = PERSISTENT[index % PERSISTENT.length];
  return trouble ? [forever(site, trouble)] : [];
}
