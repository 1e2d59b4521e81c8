import { kvBytesPerToken } from '../../core/hardware/model/model-kv-cache.ts';
import type { OnnxModel } from './parse-onnx.ts';
import type { OnnxValue } from './value-info.ts';

/** How a graph keeps keys and values, as far as its inputs tell. */
export type OnnxCache =
  | { readonly bytesPerToken: number; readonly unknown: null }
  | { readonly bytesPerToken: null; readonly unknown: string };

const elementBits: Readonly<Partial<Record<string, number>>> = { FP32: 32, FP16: 16, BF16: 16, INT8: 8, UINT8: 8 };
const pastName = /^past_key_values\.(\d+)\.(key|value)$/;
/** Names under which exporters hand a state from one run to the next. */
const stateName = /past|cache|present|\bkv\b|mem(?:ory|s)?\b|state|hidden_in/i;

/**
 * Bytes of keys and values per token from the inputs `past_key_values.N.key` and `.value` of [batch, heads, length, size], as
 * Optimum and the ONNX Runtime GenAI builder name them (2026-11). A graph keeps nothing between two runs but what it is
 * handed, so that one without an input of that kind, or with a state of fixed size, has no cache that grows: 0.
 */
export function onnxCache({ inputs }: Pick<OnnxModel, 'inputs'>): OnnxCache {
  const unknown = (why: string): OnnxCache => ({ bytesPerToken: null, unknown: why });
  const past = inputs.filter(({ name }) => pastName.test(name));
  const other = inputs.find((input) => stateName.test(input.name) && !pastName.test(input.name) && mayGrow(input));
  if (other !== undefined)
    return unknown(`the input ${other.name.slice(0, 100)} may hand a state on, in a form that is not known`);
  let bytesPerToken = 0;
  for (const input of past) {
    const bytes = tokenBytes(input);
    if (bytes === null)
      return unknown(`the input ${input.name} has no shape [batch, heads, length, size] with fixed heads and size`);
    bytesPerToken += bytes;
  }
  if (!Number.isSafeInteger(bytesPerToken)) return unknown('the shapes of past_key_values give no number below 2^53');
  return { bytesPerToken, unknown: null };
}

/** A state whose only open size is the batch is as large after the last token as after the first. */
function mayGrow({ shape, dimensionNames }: OnnxValue): boolean {
  if (shape === null) return true;
  return shape.some((size, axis) => size === -1 && !/^(?:batch|n$)/i.test(dimensionNames[axis] ?? ''));
}

/** Of one input: keys or values of one layer. */
function tokenBytes({ datatype, shape }: OnnxValue): number | null {
  const bits = datatype === null ? undefined : elementBits[datatype];
  const [, heads = -1, , size = -1] = shape ?? [];
  if (bits === undefined || shape?.length !== 4 || heads < 1 || size < 1) return null;
  return kvBytesPerToken({ kvHeads: [heads], keyLength: size, valueLength: 0, bitsPerElement: bits });
}
