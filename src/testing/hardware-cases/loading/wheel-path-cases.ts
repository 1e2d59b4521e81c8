import type { CaseRow, HardwareRow, ImageRow } from '../case-row.ts';

const provider = 'ONNX Runtime, wheels 1.16.3, 1.18.1 and 1.22.0 (2026-11-30)';
const tensorRt = 'ONNX Runtime issue 18597 (2023-11-28)';
const llama = 'llama-cpp-python issue 1460 (2024-05-15)';
const loader = 'ld.so(8) (2026-11)';
const never = 'what is not known is never a pass';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const notFound: Answer = ['incompatible', 'library-path'];

const sp = 'usr/lib/python3/dist-packages';
const cuda = `${sp}/onnxruntime/capi/libonnxruntime_providers_cuda.so`;
const tensorrt = `${sp}/onnxruntime/capi/libonnxruntime_providers_tensorrt.so`;
const cudnn = `${sp}/nvidia/cudnn/lib/libcudnn.so.8`;
const every = 'sm_70 sm_80 sm_90';

const row = (
  name: string,
  image: ImageRow,
  [compatibility, rule]: Answer,
  source: string,
  hardware: HardwareRow = {},
): CaseRow => ({ name, device: 'A100-40 550.54.14 12.4', image, hardware, compatibility, rule, source });

/** The provider of CUDA of ONNX Runtime, whose cuDNN a wheel brings. */
const providerRow = (name: string, rest: ImageRow, answer: Answer, source = provider): CaseRow =>
  row(
    `ONNX Runtime: ${name}`,
    {
      cuda: '11.8',
      libraries: { [cuda]: every },
      needs: { [cuda]: 'libcudart.so.11.0 libcublas.so.11 libcudnn.so.8' },
      looksIn: { [cuda]: 'rpath $ORIGIN/../../onnxruntime_gpu.libs' },
      components: { cudnn: '8.9.7' },
      copies: { [cudnn]: '8.9.7', 'usr/local/cuda/lib64/libcublas.so.11': '11.11' },
      python: { 'onnxruntime-gpu': '1.18.1' },
      env: { LD_LIBRARY_PATH: '/usr/local/cuda/lib64' },
      ...rest,
    },
    answer,
    source,
  );
const named = { LD_LIBRARY_PATH: `/usr/local/cuda/lib64:/${sp}/nvidia/cudnn/lib` };
const of = (version: string, more = {}): ImageRow => ({ python: { 'onnxruntime-gpu': version, ...more } });

const newer = (version: string): ImageRow => ({
  ...of(version),
  cuda: '12.4',
  needs: { [cuda]: 'libcudart.so.12 libcudnn.so.9' },
  components: { cudnn: '9.1.0' },
  copies: { [`${sp}/nvidia/cudnn/lib/libcudnn.so.9`]: '9.1.0' },
});

const providers: readonly CaseRow[] = [
  providerRow('cuDNN of a wheel that nothing names', {}, notFound),
  {
    ...providerRow('cuDNN of a wheel that nothing names, in words', {}, notFound),
    says: `is linked to libcudnn.so.8, which lies in the folder of a wheel that neither LD_LIBRARY_PATH nor ld.so.conf.d names`,
  },
  providerRow('the same by the full name of its file', { copies: { [`${cudnn}.9.7`]: '8.9.7' } }, notFound),
  providerRow('nobody read where the provider looks', { looksIn: {} }, notFound),
  providerRow('1.16', of('1.16.3'), notFound),
  providerRow('1.20, the last that opens no wheels', newer('1.20.1'), notFound),
  providerRow('1.21, which can open those of wheels', newer('1.21.0'), native),
  providerRow('cuDNN of a wheel by LD_LIBRARY_PATH', { env: named }, native),
  providerRow('cuDNN of a wheel by ld.so.conf.d', { searchPaths: [`/${sp}/nvidia/cudnn/lib`] }, native),
  providerRow('cuDNN of a wheel beside torch', of('1.18.1', { torch: '2.3.1' }), native),
  providerRow(
    'cuDNN of a wheel and of the system',
    { copies: { [cudnn]: '8.9.7', 'opt/cudnn/libcudnn.so.8': '8.9.7' } },
    native,
  ),
  providerRow('cuDNN that nobody listed', { copies: {} }, native),
  providerRow('nobody read ld.so.conf.d', { searchPaths: null }, ['unknown', 'library-path'], never),
  providerRow(
    'its own folders hold it',
    { looksIn: { [cuda]: 'runpath $ORIGIN/../../nvidia/cudnn/lib' } },
    native,
    loader,
  ),
];

