import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleCli } from '../bundle.ts';
import { silenceNodeNotice } from '../quiet.ts';
import { coldStart } from './cold-start.ts';
import { criticalPath } from './critical-path.ts';
import { demo } from './demo.ts';
import { type Finding, isMet, missedRatios, table } from './findings.ts';
import { hundred } from './hundred.ts';
import { unchanged } from './unchanged.ts';

const HELP = `npm run bench -- [--only NAME]… [--demo] [--json] [--rounds N] [--agencies N]

  critical-path  one new agency from apply to Ready, with the vendors' latencies
  hundred        a hundred agencies created by one process
  unchanged      a second apply over many settled agencies (--agencies, 1000 unless told)
  cold-start     the bundled action against an empty script; needs npm run build
  demo           npm run demo -- --once; only with --demo

Exit 1 when a ratio or a count misses its target; times and sizes are shown and judged, but fail nothing.
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    demo: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    agencies: { type: 'string', default: '1000' },
  },
});
const rounds = Number(values.rounds);
const COLD_STARTS = 15;

type Bench = (program: string) => Promise<Finding[]>;

const benches = new Map<string, Bench>([
  ['critical-path', () => criticalPath(rounds)],
  ['hundred', hundred],
  ['unchanged', (program) => unchanged({ program, agencies: Number(values.agencies), rounds })],
  ['cold-start', () => coldStart(COLD_STARTS)],
  ...(values.demo ? [['demo', demo] as const] : []),
]);

silenceNodeNotice();
process.exitCode = values.help ? tellHelp() : await runAll();

function tellHelp(): number {
  console.log(HELP);
  return 0;
}

async function runAll(): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'bench-cli-'));
  const findings: Finding[] = [];
  try {
    const program = await bundleCli(dir);
    for (const name of chosen()) {
      console.error(`${name} …`);
      findings.push(...((await benches.get(name)?.(program)) ?? []));
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  const judged = findings.map((one) => ({ ...one, met: isMet(one) }));
  console.log(values.json ? JSON.stringify(judged, null, 2) : table(findings));
  return missedRatios(findings).length > 0 ? 1 : 0;
}

function chosen(): readonly string[] {
  const unknown = values.only?.filter((name) => !benches.has(name)) ?? [];
  if (unknown.length > 0) throw new Error(`there is no bench called ${unknown.join(', ')}\n\n${HELP}`);
  return values.only ?? [...benches.keys()];
}
