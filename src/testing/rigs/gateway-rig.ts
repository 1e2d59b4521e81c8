import { createServer, request, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { CaptureSinks } from '../../gateway/capture/capture-sink.ts';
import type { ClientKeys } from '../../gateway/admission/client-keys.ts';
import { Gateway, type GatewayParts } from '../../gateway/gateway.ts';
import { shadowDefaults, type ShadowBounds } from '../../gateway/shadow/shadow.ts';
import { unitDefaults, type UnitBounds } from '../../gateway/canary/units.ts';
import type { TlsDoor } from '../../gateway/front/tls-door.ts';
import { gatewayDefaults, type FrontSettings, type GatewaySettings } from '../../gateway/settings.ts';

export interface Upstream {
  readonly endpoint: string;
  /** Requests that reached it, oldest first. */
  readonly seen: IncomingMessage[];
  stop(): Promise<void>;
}

/** A replica for tests: a real loopback server with a scripted answer. */
export async function startUpstream(answer: RequestListener): Promise<Upstream> {
  const seen: IncomingMessage[] = [];
  const server = createServer((req, res) => {
    seen.push(req);
    answer(req, res);
  });
  const endpoint = await listen(server);
  return { endpoint, seen, stop: () => stopServer(server) };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function stopServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

export interface Split {
  readonly release?: number;
  readonly modelVersion?: number;
  readonly share?: number;
  readonly endpoints: readonly string[];
}

export function makeTable(splits: readonly Split[], more: Partial<RoutingTable> = {}): RoutingTable {
  return {
    service: 'digits',
    environment: 'default',
    generation: 1,
    protocol: 'open-inference-v2',
    model: 'digits',
    starting: false,
    issuedAtMs: 0,
    splits: splits.map((split, index) => ({
      release: split.release ?? index + 1,
      modelVersion: split.modelVersion ?? 1,
      share: split.share ?? 1 / splits.length,
      replicas: split.endpoints.map((endpoint) => ({ replicaId: `replica-${new URL(endpoint).port}`, endpoint })),
    })),
    ...more,
  };
}

/** Monotonic time that a test may push forward; it goes on by itself otherwise. */
export class SkippingClock implements Clock {
  #skippedMs = 0;
  #steppedMs = 0;

  /** Somebody sets the time of day; what has passed stays what it is. */
  stepTimeOfDay(byMs: number): void {
    this.#steppedMs += byMs;
  }

  skip(durationMs: number): void {
    this.#skippedMs += durationMs;
  }
  nowMs(): number {
    return Date.now() + this.#skippedMs + this.#steppedMs;
  }
  monotonicMs(): number {
    return performance.now() + this.#skippedMs;
  }
  sleep(): Promise<void> {
    return Promise.resolve();
  }
}

export interface GatewayRig {
  readonly gateway: Gateway;
  readonly clock: SkippingClock;
  readonly url: string;
  readonly port: number;
  readonly log: string[];
  stop(): Promise<void>;
}

export interface GatewayRigParts {
  readonly capture?: CaptureSinks;
  /** Always 0.5 where it is left out. */
  readonly random?: () => number;
  readonly clientKeys?: ClientKeys;
  readonly unitBounds?: Partial<UnitBounds>;
  readonly shadowBounds?: Partial<ShadowBounds>;
  readonly tlsDoor?: TlsDoor;
  readonly connectOverTls?: NonNullable<GatewayParts['connectOverTls']>;
}

export const rigSettings = {
  ...gatewayDefaults,
  gatewayId: 'gateway-1',
  listen: { host: '127.0.0.1', port: 0 },
  drainTimeoutMs: 500,
} as const satisfies FrontSettings;

/** What a gateway for tests is made of, whether it serves one service or many. */
export function makeRigParts<C extends Clock>(clock: C, parts: GatewayRigParts = {}) {
  const log: string[] = [];
  let drawn = 0;
  return {
    clock,
    random: {
      next: parts.random ?? (() => 0.5),
      hex: (bytes: number) =>
        (drawn++)
          .toString(16)
          .padStart(4, '0')
          .repeat(bytes / 2),
    },
    lines: log,
    log: (event: string, facts: object) => void log.push(`${event} ${JSON.stringify(facts)}`),
    capture: parts.capture ?? null,
    clientKeys: parts.clientKeys ?? null,
    tlsDoor: parts.tlsDoor ?? null,
    ...(parts.connectOverTls === undefined ? {} : { connectOverTls: parts.connectOverTls }),
    identity: 'host:boot:1:1',
    unitBounds: { ...unitDefaults, ...parts.unitBounds },
    shadowBounds: { ...shadowDefaults, ...parts.shadowBounds },
  };
}

export async function startGateway(
  table: RoutingTable | null,
  settings: Partial<GatewaySettings> = {},
  parts: GatewayRigParts = {},
): Promise<GatewayRig> {
  const clock = new SkippingClock();
  const made = makeRigParts(clock, parts);
  const log = made.lines;
  const owner = { service: 'digits', environment: 'default' };
  const gateway = new Gateway({ ...made, settings: { ...rigSettings, ...owner, ...settings } });
  if (table !== null) gateway.offer(table);
  const url = await gateway.listen();
  return { gateway, clock, url, port: Number(new URL(url).port), log, stop: () => gateway.drain() };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** One request on a connection of its own. */
export function ask(url: string, options: AskOptions = {}): Promise<Answer> {
  const { method = 'POST', path = '/v2/models/digits/infer', headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const req = request(`${url}${path}`, { method, headers, agent: false }, (res) => {
      text(res).then((answer) => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: answer }), reject);
    });
    req.on('error', reject);
    req.end(body);
  });
}

/** Bytes as they are on the wire; resolves with everything that came back once the other side closes. */
export function speakRaw(port: number, wire: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(wire));
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (answer += chunk));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

export function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
  });
}

/** Waits for something that happens in another turn of the loop; fails by the test's own timeout. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
