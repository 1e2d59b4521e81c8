import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { replayHeader, replayText } from '../../schemas/gateway/golden-replay.ts';
import { admit, type AdmissionRules } from '../admission/admission.ts';
import { addHeadersToClient, addHeadersToReplica } from '../admission/message-headers.ts';
import { writeRefusal } from '../admission/refusal-answer.ts';
import type { RefusalCode } from '../admission/refusal.ts';
import type { ClientConnections } from '../front/client-connections.ts';
import type { Replica } from '../routes/replica.ts';

/** Golden replays of one service are made one after the other: more than a few at once are not from there. */
const openAtMost = 4;
const rememberedAtMost = 1_000;

interface PinnedHost {
  readonly draining: boolean;
  readonly routes: { readonly replicas: Iterable<Replica> };
  nowMs(): number;
}

/**
 * Requests of the control plane to one replica of its choice, on the way that those of clients take. They wait in no queue
 * and are in no count but their own: a golden replay is no traffic.
 */
export class PinnedRequests {
  #key: string | null = null;
  #open = 0;
  /** Request ids that were taken: who saw one on the way cannot use it again. */
  readonly #used = new Set<string>();

  setKey(key: string): void {
    this.#key = key;
  }

  /** False for a request whose credential is not the control plane's. */
  receive(
    req: IncomingMessage,
    res: ServerResponse,
    rules: AdmissionRules,
    host: PinnedHost,
    connections: Pick<ClientConnections, 'refuse'>,
  ): boolean {
    const requestId = String(req.headers['x-request-id'] ?? '');
    const replicaId = this.#pinnedTo(String(req.headers[replayHeader]), requestId);
    if (replicaId === null) return false;
    const admitted = admit(req, { ...rules, clientKeys: null });
    const replica = [...host.routes.replicas].find((each) => each.replicaId === replicaId);
    const refuse = (code: RefusalCode): void => connections.refuse(req, res, code, requestId, host.nowMs());
    if (typeof admitted === 'string') refuse(admitted);
    else if (admitted.bodyBytes < 0) refuse('framing-invalid');
    else if (host.draining) refuse('draining');
    else if (replica === undefined) refuse('no-replica');
    else if (this.#open >= openAtMost) refuse('service-busy');
    else void this.#pass(req, res, { ...admitted, requestId, replica }, host);
    return true;
  }

  #pinnedTo(field: string, requestId: string): string | null {
    const [sent = '', ...rest] = field.split('.');
    const replicaId = rest.join('.');
    if (this.#key === null || !/^[\w-]{8,100}$/.test(requestId) || this.#used.has(requestId)) return null;
    const expected = createHmac('sha256', this.#key).update(replayText(requestId, replicaId)).digest();
    const given = Buffer.from(sent, 'hex');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
    this.#used.add(requestId);
    for (const oldest of this.#used) {
      if (this.#used.size <= rememberedAtMost) break;
      this.#used.delete(oldest);
    }
    return replicaId;
  }

  async #pass(
    req: IncomingMessage,
    res: ServerResponse,
    asked: { path: string; deadlineMs: number; bodyBytes: number; requestId: string; replica: Replica },
    host: PinnedHost,
  ): Promise<void> {
    const { path, deadlineMs, bodyBytes, requestId, replica } = asked;
    const headers = ['x-request-id', requestId, 'plimsoll-deadline-ms', String(deadlineMs)];
    if (bodyBytes > 0) headers.push('content-length', String(bodyBytes));
    addHeadersToReplica(headers, req.rawHeaders, req.headers.connection, null);
    const gone = new AbortController();
    res.once('close', () => gone.abort());
    const startedMs = host.nowMs();
    this.#open += 1;
    replica.beginGolden();
    try {
      await replica.pool.stream(
        {
          ...{ path, headers, method: req.method === 'POST' ? 'POST' : 'GET' },
          body: bodyBytes > 0 ? req : null,
          signal: AbortSignal.any([gone.signal, AbortSignal.timeout(deadlineMs)]),
        },
        ({ statusCode, headers: answered }) => {
          const passed = ['x-request-id', requestId, replayHeader, replica.replicaId];
          addHeadersToClient(passed, answered, statusCode);
          return res.writeHead(statusCode, passed);
        },
      );
    } catch {
      if (res.headersSent) res.destroy();
      else writeRefusal(res, 'replica-broken', requestId);
    } finally {
      this.#open -= 1;
      replica.endGolden(host.nowMs() - startedMs);
    }
  }
}
