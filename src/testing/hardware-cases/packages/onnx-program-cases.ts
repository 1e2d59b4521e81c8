import type { ModelHardwareFacts } from '../../../core/hardware/model/model-facts.ts';
import type { CaseRow, ImageRow } from '../case-row.ts';

const openvino = 'openvino issues 97 (2019-03-06), 452 (2020-11-06) and 24927 (2024-06-10)';
const runtime = 'ONNX Runtime, "Install"; issue 4809 (2020-08-14)';
const both = 'ONNX Runtime, "Install"; issues 26996 (2026-01-13) and 23736 (2025-02-18)';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const refused: Answer = ['incompatible', 'onnx-program'];
const open: Answer = ['unknown', 'same-files'];

const torch = { 'opt/torch/lib/libtorch_cuda.so': 'sm_80 sm_86' };
const provider = {
  'opt/onnxruntime/capi/libonnxruntime_providers_cuda.so': 'sm_80 sm_86',
};
const row = (
  name: string,
  python: Readonly<Record<string, string>>,
  [compatibility, rule]: Answer,
  source: string,
  image: ImageRow = {},
  model: Partial<ModelHardwareFacts> = {},
): CaseRow => ({
  name: `ONNX: ${name}`,
  device: 'A10 550.90.07 12.4',
  image: { libraries: torch, ...image, python: { torch: '2.1.2', ...python } },
  model: { format: 'onnx', precisions: ['fp32'], ...model },
  compatibility,
  rule,
  source,
});
const cpu = { onnxruntime: '1.19.0' };
const gpu = { 'onnxruntime-gpu': '1.19.0' };
const cudnn: ImageRow = { components: { cudnn: '9.1.0' }, libraries: { ...torch, ...provider } };

export const onnxProgramCases: readonly CaseRow[] = [
  row('OpenVINO beside torch', { openvino: '2024.1.0' }, refused, openvino),
  row('ONNX Runtime for the CPU beside torch', cpu, refused, runtime),
  row('both, neither of which uses the device', { ...cpu, openvino: '2024.1.0' }, refused, openvino),
  row('ONNX Runtime for CUDA beside OpenVINO', { ...gpu, openvino: '2024.1.0' }, native, openvino, cudnn),
  row('a plugin of OpenVINO for the device', { openvino: '2024.1.0', 'openvino-nvidia': '2024.1.0' }, native, openvino),
  row('ONNX Runtime for the CPU beside cuDNN of the system', cpu, refused, runtime, {
    libraries: { 'usr/lib/x86_64-linux-gnu/libcudnn_ops.so.9': 'sm_80 sm_86', ...torch },
  }),
  row('OpenCV with CUDA', cpu, native, runtime, {
    libraries: { ...torch, 'usr/local/lib/libopencv_dnn.so.410': 'sm_80 sm_86' },
  }),
  row('device code of a program that is not known', cpu, native, runtime, {
    libraries: { ...torch, 'app/libserver.so': 'sm_80 sm_86' },
  }),
  row('a program that turns it into one of torch', { ...cpu, onnx2torch: '1.5.15' }, native, runtime),
  {
    ...row('Triton Inference Server', cpu, native, runtime, { env: { TRITON_SERVER_VERSION: '2.44.0' } }),
    deviceFacts: { state: { shmBytes: 2 ** 30 } },
  },
  row('TensorRT', cpu, native, runtime, { components: { tensorrt: '8.6.1' } }),
  row('an image whose libraries were not all read', cpu, ['unknown', 'kernels'], runtime, {
    unknown: { libraries: 'a layer was not read' },
  }),
  row('an image whose components were not all read', cpu, ['unknown', 'image-accelerator'], runtime, {
    unknown: { components: 'a layer was not read' },
  }),
  row('no program that opens it', { onnx: '1.16.1' }, native, runtime),
  row('a model of another format', cpu, native, runtime, {}, { format: 'safetensors' }),
  row(
    'a model whose format nobody looked at',
    cpu,
    ['unknown', 'onnx-program'],
    'what is not known is never a pass',
    {},
    { format: 'unknown' },
  ),
  row('a model that is a pickle', cpu, native, runtime, {}, { format: 'unknown', unknown: { format: 'a pickle' } }),
  row('an image that was not read whole', cpu, ['unknown', 'image-accelerator'], runtime, {
    unknown: { python: 'a layer was not read' },
  }),
  row('both builds of ONNX Runtime', { ...cpu, ...gpu }, open, both, cudnn),
  row('both builds, for a model of an unknown format', { ...cpu, ...gpu }, open, both, cudnn, { format: 'unknown' }),
  row('both builds, for a model that is a pickle', { ...cpu, ...gpu }, native, both, cudnn, {
    format: 'unknown',
    unknown: { format: 'a pickle' },
  }),
  row('both builds, for a model of torch', { ...cpu, ...gpu }, native, both, cudnn, { format: 'safetensors' }),
  row('the build for CUDA alone', gpu, native, both, cudnn),
  {
    ...row('both builds, and nobody looked at the model', { ...cpu, ...gpu }, open, both, cudnn),
    model: null,
    hardware: { memoryGib: 1 },
  },
];
