/**
 * What a fleet costs one control plane: processor time of a turn of every service, and memory, at three sizes.
 *
 *   npm run bench -- fleet [--json] [--services N]
 *
 * With `--services` it measures that size alone, and passes nothing.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { controlPlaneAllocator, controlPlaneNodeFlags } from '../../src/control-plane/node-flags.ts';
import type { IdleFleet } from './fleet-world.ts';

const sizes = [50, 100, 200] as const;
const limits = { roundCpuMs: 1_000, residentBytes: 350e6 } as const;
/** Of the second step to the first: twice as many services more take twice as much, where growth is a line. */
const growthApartAtMost = 2;

export interface FleetReport {
  readonly bench: 'fleet';
  readonly node: string;
  readonly rows: readonly IdleFleet[];
  /** Bytes that one more service takes, in each step from one size to the next. */
  readonly bytesPerService: readonly number[];
  readonly passes: boolean;
}

export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { json: { type: 'boolean', default: false }, services: { type: 'string' } },
  });
  if (values.services !== undefined) {
    console.log(JSON.stringify(measure(Number(values.services))));
    return 0;
  }
  const rows: IdleFleet[] = [];
  for (const size of sizes) {
    console.error(`${size} services ...`);
    rows.push(measure(size));
  }
  const report = judge(rows);
  if (values.json) console.log(JSON.stringify(report, null, 2));
  else {
    for (const { services, replicas, roundCpuMs, residentBytes } of rows) {
      const megabytes = (residentBytes / 1e6).toFixed(0);
      console.log(
        `${services} services, ${replicas} replicas: a round of turns ${roundCpuMs.toFixed(0)} ms, ${megabytes} MB`,
      );
    }
    const grown = report.bytesPerService.map((bytes) => `${(bytes / 1e6).toFixed(2)} MB`).join(' and ');
    console.log(`one more service takes ${grown}: ${report.passes ? 'pass' : 'FAIL'}`);
  }
  return report.passes ? 0 : 1;
}

function measure(services: number): IdleFleet {
  const flags = ['--disable-warning=ExperimentalWarning', ...controlPlaneNodeFlags];
  const args = [...flags, path.join(import.meta.dirname, 'fleet-world.ts'), String(services)];
  const env = { ...process.env, ...controlPlaneAllocator };
  const ran = spawnSync(process.execPath, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'] });
  if (ran.status !== 0) throw new Error(`the fleet of ${services} services ended with ${ran.status ?? ran.signal}`);
  return JSON.parse(ran.stdout) as IdleFleet;
}

function judge(rows: readonly IdleFleet[]): FleetReport {
  const bytesPerService = rows.slice(1).map((row, index) => {
    const before = rows[index] ?? row;
    return (row.residentBytes - before.residentBytes) / (row.services - before.services);
  });
  const largest = rows.at(-1);
  const [first = 0, last = 0] = bytesPerService;
  const passes =
    largest !== undefined &&
    largest.roundCpuMs < limits.roundCpuMs &&
    largest.residentBytes < limits.residentBytes &&
    last < first * growthApartAtMost;
  return { bench: 'fleet', node: process.version, rows, bytesPerService, passes };
}
