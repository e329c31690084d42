import type { Reporter } from './reporter.ts';

/** One JSON object a line, for programs; `write` gets whole lines. The last one of a run has type `run`. */
export function ndjson(write: (line: string) => void): Reporter {
  return {
    event: (event) => write(`${JSON.stringify(event)}\n`),
    end: () => undefined,
  };
}
