import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type AddressInfo, type Socket } from 'node:net';
import { clientOfAddress } from '../../core/access/shares/client-address.ts';
import { ConnectionPlaces } from '../../core/access/shares/connection-places.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { headProblem } from '../admission/admission.ts';
import { allowedMethods, refusalBody, refusals, type RefusalCode } from '../admission/refusal.ts';
import type { DataPath } from '../exchange/data-path.ts';
import type { GatewayLog } from '../log.ts';
import type { ProcessMetrics } from '../signals/metrics-text.ts';
import type { FrontSettings } from '../settings.ts';
import type { ClientConnections } from './client-connections.ts';
import { headWithoutUpgrade } from './without-upgrade.ts';
import { isTlsError, makeTlsServer, PlacedSockets, type TlsDoor } from './tls-door.ts';

const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http');

/** What stands behind the client port: one service, or many. */
export interface FrontHost {
  /** All data paths, those of services that are leaving among them. */
  readonly paths: Iterable<DataPath>;
  /** Counters of requests that no data path took. */
  readonly refused: Record<RefusalCode, number>;
  nowMs(): number;
  receive(req: IncomingMessage, res: ServerResponse, continueFirst: boolean): void;
  refuseHead(req: IncomingMessage, res: ServerResponse, code: RefusalCode): void;
  /** Answer of `/plimsoll/ready` while the gateway does not drain. */
  readiness(): Readiness;
  /** Why who asks is not told the metrics; null where they are. */
  metricsProblem(authorization: string | undefined): RefusalCode | null;
  metrics(process: ProcessMetrics): string;
  sweep(nowMs: number): void;
}

export interface Readiness {
  readonly ready: boolean;
  readonly [fact: string]: number | boolean;
}

export interface FrontParts {
  readonly settings: FrontSettings;
  readonly connections: ClientConnections;
  readonly log: GatewayLog;
  /** `host:boot:pid:start`, see ports/process-identity. */
  readonly identity: string;
  readonly host: FrontHost;
  readonly controlPlaneConnected: () => boolean;
  /** Null, or left out, where clients come in plain text alone. */
  readonly tlsDoor?: TlsDoor | null;
}

/** The beat of the coarse clock: deadlines are kept to within this. */
const sweepMs = 20;
/** How often heads that take too long are looked for. */
const checkEveryMs = 50;

/** The client port: what comes in goes to the host, except what lies under `/plimsoll/`. */
export class HttpFront {
  readonly #parts: FrontParts;
  readonly #host: FrontHost;
  readonly #server: Server;
  /** Of clients over TLS. */
  readonly #tlsServer: ReturnType<typeof makeTlsServer> | null;
  #unfollow: () => void = () => undefined;
  #sweeper: NodeJS.Timeout | null = null;
  readonly #places: ConnectionPlaces<Socket>;
  readonly #placed: PlacedSockets;
  #draining = false;

