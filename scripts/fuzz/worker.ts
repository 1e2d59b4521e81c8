/**
 * Runs one parser on mutated inputs until its processor time is used up. The thread that started it watches from outside: the
 * input that runs now is in shared memory, so that one that never ends, or takes all memory, is not lost with this thread.
 */
import { performance } from 'node:perf_hooks';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { corpusFolder, findingsFolder, readFolder } from './corpus.ts';
import { Coverage } from './coverage.ts';
import { countBranches } from './instrument.ts';
import { mutate } from './mutate.ts';
import { SeededRandom } from './random.ts';
import { smallCorpus } from './small-corpus.ts';
import { brokenBy, dictionaryBytes } from './target.ts';
import { targetOf } from './targets.ts';
import { sharedInput, type WorkerData, type WorkerReport } from './worker-report.ts';

const { parser, seconds, seed, shared } = workerData as WorkerData;
const slowMs = 1_000;
const heapBytesAtMost = 256 * 1024 * 1024;
const learnedAtMost = 20_000;
/** More of them say nothing new. */
const findingsAtMost = 5;

const target = targetOf(parser);
const random = new SeededRandom(seed);
const counters = countBranches([
  path.join(import.meta.dirname, '../../src'),
  path.join(import.meta.dirname, 'planted-parser'),
]);
const coverage = new Coverage(counters);
const current = sharedInput(shared);
const report = (message: WorkerReport): void => parentPort?.postMessage(message);

/** What broke, in words; null when nothing did. */
async function tryInput(bytes: Uint8Array): Promise<string | null> {
  current.begin(bytes);
  coverage.reset();
  const heapBefore = heapBytes();
  const startedMs = performance.now();
  let broken: string | null = null;
  try {
    await target.run(bytes);
  } catch (thrown) {
    broken = brokenBy(thrown);
  }
  const tookMs = performance.now() - startedMs;
  current.end();
  if (broken !== null) return broken;
  const grownBytes = heapBytes() - heapBefore;
  if (grownBytes > heapBytesAtMost) return `memory grew by ${Math.round(grownBytes / 2 ** 20)} MiB`;
  return tookMs > slowMs && (await processorMs(bytes)) > slowMs ? 'it took more than a second of processor time' : null;
}

function heapBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

const usedMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** A machine that is busy makes every input slow; processor time is the input's own. */
async function processorMs(bytes: Uint8Array): Promise<number> {
  const beforeMs = usedMs();
  await target.run(bytes).catch(() => undefined);
  return usedMs() - beforeMs;
}

const kept = [...readFolder(corpusFolder(parser)), ...readFolder(findingsFolder(parser))].map(({ bytes }) => bytes);
const inputs: Uint8Array[] = [];
let findings = 0;

async function consider(bytes: Uint8Array, learn: boolean): Promise<void> {
  const broken = await tryInput(bytes);
  const isNew = coverage.takeNew();
  if (broken !== null) {
    findings += 1;
    report({ kind: 'finding', what: broken, bytes });
  } else if ((isNew || learn) && inputs.length < learnedAtMost) inputs.push(bytes);
}

const first = [...(await target.seeds()), ...kept].filter((bytes) => bytes.length <= target.bytesAtMost);
// The first run loads the parser; its time and memory are not the input's.
await target.run(first[0] ?? new Uint8Array()).catch(() => undefined);
for (const bytes of first.length === 0 ? [new Uint8Array([0])] : first) await consider(Uint8Array.from(bytes), true);
const branchesBefore = coverage.branches;

const dictionary = dictionaryBytes(target);
function mutated(input: Uint8Array): Uint8Array {
  if (target.mutate === undefined || random.chance(2)) {
    return mutate(input, random, { dictionary, other: random.pick(inputs) }, target.bytesAtMost);
  }
  return target.mutate(input, random).subarray(0, target.bytesAtMost);
}

let runs = 0;
const startMs = usedMs();
while (usedMs() - startMs < seconds * 1000 && findings < findingsAtMost) {
  // What parsers leave for the event loop (node:zlib does) must be done, or it fills the memory.
  await nextTurn();
  // What was learned last leads on most often.
  const recent = inputs.slice(-32);
  for (let left = 256; left > 0; left -= 1) {
    const input = random.pick(random.chance(3) ? recent : inputs);
    let bytes = mutated(input);
    if (target.repair !== undefined && !random.chance(3)) bytes = target.repair(bytes);
    runs += 1;
    await consider(bytes, false);
  }
}
const small = await smallCorpus(inputs, async (bytes) => {
  coverage.reset();
  await target.run(bytes).catch(() => undefined);
  return coverage.taken();
});
await target.stop?.();
report({
  kind: 'done',
  runs,
  branchesBefore,
  branches: coverage.branches,
  places: counters.used(),
  seconds: (usedMs() - startMs) / 1000,
  corpus: small,
});
