import type { ModelHardwareFacts } from '../../core/hardware/model/model-facts.ts';
import { leftOutOf } from '../../core/hardware/model/model-memory.ts';
import type { ByteSource } from '../byte-source.ts';
import { parseTensorRtEngine } from '../tensorrt-engine/parse-engine.ts';
import { detectFormat, headBytes } from './detect-format.ts';
import { engineDetails, type EngineDetails } from './engine-details.ts';
import { readGguf, type GgufDetails } from './gguf-details.ts';
import { readOnnx, type OnnxDetails } from './onnx-details.ts';
import { readSafetensors, type SafetensorsDetails } from './safetensors-details.ts';
import { besideModel, type SiblingFile } from './sibling-file.ts';

export type { SiblingFile } from './sibling-file.ts';

/** What a model's file tells, by its format; `facts` is the part that bears on hardware. */
export type ModelFileDetails = OnnxDetails | SafetensorsDetails | GgufDetails | EngineDetails | UnknownDetails;

export interface UnknownDetails {
  readonly format: 'unknown';
  readonly facts: ModelHardwareFacts;
}

/**
 * The facts of a model's file that bear on hardware, for the lock. `fileName` is the name of the file (or its path in the
 * model version); its bytes decide the format, not its ending. `siblings` are the other files of the version, by paths from the
 * same root. A file of the
 * index of a sharded model, or any of its shards, stands for the whole model.
 * @throws PlimsollError (input) `onnx-…`, `safetensors-…`, `gguf-…` when the file is damaged; and whatever a source throws.
 */
export async function modelHardwareFacts(
  source: ByteSource,
  fileName: string,
  siblings: readonly SiblingFile[],
): Promise<ModelHardwareFacts> {
  return (await readModelFile(source, fileName, siblings)).facts;
}

/** The same with everything else that the file tells, for people. */
export async function readModelFile(
  source: ByteSource,
  fileName: string,
  siblings: readonly SiblingFile[],
): Promise<ModelFileDetails> {
  const beside = besideModel(siblings, fileName);
  const plan = await parseTensorRtEngine(source);
  const detected = detectFormat(await source.read(0, headBytes), fileName, plan !== null);
  switch (detected.format) {
    case 'onnx':
      return readOnnx(source, beside);
    case 'safetensors':
    case 'safetensors-index':
      return readSafetensors(source, fileName, beside);
    case 'gguf':
      return readGguf(source, fileName, beside);
    case 'tensorrt':
      return plan === null ? unknownDetails('it is no TensorRT plan') : engineDetails(plan);
    case 'unknown':
      return unknownDetails(detected.why);
  }
}

function unknownDetails(why: string): UnknownDetails {
  return {
    format: 'unknown',
    facts: {
      format: 'unknown',
      weightsBytes: null,
      kvBytesPerToken: null,
      leftOut: leftOutOf(null),
      engine: null,
      unknown: { format: why, weightsBytes: 'the format is not read', kvBytesPerToken: 'the format is not read' },
    },
  };
}
