import type { PythonDistribution } from './image-facts.ts';
import type { LayerDistribution } from './image-layer.ts';

/** Distributions that bring device code, a runtime of a model, or a bound on CUDA. Prefixes end in a dash. */
const ofHardware: readonly string[] = [
  ...['torch', 'torchvision', 'torchaudio', 'triton', 'xformers', 'flash-attn', 'flashinfer-python', 'bitsandbytes'],
  ...['onnxruntime', 'onnxruntime-gpu', 'onnxruntime-training', 'onnx', 'optimum', 'transformers', 'deepspeed'],
  ...['tensorrt', 'tensorrt-llm', 'torch-tensorrt', 'polygraphy', 'vllm', 'sglang', 'lmdeploy', 'llama-cpp-python'],
  ...[
    'tensorflow',
    'tensorflow-gpu',
    'jax',
    'jaxlib',
    'cupy',
    'numba',
    'apex',
    'transformer-engine',
    'mxnet',
    'paddlepaddle-gpu',
  ],
  ...['auto-gptq', 'autoawq', 'exllamav2', 'ctranslate2', 'faster-whisper', 'pynvml', 'cuda-python', 'tritonclient'],
  ...['pytorch', 'pytorch-cuda', 'cudatoolkit', 'cuda-cudart', 'cuda-nvrtc', 'cudnn', 'nccl', 'libcublas'],
  ...['nvidia-', 'tensorrt-', 'cupy-cuda', 'jax-cuda', 'vllm-', 'flashinfer-', 'cudf-', 'cuml-', 'rmm-'],
];
const names = new Set(ofHardware);
const prefixes = ofHardware.filter((each) => each.endsWith('-') || each.endsWith('-cuda'));

/** Whether people who look at hardware want to see it; all are kept. */
export const bearsOnHardware = ({ name }: Pick<PythonDistribution, 'name'>): boolean =>
  names.has(name) || prefixes.some((prefix) => name.startsWith(prefix));

/** Lower case, runs of `-_.` as one dash: https://packaging.python.org/en/latest/specifications/name-normalization/ */
export const normalName = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-');

/** Each name and version once, sorted by name. */
export function pythonOf(found: Iterable<LayerDistribution>): readonly PythonDistribution[] {
  const byKey = new Map([...found].map(({ name, version }) => [`${name} ${version}`, { name, version }]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, distribution]) => distribution);
}

/**
 * The distribution that a file describes, by its path; null for any other file. `torch-2.8.0+cu126.dist-info/METADATA`,
 * `foo-1.0-py3.11.egg-info` and `conda-meta/pytorch-2.5.1-py3.11_cuda12.4_0.json` all carry both. Copies that other
 * packages vendor are theirs, and not of the image.
 */
export function distributionOfPath(path: string): LayerDistribution | null {
  if (path.includes('/_vendor/')) return null;
  const match =
    /(?:^|\/)([^/]+?)-([^/-]+)\.dist-info\/METADATA$/.exec(path) ??
    /(?:^|\/)([^/]+?)-(\d[^/-]*)(?:-py[\d.]+[^/]*)?\.egg-info(?:\/PKG-INFO)?$/.exec(path) ??
    /(?:^|\/)conda-meta\/([^/]+)-([^/-]+)-[^/-]+\.json$/.exec(path);
  if (match === null) return null;
  return { path, name: normalName(match[1] ?? ''), version: match[2] ?? '' };
}
