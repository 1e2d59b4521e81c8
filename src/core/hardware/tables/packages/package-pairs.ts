import type { Source } from '../source.ts';
import { ofTensorflow, torchEngines } from './torch-builds.ts';

/**
 * A published wheel that loads beside some versions of another distribution alone. Both ends of a range are included, by as many places
 * as they write; null for no end.
 */
export interface PackagePair {
  readonly distribution: string;
  readonly from: string;
  readonly to: string | null;
  readonly beside: string;
  readonly least: string | null;
  readonly most: string | null;
  /** Programs that import it for every model; left out where it counts always. Without one of them it counts as `only` says. */
  readonly importedBy?: readonly string[];
  /** It counts where no program uses accelerators but these. */
  readonly only?: readonly string[];
  /** Programs that import it where somebody turns it on: beside one of them, and nothing else, the answer is unknown. */
  readonly perhaps?: readonly string[];
  /** Programs that do without it where it does not load. */
  readonly without?: readonly string[];
  /** Builds of the other (`cu126` of `2.6.0+cu126`) that it does not load beside. */
  readonly otherBuilds?: readonly string[];
  /** Versions of the other, both included, that it does not load beside, whatever the range says. */
  readonly fails?: readonly [from: string, to: string];
  /** It counts for models of these types (`model_type`), or that are quantized by these methods (`quant_method`), alone. */
  readonly models?: readonly string[];
  readonly methods?: readonly string[];
  /** A variable that turns the comparison off, with any value but `0` and `false`. */
  readonly unless?: string;
  readonly source: Source;
}

const torchvision: Source = {
  title: 'torchvision, README, "Installation": each minor version is built for one minor version of torch',
  url: 'https://github.com/pytorch/vision#installation',
  date: '2026-11',
};
/** torchvision 0.15 is of torch 2.0, and both count on. */
const visionRows = [...Array(12).keys()].map((minor): PackagePair => ({
  distribution: 'torchvision',
  from: `0.${minor + 15}`,
  to: `0.${minor + 15}`,
  beside: 'torch',
  least: `2.${minor}`,
  most: `2.${minor}`,
  source: torchvision,
}));

/** What Transformers compares when it is imported (`dependency_versions_check.py`): first and last version, and its wheel. */
const transformersNeeds: readonly (readonly [from: string, to: string, beside: string, least: string, most: string])[] =
  [
    ['4.39', '4.39', 'tokenizers', '0.14', '0.18'],
    ['4.40', '4.44', 'tokenizers', '0.19', '0.19'],
    ['4.45', '4.46', 'tokenizers', '0.20', '0.20'],
    ['4.47', '4.55', 'tokenizers', '0.21', '0.21'],
    ['4.56', '4.57', 'tokenizers', '0.22', '0.23.0'],
    ['4.39', '4.42', 'huggingface-hub', '0.19.3', '0'],
    ['4.43', '4.46', 'huggingface-hub', '0.23.2', '0'],
    ['4.47', '4.48', 'huggingface-hub', '0.24', '0'],
    ['4.49', '4.50', 'huggingface-hub', '0.26', '0'],
    ['4.51', '4.54', 'huggingface-hub', '0.30', '0'],
    ['4.55', '4.57', 'huggingface-hub', '0.34', '0'],
    ['5.0', '5.0', 'huggingface-hub', '1.3', '1'],
  ];
const transformersRows = transformersNeeds.map(([from, to, beside, least, most]): PackagePair => ({
  distribution: 'transformers',
  from,
  to,
  beside,
  least,
  most,
  importedBy: ['vllm', 'sglang', 'text-generation-server', 'lmdeploy', 'sentence-transformers'],
  only: torchEngines.concat('torch'),
  source: {
    title:
      'Transformers, dependency_versions_table.py of 4.39.3 to 5.0.0; huggingface_hub issue 2377: "is required for a normal functioning of this module"',
    url: 'https://github.com/huggingface/huggingface_hub/issues/2377',
    date: '2026-01',
  },
}));

