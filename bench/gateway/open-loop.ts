/**
 * Sends requests at a fixed rate whatever the answers do, and measures each from the moment at which it should have been
 * sent: a server that stands still for a second is charged with every request of that second ("coordinated omission",
 * G. Tene, How NOT to Measure Latency, 2015).
 */
import { Agent, request } from 'node:http';

export interface OpenLoopOptions {
  readonly url: string;
  readonly body: string;
  readonly ratePerSecond: number;
  readonly durationMs: number;
  /** Open at once at most; 256 where it is left out. */
  readonly connections?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface OpenLoopResult {
  readonly latenciesMs: readonly number[];
  readonly errors: number;
}

export async function runOpenLoop(options: OpenLoopOptions): Promise<OpenLoopResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections ?? 256, scheduling: 'fifo' });
  const latenciesMs: number[] = [];
  let errors = 0;
  const total = Math.round((options.ratePerSecond * options.durationMs) / 1000);
  const startedMs = performance.now();
  const pending: Promise<void>[] = [];
  let sent = 0;
  while (sent < total) {
    const dueCount = Math.min(total, Math.floor(((performance.now() - startedMs) * options.ratePerSecond) / 1000) + 1);
    for (; sent < dueCount; sent += 1) {
      const intendedMs = startedMs + (sent * 1000) / options.ratePerSecond;
      pending.push(
        send(agent, options).then(
          () => void latenciesMs.push(performance.now() - intendedMs),
          () => void (errors += 1),
        ),
      );
    }
    // A timer is late by up to a millisecond, which every measured latency then holds, direct or not. Turning the loop
    // instead would take one of two cores away from what is measured.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(pending);
  agent.destroy();
  return { latenciesMs, errors };
}

function send(agent: Agent, { url, body, headers: more }: OpenLoopOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...more };
    const req = request(url, { method: 'POST', agent, headers }, (res) => {
      res.resume();
      res.on('end', () => (res.statusCode === 200 ? resolve() : reject(new Error(String(res.statusCode)))));
      res.on('error', reject);
    });
    req.on('error', reject);
    req.end(body);
  });
}

/** Nearest rank. */
export function quantile(sample: readonly number[], share: number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}
