import type { IncomingMessage } from 'node:http';
import type { RoutingShadow } from '../../core/rollout/routing/routing.ts';
import { defaultShadowAgreement } from '../../core/rollout/routing/routing.ts';
import type { Protocol } from '../../core/contract/contract.ts';
import { ComparisonQueue, type ComparisonBounds } from './comparison-queue.ts';
import { askedOf } from '../admission/inference-path.ts';
import { addHeadersToReplica, type ReplicaHeaders } from '../admission/message-headers.ts';
import type { Seat } from '../routes/replica.ts';
import type { Share } from '../front/shared-bound.ts';
import type { ComparisonTurns } from './comparison-turns.ts';
import type { HeldAnswer } from './shadow-answer.ts';
import { ShadowRequest } from './shadow-request.ts';
import type { UnitPart } from '../canary/units.ts';

export interface ShadowBounds extends ComparisonBounds {
  /** Mirrored requests under way at a time. */
  readonly concurrency: number;
  /** Requests and answers that are held, of all services together. */
  readonly heldBytes: number;
  /** A longer live answer is not compared. */
  readonly answerBytes: number;
}

export const shadowDefaults: ShadowBounds = {
  concurrency: 8,
  heldBytes: 8 * 1024 * 1024,
  answerBytes: 128 * 1024,
  queuedAtMost: 64,
  perSecond: 50,
  loopShare: 0.05,
};

/** Where the counts of one shadow go. */
export interface ShadowCounts {
  compared(release: number, agreed: boolean): void;
  skipped(release: number, reason: string): void;
}

/** What the shadow needs of the gateway around it. */
export interface ShadowHost {
  readonly withheldHeader: string | null;
  nowMs(): number;
  chooseShadow(): Seat | null;
  beginShadowUnit(mirrored: Pick<Mirrored, 'req' | 'client'>, seat: Seat): UnitPart | null;
}

/** The request that is mirrored, as far as its copy needs it. */
export interface Mirrored {
  readonly req: IncomingMessage;
  readonly client: { readonly name: string };
  readonly method: string;
  readonly path: string;
  readonly requestId: string;
  readonly traceparent: string;
  readonly arrivedMs: number;
  readonly deadlineMs: number;
}

/** What an exchange tells of itself while it may be mirrored. After `whole` or `forget` nothing more is told. */
export interface MirrorCandidate {
  answered(status: number, headers: ReplicaHeaders): void;
  keep(chunk: Uint8Array): void;
  /** The client has its answer, whole. */
  whole(mirrored: Mirrored): void;
  /** There will be no whole answer to compare with. */
  forget(): void;
}

/**
 * Copies of a share of the requests to a release that answers nobody. A copy leaves only after its client has the whole
 * answer, so that it cannot delay or fail it; when the shadow is busy, or memory is short, there is no copy.
 */
export class Shadow {
  readonly table: RoutingShadow;
  readonly #protocol: Protocol;
  readonly #host: ShadowHost;
  readonly #bounds: ShadowBounds;
  readonly #counts: ShadowCounts;
  readonly #comparisons: ComparisonQueue;
  readonly #underWay = new Set<ShadowRequest>();
  /** As in a split by weight: every request earns its share, and a copy costs one. */
  #credit = 0;
  readonly #memory: Share;
  #stopped = false;

  constructor(
    table: RoutingShadow,
    protocol: Protocol,
    host: ShadowHost,
    counts: ShadowCounts,
    bounds: ShadowBounds,
    shared: { readonly memory: Share; readonly turns: ComparisonTurns },
  ) {
    this.table = table;
    this.#protocol = protocol;
    this.#host = host;
    this.#counts = counts;
    this.#bounds = bounds;
    this.#memory = shared.memory;
    this.#comparisons = new ComparisonQueue(bounds, shared.turns, () => performance.now());
  }

  get inFlight(): number {
    return this.#underWay.size;
  }

