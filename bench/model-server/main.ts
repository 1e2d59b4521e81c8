/**
 * The model server against others, same model, same requests, same load, in interleaved rounds; medians.
 *
 * | part | model | against | aim |
 * |---|---|---|---|
 * | tiny | 784-128-10, the size of digits version 2; 1 and 64 rows a request, JSON | minimal-server.ts | 0.7 of it |
 * | tiny | the same | MLServer from PyPI with ONNX Runtime | 5 times it |
 * | heavy | generated, at least 5 ms a batch of 64; binary | the same batches in a loop without a server | 0.9 of it |
 *
 * Options: --rounds N (7), --seconds S (3), --connections N (16), --json.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { perceptronModel } from '../../src/testing/builders/files/onnx-models.ts';
import { median } from '../median.ts';
import { digitRows, writeBinaryBody, writeJsonBody, type Body } from './bodies.ts';
import { findLoadGenerator, output, runLoad, type LoadGenerator, type LoadResult } from './load.ts';
import { installMlServer, mlServerCommand } from './mlserver.ts';
import { plimsollCommand } from './plimsoll-command.ts';
import { startServer, type ServerCommand, type ServerProcess } from './server-process.ts';

const here = import.meta.dirname;
const aims = { toMinimal: 0.7, toMlServer: 5, toLoop: 0.9 };
const heavyRows = 64;

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly json: boolean;
}

interface Sample extends LoadResult {
  readonly part: string;
  readonly contender: string;
}

export async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  const say = (line: string): void => console.error(line);
  const generator = findLoadGenerator();
  if (generator === 'node')
    say('wrk is not installed (apt-get install wrk): using a generator in Node, which is slower');
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-bench-'));
  try {
    const report = await measure(options, generator, folder, say);
    if (options.json) console.log(JSON.stringify(report, null, 2));
    else console.log(tableOf(report));
    return Object.values(report.ratios).every(({ met }) => met !== false) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readOptions(argv: readonly string[]): Options {
  const number = (name: string, fallback: number): number => {
    const at = argv.indexOf(`--${name}`);
    return at === -1 ? fallback : Number(argv[at + 1]);
  };
  return {
    rounds: number('rounds', 7),
    seconds: number('seconds', 3),
    connections: number('connections', 16),
    json: argv.includes('--json'),
  };
}

async function measure(options: Options, generator: LoadGenerator, folder: string, say: (line: string) => void) {
  const threads = Math.max(1, availableParallelism() - 1);
  const [tiny, heavy] = [path.join(folder, 'tiny.onnx'), path.join(folder, 'heavy.onnx')];
  writeFileSync(tiny, perceptronModel({ layers: [784, 128, 10] }));
  writeFileSync(heavy, perceptronModel({ layers: [784, 2048, 2048, 10] }));
  const mlServer = installMlServer(say);
  if (mlServer.kind === 'missing') say(`MLServer is left out: ${mlServer.why}`);
  const servers = new Map<string, ServerProcess>();
  try {
    servers.set('plimsoll', await startServer(plimsollCommand(tiny, threads)));
    servers.set('minimal', await startServer(minimalCommand(tiny, threads)));
    if (mlServer.kind === 'installed') {
      const command = await mlServerCommand(mlServer.bin, path.join(folder, 'mlserver'), tiny, threads);
      servers.set('mlserver', await startServer(command));
    }
    const heavyServer = await startServer(plimsollCommand(heavy, threads));
    servers.set('plimsoll heavy', heavyServer);
    const bodies = [1, 64].map((rows) => [`${rows} row`, writeJsonBody(folder, digitRows(rows))] as const);
    for (const [part, body] of bodies) await assertSameAnswers(part, body, servers);
    const heavyBody = writeBinaryBody(folder, heavyRows, 784);
    const samples: Sample[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
      say(`round ${round + 1} of ${options.rounds}`);
      for (const [part, body] of bodies) {
        for (const [contender, server] of servers) {
          if (contender === 'plimsoll heavy') continue;
          samples.push({ part, contender, ...(await load(server, body, generator, options)) });
        }
      }
      const inServer = await load(heavyServer, heavyBody, generator, { ...options, connections: 4 });
      samples.push({ part: 'heavy', contender: 'plimsoll', ...inServer });
      samples.push({ part: 'heavy', contender: 'loop', ...(await loop(heavy, threads, options)) });
    }
    return reportOf(options, generator, threads, mlServer.kind === 'missing' ? mlServer.why : null, samples);
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()));
  }
}

function load(
  server: ServerProcess,
  body: Body,
  generator: LoadGenerator,
  options: { readonly connections: number; readonly seconds: number },
): Promise<LoadResult> {
  const target = {
    url: server.url,
    path: '/v2/models/digits/infer',
    bodyFile: body.file,
    headerLength: body.headerLength,
  };
  return runLoad(generator, target, options);
}

async function loop(model: string, threads: number, { seconds }: Options): Promise<LoadResult> {
  const args = [path.join(here, 'loop.ts'), model, threads, heavyRows, 784, seconds].map(String);
  const { batchesPerSecond } = JSON.parse(await output(process.execPath, args, {})) as { batchesPerSecond: number };
  const batchMs = 1000 / batchesPerSecond;
  return { requestsPerSecond: batchesPerSecond, latencyP50Ms: batchMs, latencyP99Ms: batchMs, errors: 0 };
}

function minimalCommand(model: string, threads: number): ServerCommand {
  return {
    file: process.execPath,
    args: [path.join(here, 'minimal-server.ts'), model, String(threads)],
    portIn: (printed) => (/^\d+$/m.test(printed) ? Number(/^\d+$/m.exec(printed)?.[0]) : null),
    readyPath: null,
    startTimeoutMs: 30_000,
  };
}

/** A fast wrong answer is no answer: all contenders must agree before anything is measured. */
async function assertSameAnswers(part: string, body: Body, servers: ReadonlyMap<string, ServerProcess>): Promise<void> {
  const answers: (readonly [string, readonly number[]])[] = [];
  for (const [contender, server] of servers) {
    if (contender === 'plimsoll heavy') continue;
    const response = await fetch(`${server.url}/v2/models/digits/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Uint8Array(body.bytes),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${contender} answered ${response.status} to ${part}: ${text.slice(0, 300)}`);
    const { outputs } = JSON.parse(text) as { outputs: readonly { data: number[] }[] };
    answers.push([contender, outputs[0]?.data.flat() ?? []]);
  }
  const [, expected = []] = answers[0] ?? [];
  for (const [contender, values] of answers) {
    const off =
      values.length !== expected.length || values.some((value, at) => Math.abs(value - (expected[at] ?? 0)) > 1e-5);
    if (off) throw new Error(`${contender} answers ${part} differently: ${values.slice(0, 3).join(', ')}`);
  }
}