/** The newest NumPy that Numba imports beside. */
const numbaRows = (
  [
    ['0.56', '1.23'],
    ['0.57', '1.24'],
    ['0.58.0', '1.25'],
    ['0.58.1', '1.26'],
    ['0.59', '1.26'],
    ['0.60', '2.0'],
    ['0.61.0', '2.1'],
    ['0.61.2', '2.2'],
    ['0.62', '2.3'],
  ] as const
).map(([version, most]): PackagePair => ({
  distribution: 'numba',
  from: version,
  to: version,
  beside: 'numpy',
  least: null,
  most,
  importedBy: ['vllm', 'openai-whisper'],
  source: {
    title:
      'gpustack issue 2769: vLLM 0.10.1 imports Numba, which "needs NumPy 2.2 or less"; ComfyUI-Whisper issues 16 and 47: whisper/timing.py does; Numba, metadata of 0.56.4 to 0.62.1',
    url: 'https://github.com/yuvraj108c/ComfyUI-Whisper/issues/47',
    date: '2026-08-28',
  },
}));

/** Version of xFormers, and the minor versions of torch that its wheels were built for. Later ones call kernels of torch itself. */
const xformersRows = (
  [
    ['0.0.20', '2.0', '2.0'],
    ['0.0.21', '2.0', '2.0'],
    ['0.0.22', '2.0', '2.1'],
    ['0.0.23', '2.1', '2.1'],
    ['0.0.24', '2.2', '2.2'],
    ['0.0.25', '2.2', '2.2'],
    ['0.0.26', '2.3', '2.3'],
    ['0.0.27', '2.3', '2.4'],
  ] as const
).map(([version, least, most]): PackagePair => ({
  distribution: 'xformers',
  from: version,
  to: version,
  beside: 'torch',
  least,
  most,
  importedBy: ['unsloth'],
  only: ['torch'],
  perhaps: ['torch', 'transformers', 'diffusers'],
  without: ['comfyui-frontend-package'],
  source: {
    title:
      'xFormers, metadata of the wheels: the torch of each; issue 874 and Firefly issue 258: "can\'t load C++/CUDA extensions", "No operator found for memory_efficient_attention_forward"',
    url: 'https://github.com/facebookresearch/xformers/issues/874',
    date: '2024-05-18',
  },
}));

/** First and last version of SGLang, and the oldest kernels that it starts with on CUDA; of post releases that of the first. */
const sglangKernels: readonly (readonly [from: string, to: string, beside: string, least: string])[] = [
  ['0.4.7', '0.4.7', 'sgl-kernel', '0.1.7'],
  ['0.4.8', '0.4.8', 'sgl-kernel', '0.1.9'],
  ['0.4.9', '0.4.9', 'sgl-kernel', '0.2.4'],
  ['0.4.10', '0.4.10', 'sgl-kernel', '0.2.8'],
  ['0.5.1', '0.5.1', 'sgl-kernel', '0.3.5'],
  ['0.5.2', '0.5.2', 'sgl-kernel', '0.3.9'],
  ['0.5.3', '0.5.3', 'sgl-kernel', '0.3.14'],
  ['0.5.4', '0.5.5', 'sgl-kernel', '0.3.16'],
  ['0.5.6', '0.5.6', 'sgl-kernel', '0.3.18'],
  ['0.5.7', '0.5.7', 'sgl-kernel', '0.3.20'],
  ['0.5.8', '0.5.9', 'sgl-kernel', '0.3.21'],
  ['0.5.10', '0.5.11', 'sglang-kernel', '0.4.1'],
  ['0.5.12', '0.5.14', 'sglang-kernel', '0.4.2'],
  ['0.5.15', '0.5.19', 'sglang-kernel', '0.4.4'],
  ['0.5.20', '0.5.22', 'sglang-kernel', '0.4.7'],
  ['0.5.23', '0.5.23', 'sglang-kernel', '0.4.9'],
];
const sglangRows = sglangKernels.map(([from, to, beside, least]): PackagePair => ({
  distribution: 'sglang',
  from,
  to,
  beside,
  least,
  most: null,
  unless: 'SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK',
  source: {
    title:
      'SGLang, entrypoints/engine.py of the wheels 0.4.7 to 0.5.23, and pull request 11242; verl pull requests 1832 and 1872: "is less than the minimum required version"',
    url: 'https://github.com/sgl-project/sglang/pull/11242',
    date: '2026-11',
  },
}));

