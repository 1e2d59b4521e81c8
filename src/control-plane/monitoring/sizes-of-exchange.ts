import type { RequestSizes } from '../../core/evidence/kinds/capacity/request-mix.ts';
import type { DecodedExchange, NamedValue } from '../../core/monitoring/features/exchange.ts';
import type { CapturedSample } from '../../core/monitoring/samples/sample.ts';

/**
 * Returns the sizes of a captured request that was answered.
 *
 * | size | of |
 * |---|---|
 * | tokens-in, tokens-out | `usage` of the answer; a stream has it only with `stream_options: { include_usage: true }` |
 * | rows | the first size of the first input that has sizes |
 * | bytes | the body of the request, which is read as a whole |
 */
export function sizesOfExchange({ request }: CapturedSample, { inputs, outputs }: DecodedExchange): RequestSizes {
  const [input, output] = [numberNamed(outputs, 'prompt-tokens'), numberNamed(outputs, 'answer-tokens')];
  const rows = rowsOf(inputs);
  return {
    ...(input === null ? {} : { 'tokens-in': input }),
    ...(output === null ? {} : { 'tokens-out': output }),
    ...(rows === null ? {} : { rows }),
    bytes: request.body.length,
  };
}

function numberNamed(values: readonly NamedValue[], name: string): number | null {
  const found = values.find((each) => each.name === name);
  const value = found?.kind === 'numbers' ? Number(found.data[0]) : NaN;
  return Number.isFinite(value) && value >= 0 ? value : null;
}

/** Tensors have a size for each axis; a plain number of the OpenAI protocol has none. */
function rowsOf(inputs: readonly NamedValue[]): number | null {
  const found = inputs.flatMap((each) => (each.kind === 'numbers' && each.shape.length > 0 ? [each.shape[0]] : []));
  return found[0] ?? null;
}
