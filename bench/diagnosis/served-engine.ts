/**
 * The replica of the bench: an HTTP server that prepares inputs, reads features from a file, asks an upstream, forms batches, and
 * computes them on an engine that is a timer. It counts its phases as a replica does, and is told over IPC what to do.
 */
import { constants, openSync, readFileSync, read } from 'node:fs';
import { createServer, request as send, Agent } from 'node:http';
import { performance } from 'node:perf_hooks';

export interface EngineSettings {
  readonly rowsAtMost: number;
  readonly batchDelayMs: number;
  /** Rounds of arithmetic of each request; about a million a millisecond. */
  readonly preprocessRounds: number;
  /** The same while the answer is written. */
  readonly encodeRounds: number;
  readonly file: string;
  /** Reads past the page cache. */
  readonly isDirect: boolean;
  /** Keeps the file in memory of its own. */
  readonly isPreloaded: boolean;
  readonly upstreamPort: number;
  /** Answers in place of the upstream. */
  readonly isUpstreamStubbed: boolean;
}

const engineMs = (rows: number): number => 12 + rows / 2;
const readBytes = 64 * 1024;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

let settings = JSON.parse(process.argv[2] ?? '{}') as EngineSettings;
const phases = { receive: 0, preprocess: 0, upstream: 0, 'batch-wait': 0, run: 0, encode: 0 };
const counters = { requests: 0, engineMs: 0, batches: 0, rows: 0 };
const fileBytes = 32 * 1024 * 1024;
const memory = readFileSync(settings.file);
const buffered = openSync(settings.file, 'r');
const direct = openSync(settings.file, constants.O_RDONLY | constants.O_DIRECT);
let sink = 0;

function compute(rounds: number): void {
  for (let at = 0; at < rounds; at += 1) sink = Math.imul(sink ^ at, 0x9e3779b1);
}

/** What the types of Node leave out. */
interface PageMemory {
  readonly WebAssembly: {
    readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  };
}

/** Buffers of direct reads have to start at a page; the memory of WebAssembly does. */
const { WebAssembly } = globalThis as unknown as PageMemory;
const pages = new WebAssembly.Memory({ initial: 64 }).buffer;
let nextPage = 0;

function readFeatures(): Promise<void> {
  const offset = Math.floor((Math.random() * (fileBytes - readBytes)) / 4096) * 4096;
  if (settings.isPreloaded) {
    sink ^= memory[offset] ?? 0;
    return Promise.resolve();
  }
  nextPage = (nextPage + 1) % 64;
  const target = new Uint8Array(pages, nextPage * readBytes, readBytes);
  return new Promise((resolve, reject) => {
    read(settings.isDirect ? direct : buffered, target, 0, readBytes, offset, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

function askUpstream(): Promise<void> {
  if (settings.isUpstreamStubbed || settings.upstreamPort === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const asked = send({ host: '127.0.0.1', port: settings.upstreamPort, agent }, (answer) => {
      answer.resume().once('end', resolve);
    });
    asked.once('error', reject).end();
  });
}

interface Waiting {
  readonly sinceMs: number;
  readonly run: (batchBeganMs: number) => void;
}
let queue: Waiting[] = [];
let isComputing = false;
let timer: NodeJS.Timeout | null = null;

function dispatch(): void {
  const [oldest] = queue;
  if (isComputing || oldest === undefined) return;
  const waitMs = oldest.sinceMs + settings.batchDelayMs - performance.now();
  if (queue.length < settings.rowsAtMost && waitMs > 0) {
    timer ??= setTimeout(() => {
      timer = null;
      dispatch();
    }, waitMs);
    return;
  }
  const batch = queue.slice(0, settings.rowsAtMost);
  queue = queue.slice(settings.rowsAtMost);
  void runBatch(batch);
}

async function runBatch(batch: readonly Waiting[]): Promise<void> {
  isComputing = true;
  const beganMs = performance.now();
  await Promise.all(batch.map(readFeatures));
  const tookMs = engineMs(batch.length);
  await new Promise((resolve) => setTimeout(resolve, tookMs));
  counters.engineMs += tookMs;
  counters.batches += 1;
  counters.rows += batch.length;
  isComputing = false;
  // The engine goes on while answers are written.
  dispatch();
  for (const { run } of batch) run(beganMs);
  dispatch();
}

const server = createServer((asked, answer) => {
  if (asked.url === '/counters') {
    answer.end(JSON.stringify({ ...counters, phases, rowsAtMost: settings.rowsAtMost }));
    return;
  }
  const isPrepared = asked.headers['x-prepared'] === '1';
  const arrivedMs = performance.now();
  asked.resume().once('end', () => {
    const receivedMs = performance.now();
    if (!isPrepared) compute(settings.preprocessRounds);
    const preparedMs = performance.now();
    askUpstream()
      .then(() => {
        const upstreamMs = performance.now();
        queue.push({
          sinceMs: upstreamMs,
          run: (beganMs) => {
            const ranMs = performance.now();
            if (!isPrepared) compute(settings.encodeRounds);
            answer.end('{"ok":true}');
            phases.receive += receivedMs - arrivedMs;
            phases.preprocess += preparedMs - receivedMs;
            phases.upstream += upstreamMs - preparedMs;
            phases['batch-wait'] += beganMs - upstreamMs;
            phases.run += ranMs - beganMs;
            phases.encode += performance.now() - ranMs;
            counters.requests += 1;
          },
        });
        dispatch();
      })
      .catch(() => answer.destroy());
  });
});
process.on('message', (change: Partial<EngineSettings>) => {
  settings = { ...settings, ...change };
  dispatch();
  process.send?.('changed');
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? (address?.port ?? 0) : 0);
});
