import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Image } from '../data/images.ts';
import { inferRequest, likeliestDigit } from './answer.ts';

/** What came back for one digit. */
export type Outcome =
  | {
      readonly ok: true;
      readonly right: boolean;
      readonly latencyMs: number;
      /** What labels name the answer by. */
      readonly requestId: string;
      readonly release: string;
      readonly modelVersion: string;
    }
  | { readonly ok: false; readonly error: string };

export interface DigitSender {
  send(image: Image): Promise<Outcome>;
  close(): Promise<void>;
}

/** Sends digits to a gateway as any client would: keep-alive connections, a bound on every wait. */
export function digitSender(gatewayUrl: string, model: string, connections: number): DigitSender {
  const pool = new Pool(gatewayUrl, { connections, pipelining: 1, headersTimeout: 30_000, bodyTimeout: 30_000 });
  return {
    async send(image) {
      const startedMs = performance.now();
      try {
        const { statusCode, headers, body } = await pool.request({
          method: 'POST',
          path: `/v2/models/${model}/infer`,
          headers: { 'content-type': 'application/json' },
          body: inferRequest(image),
        });
        const text = await body.text();
        const latencyMs = performance.now() - startedMs;
        if (statusCode !== 200) return { ok: false, error: `${statusCode} ${text.slice(0, 200)}` };
        return {
          ok: true,
          right: likeliestDigit(text) === image.label,
          latencyMs,
          requestId: String(headers['x-request-id'] ?? ''),
          release: String(headers['plimsoll-release'] ?? ''),
          modelVersion: String(headers['plimsoll-model-version'] ?? ''),
        };
      } catch (thrown) {
        return { ok: false, error: thrown instanceof Error ? thrown.message : String(thrown) };
      }
    },
    close: () => pool.close(),
  };
}

/** Sends `count` digits, `concurrency` at a time, in the order of the rows (again from the first when they run out). */
export async function sendMany(
  sender: DigitSender,
  rows: readonly Image[],
  count: number,
  concurrency: number,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count && !signal.aborted) {
      const index = next;
      next += 1;
      const row = rows[index % rows.length];
      if (row !== undefined) outcomes[index] = await sender.send(row);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return outcomes;
}

/** Most digits that may be on their way at once while the stream is gentle; further ones wait for their turn. */
const mostInFlight = 8;

/** Sends digits at an even rate until aborted. A slow gateway makes it send fewer, never a growing number at once. */
export async function sendGently(
  sender: DigitSender,
  rows: readonly Image[],
  perSecond: number,
  onOutcome: (outcome: Outcome) => void,
  signal: AbortSignal,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  for (let index = 0; !signal.aborted; index += 1) {
    const row = rows[index % rows.length];
    if (row !== undefined && underWay.size < mostInFlight) {
      const sent = sender.send(row).then(onOutcome);
      underWay.add(sent);
      void sent.finally(() => underWay.delete(sent));
    }
    await sleep(1000 / perSecond, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(underWay);
}
