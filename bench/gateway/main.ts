/**
 * Requests per second through Plimsoll's gateway and four others, against the same upstream and with the same load, and
 * the latency that the gateway adds at a fixed rate. Rounds are interleaved, so that a busy moment of the machine falls on
 * all of them alike; upstream, proxy and load generator share its cores. One process differs from the next, so that each run
 * starts all of them anew, and each ratio is the median over the runs.
 *
 *   npm run bench -- gateway [--json] [--runs N] [--rounds N] [--seconds N] [--rate N] [--tls]
 *
 * With `--tls`, the gateway and nginx also speak TLS to the load, in the same rounds; the upstream is reached in plain text.
 */
import { cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../median.ts';
import { chatLoad, inferLoad } from './load.ts';
import { findNginx, startNginx } from './nginx.ts';
import { quantile, runOpenLoop } from './open-loop.ts';
import { startPlimsollGateway, startTlsGateway } from './plimsoll-gateway.ts';
import { fetchPortkey, startPortkey } from './portkey.ts';
import { startPrinting, type Program } from './program.ts';
import { makeTlsCertificate } from './tls-certificate.ts';
import { haveWrk, runWrk, type Load } from './wrk.ts';

const requiredRatio = 0.9;
const requiredAddedP99Ms = 2;
const here = import.meta.dirname;

interface Contender {
  readonly name: string;
  readonly load: Load;
  readonly requestsPerSecond: number[];
  errors: number;
}

export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: 'boolean', default: false },
      runs: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      rate: { type: 'string', default: '1000' },
      tls: { type: 'boolean', default: false },
    },
  });
  if (!haveWrk()) {
    console.error('bench gateway needs wrk: apt-get install -y wrk nginx-light');
    return 3;
  }
  const runs: Run[] = [];
  for (let run = 1; run <= Number(values.runs); run += 1) {
    process.stderr.write(`run ${run}/${values.runs}\n`);
    runs.push(await measure(Number(values.rounds), Number(values.seconds), Number(values.rate), values.tls));
  }
  return report(runs, values.json);
}

interface Run {
  readonly contenders: readonly Contender[];
  readonly openLoop: OpenLoop;
  readonly missing: readonly string[];
}

async function measure(rounds: number, seconds: number, ratePerSecond: number, withTls: boolean): Promise<Run> {
  const running: Program[] = [];
  try {
    const { contenders, missing } = await start(running, withTls);
    await closedLoop(contenders, rounds, seconds);
    return { contenders, missing, openLoop: await addedLatency(contenders, ratePerSecond, rounds) };
  } finally {
    await Promise.all(running.reverse().map((program) => program.stop()));
  }
}

async function start(
  running: Program[],
  withTls: boolean,
): Promise<{ contenders: readonly Contender[]; missing: readonly string[] }> {
  const keep = (program: Program): Program => {
    running.push(program);
    return program;
  };
  const missing: string[] = [];
  const upstream = keep(await startPrinting([path.join(here, 'upstream.ts')])).url;
  const contenders = [contender('direct', inferLoad(upstream))];
  const nginx = findNginx();
  if (nginx === null) missing.push('nginx is not installed: apt-get install -y nginx-light');
  else contenders.push(contender('nginx', inferLoad(keep(await startNginx(nginx, upstream)).url)));
  const proxy = keep(await startPrinting([path.join(here, 'minimal-proxy.ts'), upstream]));
  contenders.push(contender('proxy', inferLoad(proxy.url)));
  const portkey = fetchPortkey();
  if (portkey === null) missing.push('@portkey-ai/gateway could not be fetched from npm');
  else {
    const { url } = keep(await startPortkey(portkey));
    contenders.push(contender('portkey', chatLoad(url, upstream)));
  }
  const gateway = keep(await startPlimsollGateway(upstream));
  contenders.push(contender('plimsoll', inferLoad(gateway.url)));
  if (withTls) missing.push(...(await startTls(contenders, keep, upstream, nginx)));
  return { contenders, missing };
}

/** Adds the two that speak TLS; returns what is missing for it. */
async function startTls(
  contenders: Contender[],
  keep: (program: Program) => Program,
  upstream: string,
  nginx: string | null,
): Promise<readonly string[]> {
  const certificate = makeTlsCertificate();
  if (certificate === null) return ['openssl is not installed: apt-get install -y openssl'];
  keep({ url: '', pid: 0, stop: async () => certificate.remove() });
  if (nginx !== null) {
    contenders.push(contender('nginx-tls', inferLoad(keep(await startNginx(nginx, upstream, certificate)).url)));
  }
  contenders.push(contender('plimsoll-tls', inferLoad(keep(await startTlsGateway(upstream, certificate)).url)));
  return [];
}

function contender(name: string, load: Load): Contender {
  return { name, load, requestsPerSecond: [], errors: 0 };
}

async function closedLoop(contenders: readonly Contender[], rounds: number, seconds: number): Promise<void> {
  for (const { load } of contenders) await runWrk(load, 2);
  for (let round = 0; round < rounds; round += 1) {
    for (const each of contenders) {
      const result = await runWrk(each.load, seconds);
      each.requestsPerSecond.push(result.requestsPerSecond);
      each.errors += result.errors;
      process.stderr.write(`round ${round + 1}/${rounds} ${each.name}: ${result.requestsPerSecond.toFixed(0)}/s\n`);
    }
  }
}

