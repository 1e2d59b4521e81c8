import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { RoutingTable } from '../core/rollout/routing/routing.ts';
import { PlimsollError } from '../core/units/errors.ts';
import type { GatewayReport } from '../schemas/gateway/gateway-report.ts';
import { hasOneHost } from './admission/admission.ts';
import { DataPath, type DataPathParts } from './exchange/data-path.ts';
import { takeReport } from './signals/gateway-signals.ts';
import { gatewayMetrics } from './signals/metrics-text.ts';
import { allowedMethods, refusalBody, refusals, type RefusalCode } from './admission/refusal.ts';
import { acceptTable, type Acceptance } from './routes/routing-acceptance.ts';

const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http');

export interface GatewayParts extends DataPathParts {
  /** `host:boot:pid:start`, see ports/process-identity. */
  readonly identity: string;
}

/** The beat of the coarse clock: deadlines are kept to within this. */
const sweepMs = 20;

/** The client port: what comes in goes to the data path, except what lies under `/plimsoll/`. */
export class Gateway {
  readonly path: DataPath;
  readonly #parts: GatewayParts;
  readonly #server: Server;
  readonly #startedAtMs: number;
  #sweeper: NodeJS.Timeout | null = null;
  #connections = 0;
  #draining = false;
  controlPlaneConnected: () => boolean = () => false;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.path = new DataPath(parts);
    this.#startedAtMs = parts.clock.nowMs();
    const { settings } = parts;
    this.#server = createServer(
      {
        headersTimeout: settings.headersTimeoutMs,
        requestTimeout: 0,
        keepAliveTimeout: settings.keepAliveMs,
        connectionsCheckingInterval: Math.min(1000, settings.headersTimeoutMs),
        maxHeaderSize: 16 * 1024,
        // Looked at here, so that the answer says what is missing.
        requireHostHeader: false,
        insecureHTTPParser: false,
        noDelay: true,
      },
      (req, res) => this.#receive(req, res, false),
    );
    this.#server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => this.#receive(req, res, true));
    this.#server.on('checkExpectation', (req: IncomingMessage, res: ServerResponse) =>
      this.path.refuseHead(req, res, 'expectation-unknown'),
    );
    this.#server.on('connect', (_req: IncomingMessage, socket: Socket) => this.#answerRaw(socket, 'method-refused'));
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => this.#badClient(error, socket));
    this.#server.on('connection', (socket: Socket) => {
      this.#connections += 1;
      socket.once('close', () => (this.#connections -= 1));
    });
    this.#server.maxConnections = settings.maxConnections;
  }

  /** Resolves with `http://HOST:PORT`. @throws PlimsollError `port-taken`, `cannot-listen` (unavailable). */
  async listen(): Promise<string> {
    const { host, port } = this.#parts.settings.listen;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, backlog: 1024 }, resolve);
    }).catch((thrown: NodeJS.ErrnoException) => {
      throw cannotListen(thrown, host, port);
    });
    this.#sweeper = setInterval(() => this.path.sweep(this.path.nowMs()), sweepMs);
    return this.address;
  }

  get address(): string {
    const bound = this.#server.address() as AddressInfo | null;
    if (bound === null) return '';
    return `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
  }

  /** Applies a table if it is this gateway's and newer; says what became of it. */
  offer(table: RoutingTable): Acceptance {
    const { settings, log } = this.#parts;
    const acceptance = acceptTable(table, this.path.routes.table, settings);
    if (acceptance.verdict === 'apply') {
      this.path.applyTable(table);
      log('routing.applied', { generation: table.generation, replicas: this.path.routes.replicaCount });
    } else if (acceptance.verdict === 'refuse') {
      log('routing.refused', { generation: table.generation, reason: acceptance.reason });
    }
    return acceptance;
  }

  report(): GatewayReport {
    const { path } = this;
    const issuedAtMs = path.routes.table?.issuedAtMs;
    const facts = {
      gatewayId: this.#parts.settings.gatewayId,
      address: this.address,
      pid: process.pid,
      startedAtMs: this.#startedAtMs,
      acknowledgedGeneration: path.routes.generation,
      ...(issuedAtMs === undefined ? {} : { acknowledgedIssuedAtMs: issuedAtMs }),
      atMs: this.#parts.clock.nowMs(),
      residentBytes: process.memoryUsage.rss(),
      queueDepth: path.queueDepth,
      oldestWaitMs: path.oldestWaitMs,
      inFlight: path.inFlight,
    };
    return takeReport(facts, path.signals, path.routes.replicas, path.outbox.take(facts.atMs));
  }

  /** Takes no more connections or requests, lets those that are here finish, and ends the rest after the drain's time. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.path.drain();
    this.path.stopShadow();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const { drainTimeoutMs } = this.#parts.settings;
    const giveUp = setTimeout(() => {
      this.#parts.log('drain.cut', { open: this.path.openCount });
      this.path.breakOffAll();
      setTimeout(() => this.#server.closeAllConnections(), 100).unref();
    }, drainTimeoutMs);
    const idleConnections = setInterval(() => this.#server.closeIdleConnections(), 50);
    await closed;
    clearTimeout(giveUp);
    clearInterval(idleConnections);
    if (this.#sweeper !== null) clearInterval(this.#sweeper);
    await this.path.routes.destroy();
  }

  #receive(req: IncomingMessage, res: ServerResponse, continueFirst: boolean): void {
    if (this.#draining) res.shouldKeepAlive = false;
    if (!hasOneHost(req)) this.path.refuseHead(req, res, 'host-invalid');
    else if (req.url?.startsWith('/plimsoll/') === true) this.#own(req, res);
    else this.path.receive(req, res, continueFirst);
  }

  #own(req: IncomingMessage, res: ServerResponse): void {
    const url = req.url?.split('?', 1)[0];
    if (req.method !== 'GET' && req.method !== 'HEAD')
      writeText(res, 405, 'application/json', refusalBody('method-refused', 'GET only'));
    else if (url === '/plimsoll/live') writeText(res, 200, 'application/json', '{"live":true}\n');
    else if (url === '/plimsoll/ready') this.#ready(res);
    else if (url === '/plimsoll/identity')
      writeText(res, 200, 'application/json', `${JSON.stringify(this.#identity())}\n`);
    else if (url === '/plimsoll/metrics') this.#metrics(req, res);
    else writeText(res, 404, 'application/json', refusalBody('not-in-protocol'));
  }

  #ready(res: ServerResponse): void {
    const ready = !this.#draining && this.path.routes.replicaCount > 0;
    const body = { ready, generation: this.path.routes.generation, replicas: this.path.routes.replicaCount };
    writeText(res, ready ? 200 : 503, 'application/json', `${JSON.stringify(body)}\n`);
  }

  #identity(): object {
    const { settings, identity } = this.#parts;
    return { gatewayId: settings.gatewayId, pid: process.pid, identity };
  }

  #metrics(req: IncomingMessage, res: ServerResponse): void {
    const problem = this.#parts.clientKeys?.check(req.headers.authorization) ?? null;
    if (problem !== null) {
      writeText(res, 401, 'application/json', refusalBody(problem));
      return;
    }
    const { path } = this;
    const text = gatewayMetrics(path.signals, path.routes.replicas, {
      queueDepth: path.queueDepth,
      heldBytes: path.heldBytes,
      connections: this.#connections,
      generation: path.routes.generation,
      controlPlaneConnected: this.controlPlaneConnected(),
      residentBytes: process.memoryUsage.rss(),
    });
    writeText(res, 200, 'text/plain; version=0.0.4; charset=utf-8', text);
  }

  /** What Node's parser refused. Answered only where no other answer is on its way on that connection. */
  #badClient(error: NodeJS.ErrnoException, socket: Socket): void {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const code = problemOf(error);
    if (this.path.refuseOn(socket, code)) socket.destroySoon();
    else this.#answerRaw(socket, code);
  }

  /** Where Node made no response to write to. */
  #answerRaw(socket: Socket, code: RefusalCode): void {
    this.path.signals.refused[code] += 1;
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

function writeText(res: ServerResponse, status: number, contentType: string, text: string): void {
  res.writeHead(status, ['content-type', contentType, 'content-length', String(Buffer.byteLength(text))]);
  res.end(text);
}

function cannotListen(thrown: NodeJS.ErrnoException, host: string, port: number): PlimsollError {
  const taken = thrown.code === 'EADDRINUSE';
  return new PlimsollError({
    code: taken ? 'port-taken' : 'cannot-listen',
    category: 'unavailable',
    message: taken
      ? `another program listens on ${host}:${port}`
      : `cannot listen on ${host}:${port}: ${thrown.message}`,
    next: `stop that program (\`ss -ltnp\` names it), or choose another address with --listen`,
    cause: thrown,
  });
}
