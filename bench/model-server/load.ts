import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';

export interface LoadTarget {
  readonly url: string;
  readonly path: string;
  readonly bodyFile: string;
  /** Length of the JSON part of a binary body; null for a body of JSON. */
  readonly headerLength: number | null;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
  /** Answers other than 2xx, broken connections and timeouts. */
  readonly errors: number;
}

export interface LoadShape {
  readonly connections: number;
  readonly seconds: number;
}

export type LoadGenerator = 'wrk' | 'node';

/** wrk takes a small part of a core; the generator in Node takes a whole one, so that its figures are lower. */
export function findLoadGenerator(): LoadGenerator {
  return spawnSync('wrk', ['-v']).error === undefined ? 'wrk' : 'node';
}

/** A closed loop: each connection sends its next request when it has the answer to the one before. */
export async function runLoad(generator: LoadGenerator, target: LoadTarget, shape: LoadShape): Promise<LoadResult> {
  return generator === 'wrk' ? runWrk(target, shape) : runNode(target, shape);
}

async function runWrk(target: LoadTarget, { connections, seconds }: LoadShape): Promise<LoadResult> {
  const script = path.join(import.meta.dirname, 'request.lua');
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '--latency', '-s', script, target.url];
  const text = await output('wrk', args, {
    BODY: target.bodyFile,
    TARGET: target.path,
    HEADER_LENGTH: target.headerLength === null ? '' : String(target.headerLength),
  });
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
  return {
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1] ?? Number.NaN),
    latencyP50Ms: millisecondsOf(/^\s+50%\s+(\S+)/m.exec(text)?.[1]),
    latencyP99Ms: millisecondsOf(/^\s+99%\s+(\S+)/m.exec(text)?.[1]),
    errors:
      Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0) +
      (socketErrors?.slice(1).reduce((sum, count) => sum + Number(count), 0) ?? 0),
  };
}

async function runNode(target: LoadTarget, shape: LoadShape): Promise<LoadResult> {
  const program = path.join(import.meta.dirname, 'closed-loop.ts');
  const text = await output(process.execPath, [program, JSON.stringify({ target, shape })], {});
  return JSON.parse(text) as LoadResult;
}

/** wrk writes `812.00us`, `1.23ms` or `1.02s`. */
function millisecondsOf(text: string | undefined): number {
  const match = /^([\d.]+)(us|ms|s|m)$/.exec(text ?? '');
  const factors: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };
  return Number(match?.[1] ?? Number.NaN) * (factors[match?.[2] ?? ''] ?? Number.NaN);
}

export function output(file: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) resolve(out);
      else reject(new Error(`${file} ended with status ${status}: ${err.slice(-1000)}`));
    });
  });
}
