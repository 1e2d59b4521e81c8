import type { MeasuredPhase } from '../../core/rollout/replica.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';

/** Row-major little-endian bytes of one tensor; BYTES tensors carry their elements apart. */
export type EngineTensor =
  | {
      readonly name: string;
      readonly datatype: Exclude<string, 'BYTES'>;
      readonly shape: readonly number[];
      readonly bytes: Uint8Array;
    }
  | {
      readonly name: string;
      readonly datatype: 'BYTES';
      readonly shape: readonly number[];
      readonly elements: readonly Uint8Array[];
    };

/**
 * The file of a model, or all of its bytes. A file is read by the runtime itself, which holds it once instead of twice (or maps it,
 * where its weights lie beside it); bytes are for what is in no file.
 */
export type ModelContent = { readonly modelFile: string } | { readonly modelBytes: Uint8Array };

/** Runs models off the caller's event loop. */
export interface InferenceEngine {
  /** Name and version of the runtime: `{ onnxruntime: '1.30.0' }`. */
  readonly runtime: Readonly<Record<string, string>>;
  /**
   * `modelBytes` is taken over: its buffer may be detached. A signal that aborts rejects at once; the load itself, which
   * nothing can interrupt, then ends by itself.
   * @throws PlimsollError `model-unloadable` (input) with the runtime's own words.
   */
  load(request: ModelContent & { threads: number; warmUp: boolean; signal: AbortSignal }): Promise<LoadedModel>;
}

export interface LoadedModel {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** `weights-load`, `engine-init` and `warm-up`, as far as they can be told apart. */
  readonly phases: readonly MeasuredPhase[];
  readonly memoryBytes: number | null;
  /** `outputs` names which to compute; all when empty. @throws PlimsollError `inference-failed` (input or bug). */
  run(
    inputs: readonly EngineTensor[],
    outputs: readonly string[],
  ): Promise<{ outputs: readonly EngineTensor[]; computeMs: number }>;
  /** Waits for runs under way, then frees it. */
  unload(): Promise<void>;
  /** Resolves once it can run nothing any more: unloaded, or its thread died. */
  readonly ended: Promise<void>;
}
