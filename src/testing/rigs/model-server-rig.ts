import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../adapters/system/clock.ts';
import { digestOfBytes } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { serveModels, type ModelServerParts } from '../../model-server/serve-models.ts';
import type { InferenceEngine } from '../../ports/serving/inference-engine.ts';
import type { ModelSource } from '../../ports/artifacts/model-source.ts';
import type { ModelServerSettings } from '../../schemas/replica/model-server-settings.ts';
import type { ReplicaLine } from '../../schemas/replica/replica-line.ts';

/** A model source of bytes in memory: version to model. */
export function memoryModels(name: string, versions: ReadonlyMap<number, () => Uint8Array>): ModelSource {
  const resolve = (asked: string, version: number | null): number => {
    const wanted = version ?? Math.max(...versions.keys());
    if (asked === name && versions.has(wanted)) return wanted;
    throw new PlimsollError({ code: 'model-unknown', category: 'not-found', message: `unknown model "${asked}"` });
  };
  return {
    list: async () => [...versions.keys()].map((version) => ({ name, version })),
    resolve: async (asked, version) => resolve(asked, version),
    fetch: async (asked, version) => {
      const bytes = versions.get(resolve(asked, version))?.() ?? new Uint8Array();
      return {
        file: 'model.onnx',
        digest: digestOfBytes(bytes),
        verified: false,
        sizeBytes: bytes.length,
        content: { modelBytes: bytes },
        requireUnchanged: () => Promise.resolve(),
      };
    },
  };
}

export interface ModelServerRig {
  readonly url: string;
  readonly port: number;
  readonly lines: readonly ReplicaLine[];
  readonly log: readonly string[];
  /** Drains; resolves with whether everything was answered in time. */
  stop(): Promise<boolean>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<RigAnswer>;
  get(path: string): Promise<RigAnswer>;
  /**
   * Sends bytes as they are and resolves with everything that came back until the connection closed, until it was
   * enough, or `forMs`.
   */
  raw(parts: readonly (string | Uint8Array)[], options?: RawOptions): Promise<string>;
}

export interface RawOptions {
  /** 10 s when not given: a test that passes does not wait for it. */
  readonly forMs?: number;
  /** Between two parts. */
  readonly pauseMs?: number;
  readonly enough?: (received: string) => boolean;
}

export interface RigAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Readonly<Record<string, unknown>>;
  readonly error: string;
}

const defaults: ModelServerSettings = {
  model: { name: 'm', path: '', version: null },
  pinnedFiles: null,
  host: '127.0.0.1',
  port: 0,
  maxBatchRows: 8,
  maxDelayMs: 0,
  queueLimit: 64,
  deadlineMs: 10_000,
  threads: 1,
  drainTimeoutMs: 2000,
  maxBodyBytes: 1024 * 1024,
  headersTimeoutMs: 5000,
  bodyTimeoutMs: 5000,
  contract: null,
};

type ModelServerRigParts = Partial<ModelServerSettings> &
  Pick<ModelServerParts, 'ordersToken' | 'readContainer' | 'makeServer'>;

/** A whole model server on a free port of the loopback address, in this process. */
export async function startModelServer(
  engine: InferenceEngine,
  source: ModelSource,
  { ordersToken, readContainer, makeServer, ...settings }: ModelServerRigParts = {},
  onListening: (port: number) => Promise<void> = async () => undefined,
): Promise<ModelServerRig> {
  const lines: ReplicaLine[] = [];
  const log: string[] = [];
  const stopping = new AbortController();
  const running = serveModels(
    { ...defaults, ...settings },
    {
      engine,
      source,
      clock: systemClock,
      version: '0.0.0-test',
      ...(readContainer === undefined ? {} : { readContainer }),
      identity: 'replica-a/1',
      ...(ordersToken === undefined ? {} : { ordersToken }),
      ...(makeServer === undefined ? {} : { makeServer }),
      tell: (line) => {
        lines.push(line);
        if (line.plimsoll === 'listening') void onListening(line.port);
      },
      log: (line) => void log.push(line),
    },
    stopping.signal,
  );
  const ready = (): boolean => lines.some((line) => line.plimsoll === 'ready');
  while (!ready()) await Promise.race([delay(2), running]);
  const listening = lines.find((line) => line.plimsoll === 'listening');
  const port = listening?.plimsoll === 'listening' ? listening.port : 0;
  const url = `${makeServer === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  return {
    url,
    port,
    lines,
    log,
    stop: () => {
      stopping.abort(new Error('stop'));
      return running;
    },
    post: async (path, body, headers) =>
      answerOf(
        await fetch(url + path, {
          method: 'POST',
          body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
          ...(headers === undefined ? {} : { headers }),
        }),
      ),
    get: async (path) => answerOf(await fetch(url + path)),
    raw: (parts, options = {}) => sendRaw(port, parts, options),
  };
}

async function answerOf(response: Response): Promise<RigAnswer> {
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.status, headers: response.headers, json, error: String(json['error'] ?? '') };
}

async function sendRaw(
  port: number,
  parts: readonly (string | Uint8Array)[],
  { forMs = 10_000, pauseMs = 0, enough = () => false }: RawOptions,
): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      if (enough(received)) resolve();
    });
  });
  for (const part of parts) {
    if (socket.destroyed) break;
    socket.write(part);
    if (pauseMs > 0) await Promise.race([delay(pauseMs), closed]);
  }
  await Promise.race([closed, delay(forMs, undefined, { ref: false })]);
  socket.destroy();
  return received;
}
