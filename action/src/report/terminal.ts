import type { RunResult, Stamped } from '../engine/events.ts';
import { agencyLines, type LineOptions, linesOf, type Outcome, planLines } from './lines.ts';
import { advance, frame, type Picture, rowsOf } from './live.ts';
import type { Reporter } from './reporter.ts';
import { gather, headline } from './summary.ts';

/** The terminal, or what stands in its place. */
export interface Screen {
  write(text: string): void;
  /** Asked anew for every frame, because people resize windows. */
  size(): { readonly columns: number; readonly rows: number };
  /** Lines may be overwritten: a terminal, and no log of a CI. */
  readonly live: boolean;
  readonly color: boolean;
  /** Milliseconds of any clock that runs on. */
  now(): number;
}

export interface TerminalOptions extends Omit<LineOptions, 'width'> {
  /** What the last line says of a run that had no agency to look at. */
  readonly idle?: string;
}

const FRAME_MS = 100;
const COLORS = { red: 31, green: 32, yellow: 33, dim: 2 } as const;

type Color = keyof typeof COLORS;

const COLOR_OF: Readonly<Record<RunResult | 'unchanged', Color>> = {
  done: 'green',
  unchanged: 'dim',
  changes: 'yellow',
  waiting: 'yellow',
  blocked: 'red',
  failed: 'red',
};

/** Shows a run to people: what moves at the bottom, what is finished above it; only finished lines where it is not live. */
export function terminal(screen: Screen, options: TerminalOptions): Reporter {
  const gathering = gather();
  const outcomes = new Map<string, Outcome[]>();
  const region = screen.live ? liveRegion(screen) : undefined;
  const paint = (text: string, color: Color) => (screen.color ? `\u001b[${COLORS[color]}m${text}\u001b[0m` : text);
  const print = (lines: readonly string[], color?: Color) => {
    if (lines.length === 0) return;
    region?.clear();
    for (const line of lines) screen.write(`${color ? paint(line, color) : line}\n`);
    region?.draw();
  };
  const begun = new Map<string, number>();
  /** Its own time: the event's also counts what it waited for before it began. */
  const timed = (event: Stamped): Stamped => {
    if (event.type !== 'started' && event.type !== 'outcome') return event;
    const key = `${event.agency} ${event.address}`;
    if (event.type === 'started') begun.set(key, begun.get(key) ?? screen.now());
    const since = begun.get(key);
    return event.type === 'outcome' && since !== undefined ? { ...event, ms: screen.now() - since } : event;
  };
  const tell = (event: Stamped) => {
    const settings = { ...options, width: screen.size().columns };
    if (event.type === 'agency') {
      print(agencyLines(event, outcomes.get(event.agency) ?? []), COLOR_OF[event.result]);
      outcomes.delete(event.agency);
    } else if (event.type === 'plan' && region) {
      if (options.plans === 'full' || options.verbose) print(planLines(event, settings));
    } else if (!region || event.type === 'problem' || event.type === 'notice' || options.verbose) {
      print(linesOf(event, settings));
    }
    if (event.type === 'run') print([headline(gathering.summary(), options.idle)], COLOR_OF[event.result]);
  };
  return {
    event: (event) => {
      gathering.add(event);
      if (event.type === 'outcome') outcomes.set(event.agency, [...(outcomes.get(event.agency) ?? []), event]);
      region?.event(event);
      tell(timed(event));
    },
    end: () => region?.end(),
  };
}

/** The lines at the bottom that are overwritten while time passes. */
function liveRegion(screen: Screen) {
  let picture: Picture = new Map();
  let drawn: readonly string[] = [];
  const clear = () => {
    const rows = rowsOf(drawn, screen.size().columns);
    if (rows > 0) screen.write(`\r\u001b[${rows}A\u001b[0J`);
    drawn = [];
  };
  const draw = () => {
    const { columns, rows } = screen.size();
    drawn = frame(picture, screen.now(), columns - 1, rows - 2);
    if (drawn.length > 0) screen.write(`${drawn.join('\n')}\n`);
  };
  const timer = setInterval(() => {
    clear();
    draw();
  }, FRAME_MS);
  timer.unref();
  return {
    clear,
    draw,
    event: (event: Stamped) => {
      picture = advance(picture, event, screen.now());
    },
    end: () => {
      clearInterval(timer);
      clear();
    },
  };
}
