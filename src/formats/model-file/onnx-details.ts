import type { ModelHardwareFacts } from '../../core/hardware/model/model-facts.ts';
import { leftOutOf } from '../../core/hardware/model/model-memory.ts';
import type { ByteSource } from '../byte-source.ts';
import { onnxCache } from '../onnx/cache-inputs.ts';
import { parseOnnx, type OnnxModel } from '../onnx/parse-onnx.ts';
import { findSibling, problemsOf, type PartFile, type SiblingFile } from './sibling-file.ts';

export interface OnnxDetails {
  readonly format: 'onnx';
  readonly model: OnnxModel;
  /** Files beside the model that hold weights. */
  readonly external: readonly (PartFile & { readonly tensors: number; readonly bytesAtLeast: number })[];
  readonly facts: ModelHardwareFacts;
}

export async function readOnnx(source: ByteSource, siblings: readonly SiblingFile[]): Promise<OnnxDetails> {
  const model = await parseOnnx(source);
  const external = model.external.map((use) => ({ ...use, ...lookFor(use, siblings) }));
  const cache = onnxCache(model);
  const problem = problemsOf(external);
  const opset = model.opsets['ai.onnx'];
  return {
    format: 'onnx',
    model,
    external,
    facts: {
      format: 'onnx',
      weightsBytes: model.weightsBytes,
      kvBytesPerToken: cache.bytesPerToken,
      ...(model.precisions === null ? {} : { precisions: model.precisions }),
      onnxIrVersion: model.irVersion,
      ...(opset === undefined ? {} : { onnxOpset: opset }),
      leftOut: leftOutOf(cache.bytesPerToken),
      engine: null,
      unknown: {
        ...(problem === null ? {} : { externalData: problem }),
        ...(cache.unknown === null ? {} : { kvBytesPerToken: cache.unknown }),
      },
    },
  };
}

function lookFor({ path, bytesAtLeast }: OnnxModel['external'][number], siblings: readonly SiblingFile[]): PartFile {
  if (path.startsWith('/') || path.split(/[/\\]/).includes('..')) {
    return { path, bytes: null, problem: 'lies outside the folder of the model, and is not looked at' };
  }
  const bytes = findSibling(siblings, path)?.source.bytes ?? null;
  if (bytes === null) return { path, bytes, problem: `is missing (${bytesAtLeast} bytes at least)` };
  return { path, bytes, problem: bytes < bytesAtLeast ? `has ${bytes} bytes of ${bytesAtLeast}` : null };
}
