/**
 * `verify --every` over a fleet: 100 services against one pool of 10,000 nodes with 8 devices each, by the functions that
 * the command calls. Each size runs in a process of its own, so that its memory is its own; the time is that of judging,
 * with the facts in memory, and the median of three runs. `all-distinct-in-every-fact` goes further than the aim: there is
 * no driver that two devices share.
 *
 *   npm run bench -- verify [--json]
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { judgeEvery } from '../../src/core/hardware/judging/judge-every.ts';
import { median } from '../median.ts';
import { makePool, makeServices, type Variety } from './fleet.ts';

interface Size {
  readonly nodes: number;
  readonly variety: Variety;
}
interface Measured extends Size {
  readonly devices: number;
  /** By the clock, and by the processor: on a machine that others use the clock says little. */
  readonly medianMs: number;
  readonly cpuMedianMs: number;
  readonly rssMib: number;
  /** Cells by verdict, so that a run that judged nothing shows. */
  readonly verdicts: Readonly<Record<string, number>>;
  readonly nodesByVerdict: Readonly<Record<string, number>>;
}

const services = 100;
const devicesPerNode = 8;
const runs = 3;
const aimMs = 2_000;
const aimMib = 1_024;

const sizes: readonly Size[] = (
  ['forty-classes', 'all-distinct', 'all-distinct-in-every-fact'] as const satisfies readonly Variety[]
).flatMap((variety) => [2_500, 5_000, 10_000].map((nodes) => ({ nodes, variety })));

/** Runs in the child: measures one size and prints it. */
function measure({ nodes, variety }: Size): Measured {
  const pool = makePool(nodes, devicesPerNode, variety);
  const demands = makeServices(services);
  const samplesMs: number[] = [];
  const cpuSamplesMs: number[] = [];
  const verdicts: Record<string, number> = {};
  const nodesByVerdict: Record<string, number> = {};
  for (let run = 0; run < runs; run += 1) {
    const startedMs = performance.now();
    const startedCpu = process.cpuUsage();
    const cells = judgeEvery(demands, [pool]);
    samplesMs.push(performance.now() - startedMs);
    const { user, system } = process.cpuUsage(startedCpu);
    cpuSamplesMs.push((user + system) / 1000);
    if (run > 0) continue;
    for (const cell of cells) {
      verdicts[cell.verdict] = (verdicts[cell.verdict] ?? 0) + 1;
      for (const [verdict, count] of Object.entries(cell.nodes)) {
        nodesByVerdict[verdict] = (nodesByVerdict[verdict] ?? 0) + count;
      }
    }
  }
  const rssMib = process.resourceUsage().maxRSS / 1024;
  return {
    nodes,
    variety,
    devices: nodes * devicesPerNode,
    medianMs: median(samplesMs),
    cpuMedianMs: median(cpuSamplesMs),
    rssMib,
    verdicts,
    nodesByVerdict,
  };
}

const child = '--one-size';

function inChild(size: Size): Measured {
  const run = spawnSync(process.execPath, [fileURLToPath(import.meta.url), child, JSON.stringify(size)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (run.status !== 0) throw new Error(`${JSON.stringify(size)} ended with ${run.status ?? run.signal}`);
  return JSON.parse(run.stdout) as Measured;
}

export async function main(argv: readonly string[]): Promise<number> {
  const measured = sizes.map(inChild);
  const whole = measured.filter(({ nodes, variety }) => nodes === 10_000 && variety !== 'all-distinct-in-every-fact');
  const aims = whole.every(({ medianMs, rssMib }) => medianMs < aimMs && rssMib < aimMib);
  if (argv.includes('--json')) {
    console.log(
      JSON.stringify(
        { bench: 'verify', node: process.version, services, devicesPerNode, runs, aimMs, aimMib, measured },
        null,
        2,
      ),
    );
  } else {
    for (const { variety, nodes, devices, medianMs, cpuMedianMs, rssMib } of measured) {
      const perDevice = (cpuMedianMs * 1e6) / (devices * services);
      console.log(
        `${variety.padEnd(28)}${String(nodes).padStart(6)} nodes ${String(devices).padStart(6)} devices x ${services} services ` +
          `${medianMs.toFixed(0).padStart(6)} ms (${cpuMedianMs.toFixed(0).padStart(5)} ms of processor) ${rssMib.toFixed(0).padStart(5)} MiB ${perDevice.toFixed(0).padStart(4)} ns each`,
      );
    }
    console.log(
      `aims at 10,000 nodes, forty classes and all distinct: under ${aimMs} ms and ${aimMib} MiB: ${aims ? 'met' : 'missed'}`,
    );
  }
  return aims ? 0 : 1;
}

if (process.argv[2] === child) console.log(JSON.stringify(measure(JSON.parse(process.argv[3] ?? '') as Size)));