  /** Null for a request that is no inference, or not of the share. @param body null when it was not held whole. */
  begin(method: string, path: string, body: Uint8Array | null, bodyBytes: number): MirrorCandidate | null {
    const asked = askedOf(this.#protocol, method, path);
    if (asked === 'other') return null;
    this.#credit += this.table.share;
    if (this.#credit < 1 - 1e-9) return null;
    this.#credit -= 1;
    if (asked === 'numbered-version') return this.#skip('numbered-version');
    if (body === null) return this.#skip(bodyBytes === 0 ? 'no-body' : 'body-not-held');
    return this.#reserve(body.byteLength) ? new Candidate(this, body) : this.#skip('busy');
  }

  /** Ends mirrored requests whose time is over. */
  sweep(nowMs: number): void {
    for (const request of this.#underWay) if (nowMs >= request.dueAtMs) request.expire();
  }

  /** Nothing that is under way counts any more. */
  stop(): void {
    this.#stopped = true;
    this.#memory.close();
    this.#comparisons.stop();
    for (const request of this.#underWay) request.abandon();
  }

  keepsAnswer(heldBytes: number, chunk: Uint8Array): boolean {
    return heldBytes + chunk.byteLength <= this.#bounds.answerBytes && this.#reserve(chunk.byteLength);
  }

  free(bytes: number): void {
    this.#memory.free(bytes);
  }

  skipped(reason: string): void {
    this.#skip(reason);
  }

  /** Sends the copy in a later turn: the loop first ends the live answer. The bytes are freed at the end of it. */
  send(mirrored: Mirrored, requestBody: Uint8Array, live: HeldAnswer, heldBytes: number): void {
    setImmediate(() => {
      if (this.#stopped) return;
      const seat = this.#underWay.size < this.#bounds.concurrency ? this.#host.chooseShadow() : null;
      if (seat === null) {
        this.free(heldBytes);
        this.#skip('busy');
        return;
      }
      this.#dispatch(seat, mirrored, requestBody, live, heldBytes);
    });
  }

  #dispatch(seat: Seat, mirrored: Mirrored, requestBody: Uint8Array, live: HeldAnswer, heldBytes: number): void {
    const nowMs = this.#host.nowMs();
    const request = new ShadowRequest({
      seat,
      unit: this.#host.beginShadowUnit(mirrored, seat),
      // As much longer than the live answer as text forms of numbers may be; what is longer still is another answer.
      answerBytesAtMost: 4 * live.body.byteLength + 64 * 1024,
      dueAtMs: nowMs + mirrored.deadlineMs,
      nowMs: () => this.#host.nowMs(),
      ended: (outcome) => {
        this.#underWay.delete(request);
        if (this.#stopped) return;
        if ('skipped' in outcome) {
          this.free(heldBytes);
          this.#skip(outcome.skipped);
        } else if (outcome.tooLong) {
          this.free(heldBytes);
          this.#counts.compared(this.table.release, false);
        } else this.#compare(mirrored.path, requestBody, live, outcome.answer, heldBytes);
      },
    });
    this.#underWay.add(request);
    const headers = shadowHeaders(mirrored, this.#host.withheldHeader, Math.max(1, Math.floor(mirrored.deadlineMs)));
    request.send({ path: mirrored.path, method: mirrored.method, headers, body: requestBody });
  }

  #compare(path: string, requestBody: Uint8Array, live: HeldAnswer, shadow: HeldAnswer, heldBytes: number): void {
    const agreement = this.table.agreement ?? defaultShadowAgreement;
    const pair = { protocol: this.#protocol, path, requestBody, live, shadow, agreement };
    const accepted = this.#comparisons.offer(pair, (outcome) => {
      this.free(heldBytes);
      if (typeof outcome === 'boolean') this.#counts.compared(this.table.release, outcome);
      else this.#skip(outcome.skipped);
    });
    if (accepted) return;
    this.free(heldBytes);
    this.#skip('comparisons-busy');
  }

  #reserve(bytes: number): boolean {
    return this.#memory.take(bytes);
  }

  #skip(reason: string): null {
    if (!this.#stopped) this.#counts.skipped(this.table.release, reason);
    return null;
  }
}

/** Keeps one live answer until it is whole, within the shadow's bounds. */
class Candidate implements MirrorCandidate {
  readonly #shadow: Shadow;
  readonly #body: Uint8Array;
  readonly #chunks: Uint8Array[] = [];
  #answerBytes = 0;
  #status = 0;
  #headerLength: string | undefined;
  #over = false;

  constructor(shadow: Shadow, body: Uint8Array) {
    this.#shadow = shadow;
    this.#body = body;
  }

  answered(status: number, headers: ReplicaHeaders): void {
    this.#status = status;
    const length = headers['inference-header-content-length'];
    this.#headerLength = typeof length === 'string' ? length : undefined;
    if (status < 200 || status > 299) this.#end('live-answer-not-2xx');
    else if (String(headers['content-type'] ?? '').startsWith('text/event-stream')) this.#end('stream');
    else if ((headers['content-encoding'] ?? 'identity') !== 'identity') this.#end('answer-encoded');
  }

  keep(chunk: Uint8Array): void {
    if (this.#over) return;
    if (!this.#shadow.keepsAnswer(this.#answerBytes, chunk)) {
      this.#end('answer-not-held');
      return;
    }
    this.#answerBytes += chunk.byteLength;
    // A copy: the chunk is a piece of a larger buffer of the connection, which it would keep.
    this.#chunks.push(Buffer.from(chunk));
  }

  whole(mirrored: Mirrored): void {
    if (this.#over) return;
    this.#over = true;
    const body = this.#chunks.length === 1 ? (this.#chunks[0] as Uint8Array) : Buffer.concat(this.#chunks);
    const live = { status: this.#status, headerLength: this.#headerLength, body };
    this.#shadow.send(mirrored, this.#body, live, this.#body.byteLength + this.#answerBytes);
  }

  forget(): void {
    this.#end('no-live-answer');
  }

  #end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#chunks.length = 0;
    this.#shadow.free(this.#body.byteLength + this.#answerBytes);
    this.#shadow.skipped(reason);
  }
}

function shadowHeaders(mirrored: Mirrored, withheld: string | null, leftMs: number): string[] {
  const { req, requestId, traceparent } = mirrored;
  const headers = ['plimsoll-shadow', '1', 'x-request-id', requestId, 'traceparent', traceparent];
  headers.push('plimsoll-deadline-ms', String(leftMs));
  addHeadersToReplica(headers, req.rawHeaders, req.headers.connection, withheld);
  // An answer in a coding could not be compared.
  const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'accept-encoding');
  if (at >= 0) headers.splice(at, 2);
  return headers;
}
