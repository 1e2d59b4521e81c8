import type { ModelHardwareFacts } from '../../core/hardware/model-facts.ts';
import type { ByteSource } from '../byte-source.ts';

/** A file that lies beside a model: shards, external data, `config.json`. Nothing is read of it before it is needed. */
export interface SiblingFile {
  /** Relative to the folder of the model's file, `/` separated. */
  readonly path: string;
  readonly source: ByteSource;
}

/**
 * The facts of a model's file that bear on hardware, for the lock. `fileName` is the name of the file (or its path in the
 * model version); its bytes decide the format, not its ending. `siblings` are the other files of the version.
 * @throws PlimsollError (input) `onnx-…`, `safetensors-…`, `gguf-…` when the file is damaged; and whatever a source throws.
 */
export function modelHardwareFacts(
  source: ByteSource,
  fileName: string,
  siblings: readonly SiblingFile[],
): Promise<ModelHardwareFacts> {
  void [source, fileName, siblings];
  return Promise.resolve({
    format: 'unknown',
    weightsBytes: null,
    kvBytesPerToken: null,
    leftOut: {},
    engine: null,
    unknown: { format: 'not read yet' },
  });
}
