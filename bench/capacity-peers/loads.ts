import { systemClock } from '../../src/adapters/system/clock.ts';
import { makeOpenAiClient } from '../../src/adapters/replica-http/openai-client.ts';
import { replicaAgent } from '../../src/adapters/replica-http/bounded-request.ts';
import { interTokenMs, type StreamedAnswer } from '../../src/core/capacity/streams/streamed-answer.ts';
import { quantileOf } from '../../src/core/statistics/limits/quantile-limits.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { drawArrivals } from '../../src/core/capacity/sustained/draw-arrivals.ts';
import { closedLoop, type Ask } from '../../src/prove/capacity/closed-loop.ts';
import { openLoop } from '../../src/prove/capacity/open-loop.ts';

interface EveryLoad {
  readonly name: string;
  readonly seconds: number;
  readonly tokensOut: number;
}
export type Load = EveryLoad &
  (
    | { readonly kind: 'closed'; readonly concurrency: number }
    /** A Poisson stream; the loop in the manner of wrk2 sends at a constant rate. */
    | { readonly kind: 'open'; readonly perSecond: number }
  );

/** Milliseconds. */
export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}
export interface ToolResult {
  readonly requests: number;
  readonly ttft: Quantiles;
  readonly interToken: Quantiles;
  readonly latency: Quantiles;
}

/** What `plimsoll capacity` measures with, as it is. */
export async function runOwn(load: Load, endpoint: string, prompts: readonly string[]): Promise<ToolResult> {
  const agent = replicaAgent(256);
  const client = makeOpenAiClient(agent);
  const { signal } = new AbortController();
  const ask: Ask = (at) => {
    const messages = [{ role: 'user', content: prompts[at % prompts.length] ?? '' }];
    return client.streamChat(endpoint, { model: 'tokens', messages, tokensAtMost: load.tokensOut }, signal);
  };
  const context = { clock: systemClock, signal };
  const ms = 1_000 * load.seconds;
  const times =
    load.kind === 'closed'
      ? await closedLoop(context, ask, { concurrency: load.concurrency, warmUpMs: 0.1 * ms, measureMs: 0.9 * ms })
      : await openLoop(context, ask, {
          dueMs: drawArrivals(load.perSecond, ms, seededRandom(1)),
          durationMs: ms,
          countedFromMs: 0.05 * ms,
          lateAllowed: [],
          refusedAtMost: Infinity,
        });
  await agent.close();
  return resultOf(times.streamed ?? [], times.timesMs);
}

/**
 * A constant rate, with times from the moment at which each request was due, as wrk2 corrects for coordinated omission. It has its own
 * client and its own reader of events, so that it shares no fault with Plimsoll's.
 */
export async function runConstantRate(
  load: Extract<Load, { kind: 'open' }>,
  endpoint: string,
  prompts: readonly string[],
): Promise<ToolResult> {
  const startMs = performance.now();
  const count = Math.round(load.perSecond * load.seconds);
  const all = Array.from({ length: count }, async (_, at) => {
    const dueMs = startMs + (1_000 * at) / load.perSecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    const answer = await fetch(`${endpoint}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ model: 'tokens', stream: true, max_tokens: load.tokensOut },
        messages: [{ role: 'user', content: prompts[at % prompts.length] }],
      }),
    });
    const atMs: number[] = [];
    for await (const part of answer.body ?? []) {
      const tokens = new TextDecoder().decode(part as Uint8Array).match(/"content":" ship"/g)?.length ?? 0;
      for (let token = 0; token < tokens; token += 1) atMs.push(performance.now() - dueMs);
    }
    const [first = NaN, last = NaN] = [atMs[0], atMs.at(-1)];
    return {
      ...{ ttftMs: first, lastTokenMs: last, longestGapMs: 0, tokensIn: null, cachedTokens: null },
      tokensOut: atMs.length,
    };
  });
  const answers = (await Promise.all(all)).slice(Math.ceil(count / 10));
  return resultOf(
    answers,
    answers.map(({ lastTokenMs }) => lastTokenMs),
  );
}

function resultOf(answers: readonly StreamedAnswer[], timesMs: readonly number[]): ToolResult {
  const quantiles = (values: readonly number[]): Quantiles => {
    const sorted = Float64Array.from(values).sort();
    return { p50: quantileOf(sorted, 0.5) ?? NaN, p99: quantileOf(sorted, 0.99) ?? NaN };
  };
  return {
    requests: answers.length,
    ttft: quantiles(answers.map(({ ttftMs }) => ttftMs)),
    interToken: quantiles(answers.map((answer) => interTokenMs(answer))),
    latency: quantiles(timesMs),
  };
}
