import { parseArgs } from 'node:util';
import type { Kinds } from '../../../action/src/engine/kind.ts';
import { run } from '../../../action/src/run.ts';
import { portsOf } from '../here.ts';

/** `apply <slug> --dir D --json` with kinds that were changed for the worse: the matrix must notice. */
export async function applyRecklessly(change: (kinds: Kinds) => Kinds): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { dir: { type: 'string' }, json: { type: 'boolean' } },
    allowPositionals: true,
  });
  const emit = (event: object): void => console.log(JSON.stringify(event));
  const ports = await portsOf(values.dir ?? '.', process.env, emit, { change });
  const { result } = await run({ mode: 'apply', agencies: positionals.slice(1) }, ports);
  process.exitCode = result === 'done' ? 0 : 1;
}
