import { Pool, type buildConnector } from 'undici';
import { backoffMs } from './backoff.ts';
import { BusyMeter, type RequestPurpose } from './busy-meter.ts';
import { makeIdentifiedConnector, type ExpectedIdentity } from './identified-connector.ts';
import { ReplicaProgress } from './replica-progress.ts';
import type { ReleaseSignals } from '../signals/release-signals.ts';

const retryBaseMs = 50;
const retryCapMs = 2000;

export interface ReplicaBounds {
  readonly concurrency: number;
  readonly connectTimeoutMs: number;
  /** Opens connections over TLS to replicas of the service; null where this gateway has no certificate for them. */
  readonly connectOverTls?: ConnectOverTls | null;
  /** The clock that never steps; read when a request goes to a replica, and when it ends. */
  nowMs(): number;
}

/** Returns what opens connections on which replica and gateway verify each other. */
export type ConnectOverTls = (timeoutMs: number) => buildConnector.connector;

/** One endpoint that requests go to, with its connections. It outlives the routing generations that name it. */
export class Replica {
  readonly replicaId: string;
  readonly endpoint: string;
  readonly pool: Pool;
  inFlight = 0;
  /** Of these, the ones whose client does not read its answer: they take no seat. */
  lentSeats = 0;
  requests = 0;
  /** Whole answers below 500, those to copies for a shadow too. */
  answers = 0;
  /** Answers that clients got inside the objective. */
  inside = 0;
  /** Of answers, where they tell them. */
  tokens = 0;
  /** Answers below 400 of requests that were sent to it warm, and how long it had them. */
  readonly warm = { answers: 0, serviceMs: 0 };
  /** What golden replays took of it through this gateway; in no count of requests. */
  readonly golden = { requests: 0, ms: 0 };
  /** What moves on it, as this gateway sees it. */
  readonly progress = new ReplicaProgress();
  #refusals = 0;
  #avoidedUntilMs = -Infinity;
  #firstSentMs = -1;
  readonly #nowMs: () => number;
  readonly #busy = new BusyMeter();

  /** @param expected what whoever answers has to tell on each new connection; null where nobody is asked. */
  constructor(replicaId: string, endpoint: string, bounds: ReplicaBounds, expected: ExpectedIdentity | null = null) {
    this.replicaId = replicaId;
    this.endpoint = endpoint;
    this.#nowMs = bounds.nowMs;
    // Deadlines are the exchange's own business: undici's timers are off, so that no request arms one.
    const isTls = endpoint.startsWith('https:');
    const connect = isTls ? connectOverTls(bounds) : undefined;
    // To undici it is plain HTTP: for `https:` it ends the connection when the Host of a request is another one than before.
    this.pool = new Pool(isTls ? endpoint.replace('https:', 'http:') : endpoint, {
      // Room for as many whose seat is lent.
      connections: bounds.concurrency * 2,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      // Below the 5 s after which Node, uvicorn and others close an idle connection without a word.
      keepAliveTimeout: 4000,
      connect:
        expected === null
          ? (connect ?? { timeout: bounds.connectTimeoutMs })
          : makeIdentifiedConnector(expected, bounds.connectTimeoutMs, connect),
      allowH2: false,
    });
  }

  nowMs(): number {
    return this.#nowMs();
  }

  /** A request goes to it. */
  take(purpose: Exclude<RequestPurpose, 'golden'> = 'answers'): void {
    this.#busy.begin(purpose, this.#nowMs());
    this.inFlight += 1;
    this.requests += 1;
  }

  /** A request that went to it is over. */
  free(purpose: Exclude<RequestPurpose, 'golden'> = 'answers'): void {
    this.#busy.end(purpose, this.#nowMs());
    this.inFlight -= 1;
  }

  /** A request of a golden replay goes to it; the request takes no place. */
  beginGolden(): void {
    this.golden.requests += 1;
    this.#busy.begin('golden', this.#nowMs());
  }

  endGolden(lastedMs: number): void {
    this.golden.ms += lastedMs;
    this.#busy.end('golden', this.#nowMs());
  }

  /** Milliseconds so far in which at least one request was with it, split over what the requests were for. */
  get busyMs(): Readonly<Record<RequestPurpose, number>> {
    return this.#busy.read(this.#nowMs());
  }

  available(nowMs: number, concurrency: number): boolean {
    return this.inFlight - this.lentSeats < concurrency && nowMs >= this.#avoidedUntilMs;
  }

  /** No connection was to be had: it is left alone for a short, growing, capped while. */
  refused(nowMs: number, random: number): void {
    this.#refusals += 1;
    this.#avoidedUntilMs = nowMs + backoffMs(this.#refusals, retryBaseMs, retryCapMs, random);
  }

  /** When its first request in this gateway was sent; that is now, if none was. */
  firstSentMs(nowMs: number): number {
    if (this.#firstSentMs < 0) this.#firstSentMs = nowMs;
    return this.#firstSentMs;
  }

  /** One of its answers below 400, that was sent to it warm, was whole. */
  answeredWarm(serviceMs: number): void {
    this.warm.answers += 1;
    this.warm.serviceMs += serviceMs;
  }

  answered(): void {
    this.#refusals = 0;
  }

  get refusals(): number {
    return this.#refusals;
  }

  /** Requests on it finish; each of them is bounded by its deadline. */
  retire(): void {
    void this.pool.close();
  }

  destroy(): Promise<void> {
    return this.pool.destroy();
  }
}

/** A replica in the place that the present generation gives it. */
export interface Seat {
  readonly replica: Replica;
  readonly release: number;
  readonly signals: ReleaseSignals;
  /** `plimsoll-...` fields of every answer that comes from here, as a flat list. */
  readonly answerHeaders: readonly string[];
}

function connectOverTls({ connectOverTls: connect, connectTimeoutMs }: ReplicaBounds): buildConnector.connector {
  if (connect !== undefined && connect !== null) return connect(connectTimeoutMs);
  return (_target, callback) => callback(new Error('this gateway has no certificate for replicas'), null);
}
