/**
 * Feeds parsers with mutated files: `node scripts/fuzz.ts [PARSER...] [--seconds N] [--seed S] [--keep] [--out DIR]`.
 *
 * Coverage-guided: an input that takes a branch that none took before is mutated further. A finding is anything thrown but a
 * PlimsollError, more than a second of processor time, or 256 MiB of memory for one input; it is written to
 * test/fuzz/findings/PARSER, where every run of the unit tests tries it again, and the exit status is 1. `--keep` makes
 * test/fuzz/corpus/PARSER the fewest inputs that reach what all reached, `--out DIR` writes findings to DIR/PARSER instead.
 * Seconds are of the processor, for each parser.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { findingsFolder, replaceCorpus, writeInput } from './fuzz/corpus.ts';
import { targets, targetOf } from './fuzz/targets.ts';
import { sharedBytes, sharedInput, type WorkerData, type WorkerReport } from './fuzz/worker-report.ts';

const heapMegabytesAtMost = 1_024;

type Done = Extract<WorkerReport, { readonly kind: 'done' }>;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_007) },
    keep: { type: 'boolean', default: false },
    out: { type: 'string' },
    'hang-seconds': { type: 'string', default: '20' },
  },
});
/** Wall time after which one input is taken to hang; the machine may be busy. */
const hangMs = Number(values['hang-seconds']) * 1000;
const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
if (!(seconds > 0) || !Number.isSafeInteger(seed)) throw new RangeError('--seconds N --seed S are numbers');
const parsers =
  positionals.length === 0 ? targets.map(({ parser }) => parser) : positionals.map((p) => targetOf(p).parser);

let failed = 0;
for (const parser of parsers) {
  const found = new Set<string>();
  const save = (what: string, bytes: Uint8Array): void => {
    // The same break by another input is not worth a file.
    const key = what.replaceAll(/\d+/g, 'N').slice(0, 120);
    if (found.has(key)) return;
    found.add(key);
    const folder = values.out === undefined ? findingsFolder(parser) : path.join(values.out, parser);
    const file = writeInput(folder, bytes);
    writeFileSync(`${file}.txt`, `${what}\n`);
    console.log(
      `${parser}: FINDING ${path.relative(process.cwd(), file)} (${bytes.length} bytes): ${what.split('\n')[0]}`,
    );
  };
  const done = await fuzz(parser, save);
  if (found.size > 0) failed += 1;
  console.log(`${parser}: ${summary(done, found.size)}`);
  if (values.keep && done !== null) {
    console.log(`${parser}: corpus of ${replaceCorpus(parser, done.corpus)} inputs`);
  }
}
console.log(`${parsers.length - failed} passed, ${failed} failed (seed ${seed})`);
process.exitCode = failed === 0 ? 0 : 1;

function summary(done: Done | null, findings: number): string {
  if (done === null) return `stopped, ${findings} findings`;
  const rate = Math.round(done.runs / Math.max(done.seconds, 0.001));
  return (
    `${done.runs.toLocaleString('en-US')} inputs in ${done.seconds.toFixed(0)} CPU-seconds (${rate.toLocaleString('en-US')}/s), ` +
    `branches ${done.branchesBefore} -> ${done.branches} of ${done.places} loaded, ${findings} findings`
  );
}

/** One parser in a thread of its own. Null when it hung or ran out of memory. */
function fuzz(parser: string, save: (what: string, bytes: Uint8Array) => void): Promise<Done | null> {
  const shared = new SharedArrayBuffer(sharedBytes);
  const data: WorkerData = { parser, seconds, seed, shared };
  const worker = new Worker(path.join(import.meta.dirname, 'fuzz/worker.ts'), {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytesAtMost },
  });
  const current = sharedInput(shared);
  let last = { number: -1, sinceMs: Date.now() };
  const watch = setInterval(() => {
    const now = current.now();
    if (now === null || now.number !== last.number) last = { number: now?.number ?? -1, sinceMs: Date.now() };
    else if (Date.now() - last.sinceMs > hangMs) {
      save(`it ran for more than ${hangMs / 1000} seconds`, now.bytes);
      void worker.terminate();
    }
  }, 500);
  return new Promise((resolve) => {
    let done: Done | null = null;
    worker.on('message', (message: WorkerReport) => {
      if (message.kind === 'done') done = message;
      else save(message.what, message.bytes);
    });
    worker.on('error', (error) => {
      const now = current.now();
      save(`the thread died: ${error.message}`, now?.bytes ?? new Uint8Array());
    });
    worker.on('exit', () => {
      clearInterval(watch);
      resolve(done);
    });
  });
}