interface Ratio {
  readonly value: number | null;
  readonly aim: number;
  /** Null where there was nothing to compare with. */
  readonly met: boolean | null;
}

type Report = ReturnType<typeof reportOf>;

function reportOf(
  options: Options,
  generator: LoadGenerator,
  threads: number,
  mlServerMissing: string | null,
  samples: readonly Sample[],
) {
  const keys = [...new Set(samples.map(({ part, contender }) => `${part}\n${contender}`))];
  const rows = keys.map((key) => {
    const [part = '', contender = ''] = key.split('\n');
    const own = samples.filter((sample) => sample.part === part && sample.contender === contender);
    return {
      part,
      contender,
      requestsPerSecond: median(own.map((sample) => sample.requestsPerSecond)),
      latencyP50Ms: median(own.map((sample) => sample.latencyP50Ms)),
      latencyP99Ms: median(own.map((sample) => sample.latencyP99Ms)),
      errors: own.reduce((sum, sample) => sum + sample.errors, 0),
    };
  });
  const rate = (part: string, contender: string): number | null =>
    rows.find((row) => row.part === part && row.contender === contender)?.requestsPerSecond ?? null;
  const ratio = (part: string, other: string, aim: number): Ratio => {
    const [ours, theirs] = [rate(part, 'plimsoll'), rate(part, other)];
    const value = ours === null || theirs === null ? null : ours / theirs;
    return { value, aim, met: value === null ? null : value >= aim };
  };
  return {
    bench: 'model-server',
    node: process.version,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    generator,
    rounds: options.rounds,
    seconds: options.seconds,
    connections: options.connections,
    threads,
    mlServerMissing,
    rows,
    ratios: {
      toMinimal1: ratio('1 row', 'minimal', aims.toMinimal),
      toMinimal64: ratio('64 row', 'minimal', aims.toMinimal),
      toMlServer1: ratio('1 row', 'mlserver', aims.toMlServer),
      toMlServer64: ratio('64 row', 'mlserver', aims.toMlServer),
      toLoop: ratio('heavy', 'loop', aims.toLoop),
    },
  };
}

function tableOf(report: Report): string {
  const lines = report.rows.map((row) =>
    [
      row.part.padEnd(8),
      row.contender.padEnd(10),
      row.requestsPerSecond.toFixed(1).padStart(10),
      row.latencyP50Ms.toFixed(2).padStart(9),
      row.latencyP99Ms.toFixed(2).padStart(9),
      String(row.errors).padStart(7),
    ].join(''),
  );
  const ratios = Object.entries(report.ratios).map(([name, { value, aim, met }]) => {
    const shown = value === null ? 'not measured' : `${value.toFixed(2)} x`;
    return `${name.padEnd(14)}${shown.padStart(13)}  aim: at least ${aim}${met === false ? '  MISSED' : ''}`;
  });
  const head = `${report.processor}, ${report.cores} cores, Node ${report.node}, ${report.generator}, ${report.connections} connections, medians of ${report.rounds} rounds of ${report.seconds} s`;
  return [head, '', 'requests  server        per s   p50 ms   p99 ms errors', ...lines, '', ...ratios].join('\n');
}
