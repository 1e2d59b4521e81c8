/**
 * Processor time that a request takes in a gateway of 50 services: all requests for one of them, against requests for all of
 * them in turn, in the same process; and in a gateway of a single service. Other programs only add to what a process takes,
 * and one process differs from the next by up to a quarter: each number is the lower quartile of the rounds of one process,
 * and of those the median over several processes. Rounds take turns.
 *
 *   npm run bench -- gateway-fleet [--json] [--processes N] [--rounds N] [--before FOLDER]
 *
 * `--before` names another checkout, whose gateway of a single service takes part.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { inferLoad } from '../gateway/load.ts';
import { quantile } from '../gateway/open-loop.ts';
import { startFleetGateway, startLoneGateway, startPlimsollGateway } from '../gateway/plimsoll-gateway.ts';
import { processorMs } from '../gateway/processor-time.ts';
import { startPrinting, type Program } from '../gateway/program.ts';
import { haveWrk, runWrk, type Load } from '../gateway/wrk.ts';
import { median } from '../median.ts';

const requiredRatio = 0.95;
const services = Array.from({ length: 50 }, (_, index) => `service-${index + 1}`);
const { path: inferPath } = inferLoad('');
const pathOf = (service: string): string => `/services/${service}${inferPath}`;

interface Contender {
  readonly name: string;
  /** Contenders with the same one are asked in one process. */
  readonly start: (upstream: string) => Promise<Program>;
  readonly paths: readonly string[];
  /** Of a request, of each process. */
  readonly microseconds: number[];
  errors: number;
}

interface Process {
  readonly of: Contender;
  readonly pid: number;
  readonly load: Load;
  readonly microseconds: number[];
}

export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: 'boolean', default: false },
      processes: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '15' },
      before: { type: 'string' },
    },
  });
  if (!haveWrk()) {
    console.error('bench gateway-fleet needs wrk: apt-get install -y wrk');
    return 3;
  }
  const contenders = contendersWith(values.before);
  for (let turn = 1; turn <= Number(values.processes); turn += 1) {
    await measureProcesses(contenders, Number(values.rounds));
    const each = contenders.map(({ name, microseconds }) => `${name} ${microseconds.at(-1)?.toFixed(1)} us`);
    process.stderr.write(`processes ${turn}/${values.processes}: ${each.join(', ')}\n`);
  }
  return report(contenders, values.json);
}

function contendersWith(before: string | undefined): readonly Contender[] {
  const contender = (name: string, start: Contender['start'], paths = [inferPath]): Contender => {
    return { name, start, paths, microseconds: [], errors: 0 };
  };
  const from = before === undefined ? null : path.resolve(before);
  return [
    ...(from === null ? [] : [contender('before', (upstream) => startLoneGateway(upstream, from))]),
    contender('service', (upstream) => startLoneGateway(upstream)),
    contender('home', startPlimsollGateway),
    contender('1 of 50', startFleet, [pathOf('service-1')]),
    contender('50 of 50', startFleet, services.map(pathOf)),
  ];
}

const startFleet = (upstream: string): Promise<Program> =>
  startFleetGateway(Object.fromEntries(services.map((service) => [service, upstream])));

/** One process of each contender. */
async function measureProcesses(contenders: readonly Contender[], rounds: number): Promise<void> {
  const running: Program[] = [];
  try {
    const upstream = await startPrinting([path.join(path.dirname(import.meta.dirname), 'gateway', 'upstream.ts')]);
    running.push(upstream);
    const processes: Process[] = [];
    const started = new Map<Contender['start'], Program>();
    for (const of of contenders) {
      const program = started.get(of.start) ?? (await of.start(upstream.url));
      if (!started.has(of.start)) running.push(program);
      started.set(of.start, program);
      processes.push({ of, pid: program.pid, load: { ...inferLoad(program.url), paths: of.paths }, microseconds: [] });
    }
    for (const { load } of processes) await runWrk(load, 3);
    for (let round = 0; round < rounds; round += 1) for (const each of processes) await measure(each);
    for (const { of, microseconds } of processes) of.microseconds.push(quantile(microseconds, 0.25));
  } finally {
    await Promise.all(running.reverse().map((program) => program.stop()));
  }
}

async function measure({ of, pid, load, microseconds }: Process): Promise<void> {
  const beforeMs = processorMs(pid);
  const { requests, errors } = await runWrk(load, 1);
  microseconds.push(((processorMs(pid) - beforeMs) * 1000) / requests);
  of.errors += errors;
}

function report(contenders: readonly Contender[], json: boolean): number {
  const rows = contenders.map(({ name, microseconds, errors }) => {
    return { name, microseconds: median(microseconds), processes: microseconds, errors };
  });
  // Of each process by itself.
  const [one, fifty] = [contenders.at(-2)?.microseconds ?? [], contenders.at(-1)?.microseconds ?? []];
  const ratio = median(one.map((own, at) => own / (fifty[at] ?? NaN)));
  const passed = ratio >= requiredRatio && rows.every(({ errors }) => errors === 0);
  if (json) {
    console.log(
      JSON.stringify({ bench: 'gateway-fleet', rows, ratio, aims: { ratio: requiredRatio }, passed }, null, 2),
    );
    return passed ? 0 : 1;
  }
  for (const { name, microseconds, errors } of rows) {
    const wrong = errors === 0 ? '' : `  ${errors} errors`;
    console.log(`${name.padEnd(12)}${microseconds.toFixed(1).padStart(8)} us of processor time a request${wrong}`);
  }
  console.log(`time for one of 50 / time for all of them: ${ratio.toFixed(3)} (at least ${requiredRatio})`);
  return passed ? 0 : 1;
}
