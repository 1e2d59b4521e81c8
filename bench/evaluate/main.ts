/**
 * How many rows a second `evaluate` gets answered, beside the minimal server of the model-server benchmark under its own
 * load of 64 rows a request: same model (784-128-10), same rows. Evaluate reads its rows from JSON lines, as stored data
 * versions are read, and sends them to the model server as tensors. Interleaved rounds, medians.
 *
 * Options: --rounds N (5), --rows N (20,000), --seconds S of the minimal server's load (3), --json.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { makeOpenInferenceClient } from '../../src/adapters/replica-http/open-inference-client.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { rowsPerRequest, sendRows } from '../../src/prove/evaluate/evaluate-send.ts';
import { withSourceFile } from '../../src/prove/files/source-file.ts';
import { dataFileOfSource } from '../../src/prove/artifacts/stored-data.ts';
import { dataRowListsOfFiles } from '../../src/formats/data-rows.ts';
import { perceptronModel } from '../../src/testing/builders/files/onnx-models.ts';
import { median } from '../median.ts';
import { digitRows, writeJsonBody } from '../model-server/bodies.ts';
import { findLoadGenerator, runLoad } from '../model-server/load.ts';
import { startServer, type ServerCommand, type ServerProcess } from '../model-server/server-process.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const aim = 0.7;

export async function main(argv: readonly string[]): Promise<number> {
  const number = (name: string, fallback: number): number => {
    const at = argv.indexOf(`--${name}`);
    return at === -1 ? fallback : Number(argv[at + 1]);
  };
  const [rounds, rows, seconds] = [number('rounds', 5), number('rows', 20_000), number('seconds', 3)];
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-bench-'));
  const servers: ServerProcess[] = [];
  try {
    const model = path.join(folder, 'tiny.onnx');
    writeFileSync(model, perceptronModel({ layers: [784, 128, 10] }));
    const file = writeRows(folder, rows);
    const threads = String(Math.max(1, availableParallelism() - 1));
    const own = await startServer(ownCommand(model, threads));
    servers.push(own);
    const minimal = await startServer(minimalCommand(model, threads));
    servers.push(minimal);
    const body = writeJsonBody(folder, digitRows(rowsPerRequest));
    const target = { url: minimal.url, path: '/v2/models/digits/infer', bodyFile: body.file, headerLength: null };
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      console.error(`round ${round + 1} of ${rounds}`);
      ours.push(await evaluateRate(own.url, file, rows));
      const { requestsPerSecond } = await runLoad(findLoadGenerator(), target, { connections: 16, seconds });
      theirs.push(requestsPerSecond * rowsPerRequest);
    }
    const [evaluate, server] = [median(ours), median(theirs)];
    const ratio = evaluate / server;
    const report = {
      bench: 'evaluate',
      node: process.version,
      processor: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      generator: findLoadGenerator(),
      rounds,
      rows,
      evaluateRowsPerSecond: evaluate,
      minimalRowsPerSecond: server,
      ratio,
      aim,
      met: ratio >= aim,
    };
    if (argv.includes('--json')) console.log(JSON.stringify(report, null, 2));
    else console.log(textOf(report));
    return report.met ? 0 : 1;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

function textOf(
  report: Record<'evaluateRowsPerSecond' | 'minimalRowsPerSecond' | 'ratio', number> & {
    met: boolean;
    generator: string;
  },
): string {
  return [
    `evaluate        ${report.evaluateRowsPerSecond.toFixed(0).padStart(8)} rows/s, read from JSON lines, ${rowsPerRequest} rows a request`,
    `minimal server  ${report.minimalRowsPerSecond.toFixed(0).padStart(8)} rows/s, one body of ${rowsPerRequest} rows sent again and again by ${report.generator}`,
    `ratio           ${report.ratio.toFixed(2).padStart(8)}         aim: at least ${aim}${report.met ? '' : '  MISSED'}`,
  ].join('\n');
}

/** Real digits, over and over: what is sent is what a data version of them holds. */
function writeRows(folder: string, count: number): string {
  const lines = digitRows(500).map((image, at) => JSON.stringify({ image, label: at % 10 }));
  const file = path.join(folder, 'rows.jsonl');
  writeFileSync(file, Array.from({ length: count }, (_, at) => `${lines[at % lines.length]}\n`).join(''));
  return file;
}

async function evaluateRate(endpoint: string, file: string, totalRows: number): Promise<number> {
  const terminal = {
    colour: false,
    interactive: false,
    columns: 80,
    note: () => undefined,
    print: () => undefined,
    ask: () => Promise.reject(new Error('nobody answers')),
    readStdin: () => Promise.resolve(''),
    async *stdinChunks() {},
  };
  const context = { clock: systemClock, signal: new AbortController().signal, terminal };
  const shown = path.basename(file);
  return withSourceFile({ location: file, shown }, context.signal, async (source) => {
    const { latency } = await sendRows(context, {
      client: makeOpenInferenceClient(),
      endpoint,
      model: 'digits',
      inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 784] }],
      rows: (numberColumns) => dataRowListsOfFiles([dataFileOfSource(shown, source)], numberColumns),
      totalRows,
      what: 'bench',
    });
    return latency.rowsPerSecond ?? Number.NaN;
  });
}

function ownCommand(model: string, threads: string): ServerCommand {
  const program = path.join(root, 'src', 'bin', 'plimsoll.ts');
  return {
    file: process.execPath,
    args: [
      '--disable-warning=ExperimentalWarning',
      program,
      'serve-model',
      '--model',
      `digits=${model}`,
      '--port',
      '0',
      '--threads',
      threads,
    ],
    portIn: (printed) => Number(/"listening","port":(\d+)/.exec(printed)?.[1] ?? Number.NaN) || null,
    readyPath: '/v2/health/ready',
    startTimeoutMs: 30_000,
  };
}

function minimalCommand(model: string, threads: string): ServerCommand {
  return {
    file: process.execPath,
    args: [path.join(root, 'bench', 'model-server', 'minimal-server.ts'), model, threads],
    portIn: (printed) => (/^\d+$/m.test(printed) ? Number(/^\d+$/m.exec(printed)?.[0]) : null),
    readyPath: null,
    startTimeoutMs: 30_000,
  };
}