const compiledForNumPy1: Source = {
  title: 'onnxruntime issue 21063: wheels up to 1.18 were compiled for NumPy 1; release 1.19 supports NumPy 2',
  url: 'https://github.com/microsoft/onnxruntime/issues/21063',
  date: '2024-06-17',
};
const tensorflowForNumPy1: Source = {
  title:
    'TensorFlow issue 102743 and nv-tlabs/vipe issue 42: wheels up to 2.17 were compiled for NumPy 1; release 2.18 supports NumPy 2',
  url: 'https://github.com/tensorflow/tensorflow/issues/102743',
  date: '2025-10-22',
};
const pyannoteForNumPy1: Source = {
  title:
    'pyannote-audio issue 1758 and pull request 1725, whisperX issue 826: np.NaN is not there in NumPy 2; release 3.3.2 does without',
  url: 'https://github.com/pyannote/pyannote-audio/issues/1758',
  date: '2024-09-11',
};
const torchForNumPy1: Source = {
  title:
    'PyTorch issue 107302: 2.3 is the first that knows NumPy 2; Lip_Wise issue 20 and insanely-fast-whisper issue 233: "Numpy is not available", "_ARRAY_API not found"',
  url: 'https://github.com/pytorch/pytorch/issues/107302',
  date: '2024-07-07',
};
const numpyRow = (distribution: string, to: string, source: Source): PackagePair => ({
  distribution,
  from: '0',
  to,
  beside: 'numpy',
  least: null,
  most: '1',
  source,
});
const tensorflowRow = (distribution: string): PackagePair => ({
  ...numpyRow(distribution, '2.17', tensorflowForNumPy1),
  importedBy: [],
  only: ofTensorflow,
});
/** The newest major of Transformers, or its newest minor version, that vLLM starts beside. */
const newestTransformers = (from: string, to: string, most: string, source: Source): PackagePair => ({
  distribution: 'vllm',
  from,
  to,
  beside: 'transformers',
  least: null,
  most,
  source,
});

export const packagePairs: readonly PackagePair[] = [
  ...visionRows,
  {
    distribution: 'vllm',
    from: '0.3',
    to: '0.3',
    beside: 'torch',
    // Later versions are built by many for other versions of torch, under the same version.
    least: '2.1',
    most: '2.1',
    source: {
      title: 'vLLM issues 3147 and 3528: vLLM 0.3 has undefined symbols beside torch 2.2, and loads beside 2.1',
      url: 'https://github.com/vllm-project/vllm/issues/3147',
      date: '2024-04-17',
    },
  },
  newestTransformers('0.9', '0.9', '4.53', {
    title:
      "vLLM issue 22178, gpustack issue 2665 and worker-vllm issue 203: 'aimv2' is already used by a Transformers config",
    url: 'https://github.com/vllm-project/vllm/issues/22178',
    date: '2025-08-04',
  }),
  newestTransformers('0.3', '0.11', '4', {
    title:
      'vLLM pull request 29686, worker-vllm pull request 258 and Qwen3-VL issue 2058: all_special_tokens_extended is not there in Transformers 5',
    url: 'https://github.com/vllm-project/vllm/pull/29686',
    date: '2026-03-09',
    // That every version before the pull request asks for it is concluded from its text.
    inferred: true,
  }),
  ...transformersRows,
  ...numbaRows,
  ...sglangRows,
  ...xformersRows,
  {
    distribution: 'vllm',
    from: '0.8',
    to: '0.8',
    beside: 'torch',
    least: null,
    most: null,
    otherBuilds: ['cu126'],
    source: {
      title:
        'vLLM issue 13608: wheels for torch 2.6.0+cu124 have undefined symbols beside 2.6.0+cu126, which is of the newer C++ ABI; PyTorch, release notes of 2.6',
      url: 'https://github.com/vllm-project/vllm/issues/13608',
      date: '2025-04-03',
    },
  },
  numpyRow('pyannote-audio', '3.3.1', pyannoteForNumPy1),
  {
    ...numpyRow('torch', '2.2', torchForNumPy1),
    importedBy: ['openai-whisper', 'whisperx', 'pyannote-audio', 'diffusers'],
  },
  numpyRow('onnxruntime-gpu', '1.18', compiledForNumPy1),
  numpyRow('onnxruntime', '1.18', compiledForNumPy1),
  tensorflowRow('tensorflow'),
  tensorflowRow('tensorflow-gpu'),
];

/** torchvision that was built without CUDA, or for another major, beside a torch for CUDA. */
export const otherBuild: Source = {
  title:
    'ComfyUI issue 10517: torchvision for the CPU beside torch for CUDA; torchvision, extension.py: CUDA majors must be equal',
  url: 'https://github.com/Comfy-Org/ComfyUI/issues/10517',
  date: '2025-10-28',
};