  constructor(parts: FrontParts) {
    this.#parts = parts;
    this.#host = parts.host;
    const { settings, tlsDoor = null } = parts;
    this.#places = new ConnectionPlaces(settings.maxConnections);
    this.#placed = new PlacedSockets(this.#places);
    const options = {
      headersTimeout: settings.headersTimeoutMs,
      requestTimeout: 0,
      keepAliveTimeout: settings.keepAliveMs,
      // Often, so that thousands of heads that end together are not answered in one turn of the event loop.
      connectionsCheckingInterval: Math.min(checkEveryMs, settings.headersTimeoutMs),
      maxHeaderSize: 16 * 1024,
      // Looked at here, so that the answer says what is missing.
      requireHostHeader: false,
      insecureHTTPParser: false,
      noDelay: true,
    };
    this.#server = createServer(options);
    this.#serve(this.#server, 'connection');
    this.#tlsServer = tlsDoor === null ? null : makeTlsServer(options, tlsDoor, settings.headersTimeoutMs);
    if (this.#tlsServer === null) return;
    this.#serve(this.#tlsServer, 'secureConnection');
    this.#tlsServer.on('connection', (socket: Socket) => this.#placed.came(socket));
    this.#tlsServer.on('secureConnection', (socket: Socket) => this.#placed.secured(socket));
  }

  /** @param opened the event by which it takes a connection. */
  #serve(server: Pick<Server, 'on' | 'emit'>, opened: 'connection' | 'secureConnection'): void {
    server.on('request', (req: IncomingMessage, res: ServerResponse) => this.#receive(req, res, false));
    server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => this.#receive(req, res, true));
    server.on('checkExpectation', (req: IncomingMessage, res: ServerResponse) =>
      this.#host.refuseHead(req, res, headProblem(req) ?? 'expectation-unknown'),
    );
    server.on('connect', (_req: IncomingMessage, socket: Socket) => this.#refuseRaw(socket, 'method-refused'));
    server.on('upgrade', (req: IncomingMessage, socket: Socket, rest: Buffer) => {
      if (req.headers.upgrade?.toLowerCase() !== 'h2c' || !this.#parts.connections.isAnswered(socket)) {
        this.#refuseRaw(socket, 'upgrade-refused');
        return;
      }
      socket.unshift(Buffer.concat([headWithoutUpgrade(req), rest]));
      server.emit(opened, socket);
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => this.#badClient(error, socket));
    server.on('connection', (socket: Socket) => this.#came(socket));
  }

  /** Resolves with `http://HOST:PORT`. @throws PlimsollError `port-taken`, `cannot-listen` (unavailable). */
  async listen(): Promise<string> {
    const { settings, tlsDoor } = this.#parts;
    await listenOn(this.#server, settings.listen, '--listen');
    if (this.#tlsServer !== null && tlsDoor) {
      await listenOn(this.#tlsServer, tlsDoor.listen, '--https-listen');
      this.#unfollow = tlsDoor.follow(this.#tlsServer);
    }
    this.#sweeper = setInterval(() => this.#sweep(), sweepMs);
    return this.address;
  }

  get address(): string {
    const bound = this.#server.address() as AddressInfo | null;
    if (bound === null) return '';
    return `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
  }

  /**
   * Takes no more connections, and serves one more request on each that is here: its answer closes it. Connections without
   * a request are closed after `drainIdleMs`, or half of `drainTimeoutMs` where that is less. Requests are
   * broken off after `drainTimeoutMs`.
   */
  async drain(): Promise<void> {
    this.#draining = true;
    for (const path of this.#host.paths) {
      path.drain();
      path.stopShadow();
    }
    const { drainTimeoutMs, drainIdleMs } = this.#parts.settings;
    const servers = this.#tlsServer === null ? [this.#server] : [this.#server, this.#tlsServer];
    // The one of http closes idle connections at once, under requests that are on their way.
    const closed = Promise.all(
      servers.map((server) => new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()))),
    );
    const giveUp = setTimeout(() => this.#breakOffAll(), drainTimeoutMs);
    let closeIdle: NodeJS.Timeout | undefined;
    const idleFor = setTimeout(
      () => {
        closeIdle = setInterval(() => {
          for (const server of servers) server.closeIdleConnections();
        }, 50);
      },
      Math.min(drainIdleMs, drainTimeoutMs / 2),
    );
    await closed;
    for (const timer of [giveUp, idleFor, closeIdle]) clearTimeout(timer);
    if (this.#sweeper !== null) clearInterval(this.#sweeper);
    this.#unfollow();
    await Promise.all(Array.from(this.#host.paths, (path) => path.destroy()));
  }

  #breakOffAll(): void {
    const paths = [...this.#host.paths];
    this.#parts.log('drain.cut', { open: paths.reduce((sum, { openCount }) => sum + openCount, 0) });
    for (const path of paths) path.breakOffAll();
    setTimeout(() => {
      this.#server.closeAllConnections();
      this.#tlsServer?.closeAllConnections();
    }, 100).unref();
  }

  #sweep(): void {
    const nowMs = this.#host.nowMs();
    this.#host.sweep(nowMs);
    this.#parts.connections.sweep(nowMs);
  }

  #came(socket: Socket): void {
    // It is here already, and its head is read again.
    if (socket.bytesRead > 0) return;
    const { taken, closed } = this.#places.came(socket, clientOfAddress(socket.remoteAddress));
    closed?.destroy();
    if (taken) socket.once('close', () => this.#places.left(socket));
    else socket.destroy();
  }

  #receive(req: IncomingMessage, res: ServerResponse, continueFirst: boolean): void {
    const { socket } = req;
    this.#placed.began(socket);
    this.#parts.connections.began(socket, res);
    res.on('close', () => this.#placed.ended(socket));
    if (this.#draining) res.shouldKeepAlive = false;
    const problem = headProblem(req);
    if (problem !== null) this.#host.refuseHead(req, res, problem);
    else if (req.url?.startsWith('/plimsoll/') === true) this.#own(req, res);
    else this.#host.receive(req, res, continueFirst);
  }

  #own(req: IncomingMessage, res: ServerResponse): void {
    const url = req.url?.split('?', 1)[0];
    if (refuseOtherThanGet(req, res)) return;
    if (url === '/plimsoll/live') writeJson(res, 200, { live: true });
    else if (url === '/plimsoll/ready') this.#ready(res);
    else if (url === '/plimsoll/identity') writeJson(res, 200, this.#identity());
    else if (url === '/plimsoll/metrics') this.#metrics(req, res);
    else writeText(res, 404, 'application/json', refusalBody('not-in-protocol'));
  }

  #ready(res: ServerResponse): void {
    const readiness = this.#host.readiness();
    writeReadiness(res, { ...readiness, ready: readiness.ready && !this.#draining });
  }

  #identity(): object {
    const { settings, identity } = this.#parts;
    return { gatewayId: settings.gatewayId, pid: process.pid, identity };
  }

  #metrics(req: IncomingMessage, res: ServerResponse): void {
    const problem = this.#host.metricsProblem(req.headers.authorization);
    if (problem !== null) {
      writeText(res, 401, 'application/json', refusalBody(problem));
      return;
    }
    const text = this.#host.metrics({
      connections: this.#places.open,
      controlPlaneConnected: this.#parts.controlPlaneConnected(),
      residentBytes: process.memoryUsage.rss(),
    });
    writeText(res, 200, 'text/plain; version=0.0.4; charset=utf-8', text);
  }

  /** What Node's parser refused. Answered only where no other answer is on its way on that connection. */
  #badClient(error: NodeJS.ErrnoException, socket: Socket): void {
    if (error.code === 'ECONNRESET' || !socket.writable || isTlsError(error)) {
      socket.destroy();
      return;
    }
    this.#refuseRaw(socket, problemOf(error));
  }

  /** Where Node made no response to write to, and takes no errors of the connection any more. */
  #refuseRaw(socket: Socket, code: RefusalCode): void {
    socket.on('error', () => socket.destroy());
    if (this.#refuseOn(socket, code)) socket.destroySoon();
    else this.#answerRaw(socket, code);
  }

  /**
   * Answers the one request whose body broke on this connection. True when the connection has its answer, or is in the
   * middle of another one, so that nothing more may be written to it.
   */
  #refuseOn(socket: Socket, code: RefusalCode): boolean {
    const { connections } = this.#parts;
    if (connections.isEnding(socket)) return true;
    connections.end(socket);
    const open = Array.from(this.#host.paths, (path) => path.openOn(socket)).flat();
    const [only] = open;
    if (open.length === 1 && only !== undefined && !only.req.complete) only.refuse(code);
    return open.length > 0 || !connections.isAnswered(socket);
  }

  #answerRaw(socket: Socket, code: RefusalCode): void {
    this.#host.refused[code] += 1;
    const { status } = refusals[code];
    const body = refusalBody(code);
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      ...(status === 405 ? [`allow: ${allowedMethods.join(', ')}`] : []),
      'connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    socket.destroySoon();
  }
}

/** The gateway's own paths are read only. True when the request was answered. */
export function refuseOtherThanGet(req: IncomingMessage, res: ServerResponse): boolean {
  if (req.method === 'GET' || req.method === 'HEAD') return false;
  writeText(res, 405, 'application/json', refusalBody('method-refused', 'GET only'));
  return true;
}

export function writeReadiness(res: ServerResponse, readiness: Readiness): void {
  writeJson(res, readiness.ready ? 200 : 503, readiness);
}

export function writeText(res: ServerResponse, status: number, contentType: string, text: string): void {
  res.writeHead(status, ['content-type', contentType, 'content-length', String(Buffer.byteLength(text))]);
  res.end(text);
}

function writeJson(res: ServerResponse, status: number, body: object): void {
  writeText(res, status, 'application/json', `${JSON.stringify(body)}\n`);
}

const problems: Readonly<Record<string, RefusalCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'headers-stalled',
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  HPE_INVALID_HEADER_TOKEN: 'head-invalid',
  HPE_INVALID_CONSTANT: 'not-http',
  HPE_INVALID_VERSION: 'not-http',
  HPE_INVALID_URL: 'not-http',
};

/** A word, a target and a version: only the word is not one that the parser knows. */
const startLine = /^[\w!#$%&'*+.^`|~-]+ \S+ HTTP\/1\.[01]\r?\n/;

function problemOf(error: NodeJS.ErrnoException & { readonly rawPacket?: Buffer }): RefusalCode {
  const code = error.code ?? '';
  if (code !== 'HPE_INVALID_METHOD') return problems[code] ?? 'framing-invalid';
  return startLine.test(error.rawPacket?.toString('latin1') ?? '') ? 'method-unknown' : 'not-http';
}

async function listenOn(server: NetServer, { host, port }: FrontSettings['listen'], option: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024 }, resolve);
  }).catch((thrown: NodeJS.ErrnoException) => {
    throw cannotListen(thrown, host, port, option);
  });
}

function cannotListen(thrown: NodeJS.ErrnoException, host: string, port: number, option: string): PlimsollError {
  const taken = thrown.code === 'EADDRINUSE';
  return new PlimsollError({
    code: taken ? 'port-taken' : 'cannot-listen',
    category: 'unavailable',
    message: taken
      ? `another program listens on ${host}:${port}`
      : `cannot listen on ${host}:${port}: ${thrown.message}`,
    next: `stop that program (\`ss -ltnp\` names it), or choose another address with ${option}`,
    cause: thrown,
  });
}
