/** How a vendor misbehaves at one call site: what is told to the local cloud. */
export interface Trouble {
  readonly name: string;
  readonly effect: object;
  /** Real milliseconds that a request may take, where waiting is the point. */
  readonly deadlineMs?: number;
}

const LIMITED = { effect: 'status', status: 429, body: { message: 'Too Many Requests' } };

/** Three of them strike after the vendor has done its work: nobody can tell from the answer. */
export const TROUBLES: readonly Trouble[] = [
  { name: '429 wait', effect: { ...LIMITED, headers: { 'retry-after': '7' } } },
  { name: '429', effect: LIMITED },
  { name: '500', effect: { effect: 'status', status: 500, body: { message: 'Internal Server Error' } } },
  { name: '502', effect: { effect: 'status', status: 502, when: 'after', body: '<html>Bad Gateway</html>' } },
  { name: 'timeout', effect: { effect: 'hold', when: 'before' }, deadlineMs: 1_000 },
  { name: 'garbage', effect: { effect: 'garbage' } },
];

const ENDLESS = ['429', '500'];

/** Nothing is done behind these: a run that finds what was done is not stuck. */
const FRUITLESS: readonly Trouble[] = [
  {
    name: '502',
    effect: { effect: 'status', status: 502, when: 'before', body: '<html>Bad Gateway</html>' },
  },
  { name: 'garbage', effect: { effect: 'garbage', when: 'before' } },
];

/** Each of a run's attempts costs the whole of it, so it is shorter than for a timeout that strikes once. */
const ENDLESS_DEADLINE_MS = 500;

/** What a run must give up on. */
export const PERSISTENT: readonly Trouble[] = [
  ...TROUBLES.filter(({ name }) => ENDLESS.includes(name)),
  ...FRUITLESS,
  { name: 'timeout', effect: { effect: 'hold', when: 'before' }, deadlineMs: ENDLESS_DEADLINE_MS },
];
