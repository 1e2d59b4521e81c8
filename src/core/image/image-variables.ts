/** Beyond what the longest `NVIDIA_REQUIRE_CUDA` of a published image takes (about 1,500). */
const valueCharactersAtMost = 4096;

/** Variables that start so, or have one of these names, bear on what the image runs on. */
const startsOfHardware = /^(CUDA|CUDNN|NVIDIA|NV|NCCL|TENSORRT|TRT|TORCH_CUDA|PYTORCH)_|^(CUDA|CUDNN|NCCL)VERSION$/;
const namesOfHardware: ReadonlySet<string> = new Set([
  'LD_LIBRARY_PATH',
  'PYTORCH_VERSION',
  'TRT',
  'TRITON_PTXAS_PATH',
  'TRITON_SERVER_VERSION',
  'ALLOW_RELEASED_ONNX_OPSET_ONLY',
  'VLLM_USE_V1',
  'VLLM_ATTENTION_BACKEND',
  'USE_FLASH_ATTENTION',
  'FLASHINFER_DISABLE_VERSION_CHECK',
  'SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK',
  'CT2_CUDA_ALLOCATOR',
  'GLIBC_TUNABLES',
  'VLLM_ALLOW_LONG_MAX_MODEL_LEN',
  'SGLANG_ALLOW_OVERWRITE_LONGER_CONTEXT_LEN',
  'MC_STORE_USE_HUGEPAGE',
  'HUGETLB_MORECORE',
  'MODULAR_NVPTX_COMPILER_PATH',
  'TF_FORCE_GPU_ALLOW_GROWTH',
  'XLA_PYTHON_CLIENT_PREALLOCATE',
  'XLA_PYTHON_CLIENT_ALLOCATOR',
  'XLA_CLIENT_MEM_FRACTION',
  'XLA_PYTHON_CLIENT_MEM_FRACTION',
  'BNB_CUDA_VERSION',
  'CT2_CUDA_ALLOW_BF16',
  'CT2_CUDA_ALLOW_FP16',
  'WHISPER__COMPUTE_TYPE',
  'COMPUTE_TYPE',
  'ASR_QUANTIZATION',
  'WHISPER__INFERENCE_DEVICE',
  'ASR_DEVICE',
  'TRANSCRIBE_DEVICE',
  'JAX_PLATFORMS',
  'JAX_PLATFORM_NAME',
  'LLAMA_ARG_DEVICE',
  'OLLAMA_LLM_LIBRARY',
]);
const bearsOnHardware = (name: string): boolean => startsOfHardware.test(name) || namesOfHardware.has(name);

/** `NVIDIA_API_KEY` is no fact of hardware, and must not reach a lock. */
const secret = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL/;
const labelOfHardware = /^com\.nvidia\.|cuda|nvidia|tensorrt/i;

export interface ChosenTexts {
  readonly kept: Readonly<Record<string, string>>;
  /** By name: why it was left out. */
  readonly unknown: Readonly<Record<string, string>>;
}

/** The variables that bear on hardware, of `NAME=VALUE` lines; the last of a name counts. */
export function hardwareVariables(lines: readonly string[]): ChosenTexts {
  const pairs = lines.map((line) => {
    const equals = line.indexOf('=');
    return [equals < 0 ? line : line.slice(0, equals), equals < 0 ? '' : line.slice(equals + 1)] as const;
  });
  return choose('env', pairs, (name) => bearsOnHardware(name) && !secret.test(name));
}

export function hardwareLabels(labels: Readonly<Record<string, string>>): ChosenTexts {
  return choose(
    'labels',
    Object.entries(labels),
    (name) => labelOfHardware.test(name) && !secret.test(name.toUpperCase()),
  );
}

function choose(
  field: string,
  pairs: readonly (readonly [string, string])[],
  matters: (name: string) => boolean,
): ChosenTexts {
  const kept = new Map<string, string>();
  const unknown: Record<string, string> = {};
  for (const [name, value] of pairs) {
    if (!matters(name)) continue;
    kept.delete(name);
    if (value.length <= valueCharactersAtMost && name.length <= 200) kept.set(name, value);
    else {
      unknown[`${field}.${name.slice(0, 200)}`] =
        `its value has ${value.length} characters; at most ${valueCharactersAtMost} are kept`;
    }
  }
  return { kept: Object.fromEntries([...kept].sort(([a], [b]) => (a < b ? -1 : 1))), unknown };
}