/** Its provider of TensorRT, whose library a wheel brings. */
const tensorRtRow = (name: string, rest: ImageRow, answer: Answer, hardware: HardwareRow): CaseRow =>
  row(
    `ONNX Runtime with TensorRT: ${name}`,
    {
      cuda: '12.4',
      libraries: { [tensorrt]: every },
      needs: { [tensorrt]: 'libnvinfer.so.10' },
      components: { cudnn: '9.1.0' },
      copies: { [`${sp}/tensorrt_libs/libnvinfer.so.10`]: '10.0.1' },
      python: { 'onnxruntime-gpu': '1.22.0', 'tensorrt-libs': '10.0.1', torch: '2.5.1' },
      ...rest,
    },
    answer,
    tensorRt,
    hardware,
  );
const asked: HardwareRow = { libraries: ['libonnxruntime_providers_tensorrt'] };

const tensorRts: readonly CaseRow[] = [
  tensorRtRow('of a wheel that nothing names', {}, notFound, asked),
  tensorRtRow('of a wheel, and nobody asks for the provider', {}, native, {}),
  tensorRtRow('of a wheel by LD_LIBRARY_PATH', { env: { LD_LIBRARY_PATH: `/${sp}/tensorrt_libs` } }, native, asked),
  tensorRtRow(
    'its parser in the wheel alone',
    {
      needs: { [tensorrt]: 'libnvonnxparser.so.10' },
      copies: { [`${sp}/tensorrt_libs/libnvonnxparser.so.10`]: '10.0.1' },
    },
    notFound,
    asked,
  ),
];

const llamaRow = (name: string, library: string, rest: ImageRow, answer: Answer): CaseRow =>
  row(
    `llama-cpp-python: ${name}`,
    {
      cuda: '12.4',
      libraries: { [library]: every },
      needs: { [library]: 'libcudart.so.12 libcublas.so.12' },
      looksIn: { [library]: 'runpath $ORIGIN' },
      copies: {
        [`${sp}/nvidia/cuda_runtime/lib/libcudart.so.12`]: '12.4.127',
        [`${sp}/nvidia/cublas/lib/libcublas.so.12`]: '12.4.5',
      },
      python: { 'llama-cpp-python': '0.3.9' },
      instructions: {},
      ...rest,
    },
    answer,
    llama,
  );

const llamas: readonly CaseRow[] = [
  llamaRow('CUDA of wheels that nothing names', `${sp}/llama_cpp/lib/libggml-cuda.so`, {}, notFound),
  llamaRow('the same in one library', `${sp}/llama_cpp/libllama.so`, {}, notFound),
  llamaRow(
    'CUDA of wheels beside torch',
    `${sp}/llama_cpp/lib/libggml-cuda.so`,
    { python: { 'llama-cpp-python': '0.3.9', torch: '2.5.1' } },
    native,
  ),
  llamaRow(
    'CUDA of wheels by LD_LIBRARY_PATH',
    `${sp}/llama_cpp/lib/libggml-cuda.so`,
    { env: { LD_LIBRARY_PATH: `/${sp}/nvidia/cuda_runtime/lib:/${sp}/nvidia/cublas/lib` } },
    native,
  ),
  llamaRow(
    'one of two folders alone',
    `${sp}/llama_cpp/lib/libggml-cuda.so`,
    { env: { LD_LIBRARY_PATH: `/${sp}/nvidia/cuda_runtime/lib` } },
    notFound,
  ),
];

/** Libraries that only wheels bring, and that nothing names to the loader. */
export const wheelPathCases: readonly CaseRow[] = [...providers, ...tensorRts, ...llamas];
