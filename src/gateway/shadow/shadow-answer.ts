import type { Protocol } from '../../core/contract/contract.ts';
import type { GoldenTensor } from '../../core/monitoring/golden.ts';
import type { ShadowAgreement } from '../../core/rollout/routing/routing.ts';
import { agreementSteps } from '../../core/rollout/judge/shadow-agreement.ts';
import { parseJson } from '../../protocols/open-inference/exact-json.ts';
import { parseHeaderLength } from '../../protocols/open-inference/infer-request.ts';
import { readTensors } from './answer-tensors.ts';

/** One whole answer, live or mirrored. */
export interface HeldAnswer {
  readonly status: number;
  /** `Inference-Header-Content-Length`, where it has one. */
  readonly headerLength: string | undefined;
  readonly body: Uint8Array;
}

export interface AnswerPair {
  readonly protocol: Protocol;
  readonly path: string;
  readonly requestBody: Uint8Array;
  readonly live: HeldAnswer;
  readonly shadow: HeldAnswer;
  readonly agreement: ShadowAgreement;
}

/** Agreed or not; or why they cannot be compared. */
export type PairOutcome = boolean | { readonly skipped: string };

/** The steps of one comparison; the caller lets the event loop turn between them. The last one returned is the outcome. */
export function* comparePair(pair: AnswerPair): Generator<null, PairOutcome> {
  // Only answers of 2xx are mirrored: an answer of another status is another answer.
  if (pair.shadow.status !== pair.live.status) return false;
  return yield* pair.protocol === 'openai' ? compareTexts(pair) : compareTensors(pair);
}

function* compareTensors({ live, shadow, agreement }: AnswerPair): Generator<null, PairOutcome> {
  const expected = yield* tensorsOf(live);
  if (expected === null) return { skipped: 'live-answer-unreadable' };
  yield null;
  const actual = yield* tensorsOf(shadow);
  if (actual === null) return false;
  yield null;
  return yield* agreementSteps(expected, actual, agreement);
}

function* tensorsOf({ body, headerLength }: HeldAnswer): Generator<null, readonly GoldenTensor[] | null> {
  try {
    return yield* readTensors(body, parseHeaderLength(headerLength));
  } catch {
    return null;
  }
}

function* compareTexts({ path, requestBody, live, shadow }: AnswerPair): Generator<null, PairOutcome> {
  if (path.startsWith('/v1/embeddings')) return { skipped: 'no-text' };
  if (objectOf(jsonOf(requestBody))?.['temperature'] !== 0) return { skipped: 'temperature-not-0' };
  yield null;
  const expected = textsOf(jsonOf(live.body));
  if (expected === null) return { skipped: 'live-answer-unreadable' };
  yield null;
  return expected === textsOf(jsonOf(shadow.body));
}

type Json = Readonly<Record<string, unknown>>;

/** What every choice says, as one text: its content, and the functions that it calls; ids and times are of one answer only. */
function textsOf(answer: unknown): string | null {
  const choices = objectOf(answer)?.['choices'];
  if (!Array.isArray(choices) || choices.length === 0) return null;
  return JSON.stringify(
    choices.map((choice: unknown) => {
      const { text, message } = objectOf(choice) ?? {};
      const { content, tool_calls: calls } = objectOf(message) ?? {};
      return [text, content, Array.isArray(calls) ? calls.map((call: unknown) => objectOf(call)?.['function']) : null];
    }),
  );
}

/** Null for what is no JSON, or nested so deep that reading it would hold up the event loop. */
function jsonOf(body: Uint8Array): unknown {
  try {
    return parseJson(body, 'a message').value;
  } catch {
    return null;
  }
}

function objectOf(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}
