import type { ModelHardwareFacts, Precision } from '../../model/model-facts.ts';
import { statedTypes } from '../../tables/arguments/argument-floors.ts';
import { valueOf, type Arguments } from './arguments.ts';

/**
 * The model as the arguments of the contract have it served.
 *
 * | argument | precisions |
 * |---|---|
 * | `--dtype half`, `float16`, `float`, `float32` | that in the place of bfloat16 |
 * | `--quantization fp8` | FP8 beside those of the file: the engine quantizes while it loads |
 * | neither, or the precisions of the file are not known | as they are |
 */
export function servedModel(model: ModelHardwareFacts | null, args: Arguments): ModelHardwareFacts | null {
  if (model?.precisions === undefined) return model;
  const stated = statedTypes[valueOf(args, ['--dtype']) ?? ''];
  const quantized = valueOf(args, ['--quantization', '-q']) === 'fp8';
  const precisions = model.precisions.map((one): Precision => (one === 'bf16' ? (stated ?? one) : one));
  return { ...model, precisions: [...new Set<Precision>([...precisions, ...(quantized ? ['fp8' as const] : [])])] };
}
