import type { Source } from '../source.ts';

/** A Python distribution whose libraries look for those of CUDA in no folder of other wheels. */
export interface BlindWheel {
  readonly distribution: string;
  readonly from: string;
  /** Null for the newest. */
  readonly to: string | null;
  /** Regular expression over the path of the library that asks. */
  readonly library: string;
  /** Regular expression over the name of what it asks for. */
  readonly asks: string;
  /** Distributions whose import opens what it asks for before. */
  readonly openers: readonly string[];
  /** It counts only where the contract names the library (`hardware.libraries`): other parts serve without it. */
  readonly named?: true;
  readonly source: Source;
}

const provider = String.raw`/onnxruntime/capi/libonnxruntime_providers_`;

export const blindWheels: readonly BlindWheel[] = [
  {
    distribution: 'onnxruntime-gpu',
    from: '1.0',
    // From 1.21 on a program may call preload_dlls(), which opens the libraries of the wheels.
    to: '1.20',
    library: String.raw`${provider}cuda\.so`,
    asks: '^lib(?:cu|nv)',
    openers: ['torch'],
    source: {
      title:
        'ONNX Runtime, wheels 1.16.3, 1.18.1 and 1.22.0: DT_RPATH names onnxruntime_gpu.libs, or DT_RUNPATH a toolkit; CUDA execution provider, "Preload DLLs"',
      url: 'https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html#preload-dlls',
      date: '2026-11-30',
    },
  },
  {
    distribution: 'onnxruntime-gpu',
    from: '1.0',
    to: null,
    library: String.raw`${provider}tensorrt\.so`,
    asks: '^libnv(?:infer|onnxparser)',
    openers: [],
    named: true,
    source: {
      title:
        'ONNX Runtime issue 18597: libnvinfer.so.8 of the wheel of TensorRT is not found; preload_dlls() opens CUDA and cuDNN alone',
      url: 'https://github.com/microsoft/onnxruntime/issues/18597',
      date: '2023-11-28',
    },
  },
  {
    distribution: 'llama-cpp-python',
    from: '0.1',
    to: null,
    library: String.raw`/llama_cpp/(?:lib/)?lib(?:llama|ggml-cuda|ggml)\.so`,
    asks: '^lib(?:cudart|cublas)',
    openers: ['torch'],
    source: {
      title: 'llama-cpp-python issues 1460 and 1764: libcublas.so.12 and libcudart.so.12 of wheels are not found',
      url: 'https://github.com/abetlen/llama-cpp-python/issues/1460',
      date: '2024-05-15',
    },
  },
];
