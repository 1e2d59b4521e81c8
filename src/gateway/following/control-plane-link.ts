import { setTimeout as delay } from 'node:timers/promises';
import { Pool, type buildConnector } from 'undici';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import { countsRecordedHeader, type GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import { routingTableSchema } from '../../schemas/gateway/routing.ts';
import { backoffMs } from '../routes/backoff.ts';
import { EventStreamParser } from './event-stream.ts';
import type { GatewayLog } from '../log.ts';

const reconnectBaseMs = 100;
const reconnectCapMs = 5000;
/** The control plane sends a comment every 10 s: silence for longer than this is a dead connection. */
const silenceMs = 30_000;
const reportTimeoutMs = 5000;

export interface LinkOptions {
  readonly url: string;
  readonly gatewayId: string;
  /** The token to ask with, as it is now; null to ask without one. */
  readonly token: () => Promise<string | null>;
  /** Opens connections over which the token may be sent. */
  readonly connect: buildConnector.connector;
  readonly random: () => number;
  readonly log: GatewayLog;
}

/** The gateway's side of the control plane: it follows the routing table, and reports. */
export class ControlPlaneLink {
  readonly #options: LinkOptions;
  readonly #pool: Pool;
  readonly #base: string;
  #connected = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    const url = new URL(options.url);
    this.#base = `${url.pathname.replace(/\/$/, '')}/v1/gateways/${encodeURIComponent(options.gatewayId)}`;
    this.#pool = new Pool(url.origin, { connections: 4, connect: options.connect, allowH2: false });
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Calls `offer` with every table that arrives; reconnects until aborted. Never rejects. */
  async follow(offer: (table: RoutingTable) => void, signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#stream((table) => {
          failures = 0;
          offer(table);
        }, signal);
      } catch (thrown) {
        if (failures === 0 && !signal.aborted) this.#options.log('control-plane.away', { reason: textOf(thrown) });
      }
      this.#connected = false;
      failures += 1;
      const waitMs = backoffMs(failures, reconnectBaseMs, reconnectCapMs, this.#options.random());
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /**
   * Up to which sequence the counts of this process are recorded; null when the control plane did not take the report: the
   * next one carries the same.
   */
  async report(report: GatewayReport, signal: AbortSignal): Promise<number | null> {
    try {
      const answer = await this.#pool.request({
        path: `${this.#base}/report`,
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(await this.#authorization()) },
        body: JSON.stringify(report),
        signal: AbortSignal.any([signal, AbortSignal.timeout(reportTimeoutMs)]),
        headersTimeout: reportTimeoutMs,
        bodyTimeout: reportTimeoutMs,
      });
      await answer.body.dump();
      if (answer.statusCode >= 300) return null;
      const recorded = answer.headers[countsRecordedHeader];
      if (recorded === undefined) return report.counts?.at(-1)?.sequence ?? 0;
      return /^\d{1,15}$/.test(String(recorded)) ? Number(recorded) : 0;
    } catch {
      return null;
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #stream(offer: (table: RoutingTable) => void, signal: AbortSignal): Promise<void> {
    const { statusCode, body } = await this.#pool.request({
      path: `${this.#base}/routing`,
      method: 'GET',
      headers: { accept: 'text/event-stream', ...(await this.#authorization()) },
      headersTimeout: 10_000,
      bodyTimeout: silenceMs,
      signal,
    });
    if (statusCode !== 200) {
      await body.dump();
      throw new Error(`the control plane answered ${statusCode}`);
    }
    this.#connected = true;
    this.#options.log('control-plane.connected', {});
    const parser = new EventStreamParser();
    body.setEncoding('utf8');
    for await (const text of body) {
      for (const { event, data } of parser.push(text as string)) if (event === 'routing') this.#offer(data, offer);
    }
    throw new Error('the control plane closed the stream');
  }

  #offer(data: string, offer: (table: RoutingTable) => void): void {
    const parsed = parseTable(data);
    if (typeof parsed === 'string') this.#options.log('routing.refused', { reason: parsed });
    else offer(parsed);
  }

  async #authorization(): Promise<Readonly<Record<string, string>>> {
    const token = await this.#options.token();
    return token === null ? {} : { authorization: `Bearer ${token}` };
  }
}

/** The reason in words when it is not a routing table. */
function parseTable(data: string): RoutingTable | string {
  try {
    const parsed = routingTableSchema.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : parsed.error.issues.map((issue) => issue.message).join('; ');
  } catch (thrown) {
    return textOf(thrown);
  }
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
