import { answerLimitsOf, highestOf, type AnswerLimits } from './answer-limits.ts';
import type { Contract, ObjectiveSection, QuantileBudget } from '../contract.ts';

/** Each part of the objective that is measured of token streams. */
export const streamParts = ['ttft', 'interToken', 'goodput'] as const;
export type StreamPart = (typeof streamParts)[number];

/** What one streamed answer has to keep to count for the goodput. */
export interface StreamLimits extends AnswerLimits {
  /** Mean time between two tokens, milliseconds. */
  readonly interTokenMs?: number;
}

/**
 * Returns what capacity has to keep, by name of the quantile; null where nothing is promised.
 *
 * | name | limit |
 * |---|---|
 * | `p99` | milliseconds of the whole answer |
 * | `ttft.p95` | milliseconds to the first token, of token streams |
 * | `interToken.p95` | milliseconds between tokens (mean of an answer), of token streams |
 * | `goodput[latency<=2000,ttft<=300].p95` | 1: 95% of the requests are inside all these limits at once |
 *
 * The name of the goodput has its limits, because it cannot be told for others from what was measured. A service of another protocol
 * than OpenAI's has no token streams: what it promises of them is left out.
 */
export function capacityObjective({ code, objective }: Pick<Contract, 'code' | 'objective'>): QuantileBudget | null {
  const { latency = {}, ttft = {}, interToken = {}, goodputShare } = objective ?? {};
  if (code.protocol !== 'openai') return filledOrNull(latency);
  const limits = streamLimitsOf(objective);
  return filledOrNull({
    ...latency,
    ...prefixed('ttft', ttft),
    ...prefixed('interToken', interToken),
    ...(goodputShare === undefined || limits === null ? {} : { [goodputName(limits, goodputShare)]: 1 }),
  });
}

/** As the limits of answers: of several quantiles the highest counts. */
function streamLimitsOf(objective: ObjectiveSection | undefined): StreamLimits | null {
  const [limits, interTokenMs] = [answerLimitsOf(objective), highestOf(objective?.interToken)];
  return limits === null && interTokenMs === null
    ? null
    : { ...limits, ...(interTokenMs === null ? {} : { interTokenMs }) };
}

const prefixed = (part: StreamPart, budget: QuantileBudget): QuantileBudget =>
  Object.fromEntries(Object.entries(budget).map(([name, limitMs]) => [`${part}.${name}`, limitMs]));

const filledOrNull = (budget: QuantileBudget): QuantileBudget | null =>
  Object.keys(budget).length === 0 ? null : budget;

const limitKeys = [
  ['latency', 'latencyMs'],
  ['ttft', 'ttftMs'],
  ['interToken', 'interTokenMs'],
] as const;

function goodputName(limits: StreamLimits, share: number): string {
  const parts = limitKeys.flatMap(([word, key]) => (limits[key] === undefined ? [] : [`${word}<=${limits[key]}`]));
  return `goodput[${parts.join(',')}].p${Number((100 * share).toPrecision(6))}`;
}

/** Returns the part of the objective that a quantile is of, and its plain name: `ttft.p95` is `p95` of `ttft`. */
export function readQuantileName(
  name: string,
): { readonly part: 'latency' | StreamPart; readonly quantile: string; readonly limits: StreamLimits } | null {
  const match = /^(?:(ttft|interToken|goodput)(?:\[([^\]]*)\])?\.)?(p\d+(?:\.\d+)?)$/.exec(name);
  if (match === null) return null;
  const [, part, written = '', quantile = ''] = match;
  const found = streamParts.find((each) => each === part) ?? 'latency';
  if ((found === 'goodput') !== (match[2] !== undefined)) return null;
  const limits = Object.fromEntries(
    limitKeys.flatMap(([word, key]) => {
      const limit = written.split(',').find((each) => each.startsWith(`${word}<=`));
      return limit === undefined ? [] : [[key, Number(limit.slice(word.length + 2))]];
    }),
  );
  return { part: found, quantile, limits };
}

/** Returns a quantile in words: `p95`, `p95 of the first token`. */
export function quantileWords(name: string): string {
  const read = readQuantileName(name);
  switch (read?.part) {
    case undefined:
    case 'latency':
      return name;
    case 'ttft':
      return `${read.quantile} of the first token`;
    case 'interToken':
      return `${read.quantile} between tokens`;
    case 'goodput':
      return `goodput ${read.quantile}`;
  }
}
