import { request } from 'undici';
import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { Clock } from '../../ports/process/clock.ts';
import { parseModelMetadata } from '../../protocols/open-inference/metadata.ts';
import { modelPath } from '../../protocols/open-inference/paths.ts';
import type { TrySignature } from '../../schemas/http/http-control-plane.ts';

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
    const url = this.#begin(gatewayUrl, routing, inferPathOf);
    const startedMs = this.#clock.monotonicMs();
    const { status, headers, bytes } = await forward(url, { method: 'POST', headers: jsonType, body }, signal);
    return {
      status,
      release: numberHeader(headers['plimsoll-release']),
      replica: textHeader(headers['plimsoll-replica']),
      modelVersion: numberHeader(headers['plimsoll-model-version']),
      body: parseBody(bytes),
      latencyMs: this.#clock.monotonicMs() - startedMs,
    };
  }

  /**
   * Asks the server that answers what it takes: the file of a model may not tell. Null where nobody tells: no gateway, nothing
   * released, a server of another kind, or too many who ask.
   */
  async signature(
    gatewayUrl: string | undefined,
    routing: RoutingTable | null,
    signal: AbortSignal,
  ): Promise<TrySignature['signature']> {
    if (routing?.protocol === 'openai') return null;
    try {
      const url = this.#begin(gatewayUrl, routing, ({ model }) => modelPath(model, null, ''));
      const { status, bytes } = await forward(url, { method: 'GET' }, signal);
      if (status !== 200) return null;
      const { inputs, outputs } = parseModelMetadata(bytes);
      return inputs.length === 0 ? null : { inputs: [...inputs], outputs: [...outputs] };
    } catch (thrown) {
      if (thrown instanceof PlimsollError) return null;
      throw thrown;
    }
  }

  /** Takes a token, and returns the address to ask. @throws PlimsollError where nobody answers there, or after too many. */
  #begin(gatewayUrl: string | undefined, routing: RoutingTable | null, pathIn: (routing: RoutingTable) => string): URL {
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
    return new URL(`${gatewayUrl.replace(/\/$/, '')}${pathIn(routing)}`);
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
}

const jsonType = { 'content-type': 'application/json' };

async function forward(
  url: URL,
  asked: Pick<NonNullable<Parameters<typeof request>[1]>, 'method' | 'headers' | 'body'>,
  signal: AbortSignal,
) {
  try {
    const answer = await request(url, { ...asked, headersTimeout: timeoutMs, bodyTimeout: timeoutMs, signal });
    return { status: answer.statusCode, headers: answer.headers, bytes: await readBounded(answer.body) };
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

function inferPathOf({ protocol, model }: RoutingTable): string {
  return protocol === 'openai' ? '/v1/chat/completions' : modelPath(model, null, '/infer');
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
