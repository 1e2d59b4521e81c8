import { request } from 'undici';
import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { Clock } from '../../ports/process/clock.ts';

export interface TryAnswer {
  readonly status: number;
  readonly release: number | null;
  readonly replica: string | null;
  readonly modelVersion: number | null;
  readonly latencyMs: number;
  readonly body: unknown;
}

const answerBytesAtMost = 4 * 1024 * 1024;
const timeoutMs = 30_000;
const perSecond = 10;
const burst = 20;

/** The page's own way to the service: one request at a time through the gateway, as any client's, and not many of them. */
export class TryIt {
  readonly #clock: Clock;
  #tokens = burst;
  #filledMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#filledMs = clock.monotonicMs();
  }

  async send(
    gatewayUrl: string | undefined,
    routing: RoutingTable | null,
    body: Uint8Array,
    signal: AbortSignal,
  ): Promise<TryAnswer> {
    this.#take();
    if (gatewayUrl === undefined || routing === null) {
      throw new PlimsollError({
        code: gatewayUrl === undefined ? 'no-gateway' : 'nothing-released',
        category: 'unavailable',
        message: gatewayUrl === undefined ? 'no gateway reports to this control plane' : 'nothing is released yet',
        next:
          gatewayUrl === undefined
            ? nextStep(controlPlaneSteps, 'no-gateway+nothing-released/up')
            : nextStep(controlPlaneSteps, 'no-gateway+nothing-released/release'),
      });
    }
    const startedMs = this.#clock.monotonicMs();
    const answer = await this.#forward(new URL(`${gatewayUrl.replace(/\/$/, '')}${pathOf(routing)}`), body, signal);
    return { ...answer, latencyMs: this.#clock.monotonicMs() - startedMs };
  }

  /** A token bucket: `perSecond` on average, `burst` at once. */
  #take(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#filledMs) / 1000) * perSecond);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) {
      throw new PlimsollError({
        code: 'rate-limited',
        category: 'overloaded',
        message: `this endpoint is for trying the service by hand: ${perSecond} requests a second`,
        next: 'send load to the gateway itself',
      });
    }
    this.#tokens -= 1;
  }

  async #forward(url: URL, body: Uint8Array, signal: AbortSignal): Promise<Omit<TryAnswer, 'latencyMs'>> {
    try {
      const answer = await request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        signal,
      });
      return {
        status: answer.statusCode,
        release: numberHeader(answer.headers['plimsoll-release']),
        replica: textHeader(answer.headers['plimsoll-replica']),
        modelVersion: numberHeader(answer.headers['plimsoll-model-version']),
        body: parseBody(await readBounded(answer.body)),
      };
    } catch (cause) {
      if (cause instanceof PlimsollError) throw cause;
      throw new PlimsollError({
        code: 'gateway-unreachable',
        category: 'unavailable',
        message: `the gateway at ${url.origin} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
        next: nextStep(controlPlaneSteps, 'gateway-unreachable'),
        cause,
      });
    }
  }
}

function pathOf(routing: RoutingTable): string {
  return routing.protocol === 'openai'
    ? '/v1/chat/completions'
    : `/v2/models/${encodeURIComponent(routing.model)}/infer`;
}

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > answerBytesAtMost) {
      throw new PlimsollError({
        code: 'answer-too-large',
        category: 'overloaded',
        message: `the answer is larger than ${answerBytesAtMost} bytes`,
        next: 'ask the gateway itself',
      });
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function parseBody(bytes: Buffer): unknown {
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function textHeader(value: string | string[] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function numberHeader(value: string | string[] | undefined): number | null {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null;
}