interface OpenLoop {
  readonly ratePerSecond: number;
  readonly direct: Quantiles;
  readonly plimsoll: Quantiles;
  /** Median over the rounds of the difference within a round. */
  readonly addedP50Ms: number;
  readonly addedP99Ms: number;
  readonly errors: number;
}
interface Quantiles {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function addedLatency(
  contenders: readonly Contender[],
  ratePerSecond: number,
  rounds: number,
): Promise<OpenLoop> {
  const measured: Record<'direct' | 'plimsoll', Quantiles[]> = { direct: [], plimsoll: [] };
  let errors = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const name of ['direct', 'plimsoll'] as const) {
      const load = contenders.find((each) => each.name === name)?.load;
      if (load === undefined) continue;
      const url = `${load.url}${load.path}`;
      await runOpenLoop({ url, body: load.body, ratePerSecond, durationMs: 500 });
      const result = await runOpenLoop({ url, body: load.body, ratePerSecond, durationMs: 4000 });
      errors += result.errors;
      const { latenciesMs } = result;
      measured[name].push({ p50Ms: quantile(latenciesMs, 0.5), p99Ms: quantile(latenciesMs, 0.99) });
    }
    const [direct, plimsoll] = [measured.direct.at(-1), measured.plimsoll.at(-1)];
    process.stderr.write(
      `round ${round + 1}/${rounds} at ${ratePerSecond}/s: p99 direct ${direct?.p99Ms.toFixed(2)} ms, plimsoll ${plimsoll?.p99Ms.toFixed(2)} ms\n`,
    );
  }
  const middle = (sample: readonly Quantiles[]): Quantiles => ({
    p50Ms: median(sample.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(sample.map(({ p99Ms }) => p99Ms)),
  });
  const added = (key: keyof Quantiles): number =>
    median(measured.plimsoll.map((row, index) => row[key] - (measured.direct[index]?.[key] ?? NaN)));
  return {
    ratePerSecond,
    direct: middle(measured.direct),
    plimsoll: middle(measured.plimsoll),
    addedP50Ms: added('p50Ms'),
    addedP99Ms: added('p99Ms'),
    errors,
  };
}

function report(runs: readonly Run[], json: boolean): number {
  const names = runs[0]?.contenders.map(({ name }) => name) ?? [];
  const rows = names.map((name) => {
    const own = runs.flatMap(({ contenders }) => contenders.filter((each) => each.name === name));
    const rounds = own.flatMap(({ requestsPerSecond }) => requestsPerSecond);
    const ratioToProxy = median(runs.map((run) => speedOf(run, name) / speedOf(run, 'proxy')));
    const errors = own.reduce((sum, each) => sum + each.errors, 0);
    return { name, requestsPerSecond: median(rounds), rounds, ratioToProxy, errors };
  });
  const ratioToProxy = rows.find(({ name }) => name === 'plimsoll')?.ratioToProxy ?? NaN;
  const ratioToNginxTls = names.includes('nginx-tls')
    ? median(runs.map((run) => speedOf(run, 'plimsoll-tls') / speedOf(run, 'nginx-tls')))
    : null;
  const openLoop = middleOf(runs.map((run) => run.openLoop));
  const missing = runs[0]?.missing ?? [];
  const errors = rows.reduce((sum, row) => sum + row.errors, openLoop.errors);
  const passed = ratioToProxy >= requiredRatio && openLoop.addedP99Ms < requiredAddedP99Ms && errors === 0;
  if (json) {
    const machine = { cores: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version };
    const aims = { ratioToProxy: requiredRatio, addedP99Ms: requiredAddedP99Ms };
    console.log(
      JSON.stringify(
        { bench: 'gateway', machine, rows, ratioToProxy, ratioToNginxTls, openLoop, aims, missing, passed },
        null,
        2,
      ),
    );
  } else {
    console.log(
      `wrk, 16 connections, POST of ${inferLoad('').body.length} bytes; upstream, proxy and wrk share ${cpus().length} cores\n`,
    );
    for (const row of rows) {
      const ratio = row.ratioToProxy.toFixed(2);
      const wrong = row.errors === 0 ? '' : `  ${row.errors} errors`;
      console.log(
        `${row.name.padEnd(10)}${row.requestsPerSecond.toFixed(0).padStart(8)} requests/s  ${ratio} of the proxy${wrong}`,
      );
    }
    console.log(`\nratioToProxy ${ratioToProxy.toFixed(2)} (at least ${requiredRatio})`);
    if (ratioToNginxTls !== null) console.log(`with TLS, ratioToNginxTls ${ratioToNginxTls.toFixed(2)}`);
    console.log(
      `at ${openLoop.ratePerSecond}/s: p99 direct ${openLoop.direct.p99Ms.toFixed(2)} ms, plimsoll ${openLoop.plimsoll.p99Ms.toFixed(2)} ms; ` +
        `added p99 ${openLoop.addedP99Ms.toFixed(2)} ms (under ${requiredAddedP99Ms}), added p50 ${openLoop.addedP50Ms.toFixed(2)} ms`,
    );
    for (const line of missing) console.log(line);
  }
  return passed ? 0 : 1;
}

function speedOf({ contenders }: Run, name: string): number {
  const own = contenders.find((each) => each.name === name)?.requestsPerSecond ?? [];
  return own.length === 0 ? NaN : median(own);
}

/** Each number the median over the runs; errors added up. */
function middleOf(runs: readonly OpenLoop[]): OpenLoop {
  const middle = (read: (run: OpenLoop) => number): number => median(runs.map(read));
  const quantiles = (name: 'direct' | 'plimsoll'): Quantiles => ({
    p50Ms: middle((run) => run[name].p50Ms),
    p99Ms: middle((run) => run[name].p99Ms),
  });
  return {
    ratePerSecond: runs[0]?.ratePerSecond ?? NaN,
    direct: quantiles('direct'),
    plimsoll: quantiles('plimsoll'),
    addedP50Ms: middle((run) => run.addedP50Ms),
    addedP99Ms: middle((run) => run.addedP99Ms),
    errors: runs.reduce((sum, { errors }) => sum + errors, 0),
  };
}
