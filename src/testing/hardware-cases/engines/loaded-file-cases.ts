import type { ModelHardwareFacts } from '../../../core/hardware/model/model-facts.ts';
import type { CaseRow, ImageRow } from '../case-row.ts';

const bnb = 'bitsandbytes issues 631 and 1848';
const uuids = 'vLLM issues 6551, 20939 and 41848';
const trt = 'TensorRT issues 1428 and 2332; TensorRT 10.8.0 release notes (2025-01)';
const never = 'what is not known is never a pass';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const every = 'sm_60 sm_70 sm_75 sm_80 sm_86 sm_90';
const files = (...versions: string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(versions.map((version) => [`x/bitsandbytes/libbitsandbytes_cuda${version}.so`, every]));

const row = (
  name: string,
  image: ImageRow,
  [compatibility, rule]: Answer,
  source: string,
  model: Partial<ModelHardwareFacts> = { precisions: ['int8'] },
  device = 'A100-40 550.54.14 12.4',
): CaseRow => ({ name, device, image, model, compatibility, rule, source });

const lacking: Answer = ['incompatible', 'bitsandbytes-cuda'];
const bitsandbytes: readonly CaseRow[] = [
  row(
    'the file of the CUDA of torch',
    { libraries: files('121', '124'), python: { torch: '2.5.1+cu124' } },
    native,
    bnb,
  ),
  row('no file of it', { libraries: files('118', '121'), python: { torch: '2.5.1+cu124' } }, lacking, bnb),
  row(
    'no file of it, and nobody read the precision',
    { libraries: files('121'), python: { torch: '2.5.1+cu124' } },
    ['unknown', 'bitsandbytes-cuda'],
    never,
    { format: 'onnx' },
  ),
  row(
    'no file of it, and the model is in FP16',
    { libraries: files('121'), python: { torch: '2.5.1+cu124' } },
    native,
    bnb,
    { precisions: ['fp16'] },
  ),
  row('a torch that names no CUDA', { libraries: files('121'), python: { torch: '2.5.1' } }, native, bnb),
  row('no torch', { libraries: files('121') }, native, bnb),
  row(
    'BNB_CUDA_VERSION names a file',
    { libraries: files('121'), python: { torch: '2.5.1+cu124' }, env: { BNB_CUDA_VERSION: '121' } },
    native,
    bnb,
  ),
  row(
    'BNB_CUDA_VERSION names none',
    { libraries: files('124'), python: { torch: '2.5.1+cu124' }, env: { BNB_CUDA_VERSION: '121' } },
    lacking,
    bnb,
  ),
  row(
    'an empty BNB_CUDA_VERSION names nothing',
    { libraries: files('124'), python: { torch: '2.5.1+cu124' }, env: { BNB_CUDA_VERSION: '' } },
    native,
    bnb,
  ),
];

const visible = (devices: string, python: Readonly<Record<string, string>> = { vllm: '0.10.0' }): ImageRow => ({
  env: { CUDA_VISIBLE_DEVICES: devices },
  python,
});
const stops: Answer = ['incompatible', 'visible-devices'];
const visibleDevices: readonly CaseRow[] = [
  row('vLLM with the UUID of an instance', visible('MIG-377e0049'), stops, uuids, { precisions: ['fp16'] }),
  row('vLLM with the UUID of a board', visible('GPU-52a3a85d'), stops, uuids, { precisions: ['fp16'] }),
  row('vLLM with a number and a UUID', visible('0, GPU-52a3a85d'), stops, uuids, { precisions: ['fp16'] }),
  row('vLLM with numbers', visible('0,1'), native, uuids, { precisions: ['fp16'] }),
  row('another program with a UUID', visible('GPU-52a3a85d', {}), native, uuids, { precisions: ['fp16'] }),
  row('vLLM without the variable', { python: { vllm: '0.10.0' } }, native, uuids, { precisions: ['fp16'] }),
];

const unsupported: Answer = ['incompatible', 'tensorrt-capability'];
const tensorRt = (version: string, cuda: string, device: string, answer: Answer): CaseRow =>
  row(`TensorRT ${version} on ${device}`, { cuda, components: { tensorrt: version } }, answer, trt, {}, device);
const newest: readonly CaseRow[] = [
  tensorRt('8.0.3', '11.3', 'L4 525.60.13 12.0', ['incompatible', 'tensorrt-capability']),
  tensorRt('8.0.3', '11.3', 'RTX-A6000 525.60.13 12.0', native),
  tensorRt('8.4.3', '11.3', 'L4 525.60.13 12.0', unsupported),
  tensorRt('8.4.3', '11.3', 'Orin 525.60.13 12.0', native),
  tensorRt('8.5.3', '11.8', 'H100 525.60.13 12.0', native),
  tensorRt('8.5.3', '11.8', 'B200 570.124.06 12.8', unsupported),
  tensorRt('8.6.1', '12.1', 'H100 535.104.05 12.2', native),
  tensorRt('8.6.1', '12.1', 'B200 570.124.06 12.8', unsupported),
  tensorRt('10.0.1', '12.4', 'RTX-5090 570.124.06 12.8', unsupported),
  tensorRt('10.0.1', '12.4', 'H100 570.124.06 12.8', native),
  tensorRt('10.4.0', '12.4', 'RTX-5090 570.124.06 12.8', unsupported),
  tensorRt('10.4.0', '12.4', 'H100 570.124.06 12.8', native),
  tensorRt('10.7.0', '12.6', 'RTX-5090 570.124.06 12.8', unsupported),
  tensorRt('10.7.0', '12.6', 'H100 570.124.06 12.8', native),
  tensorRt('10.8.0', '12.8', 'RTX-5090 570.124.06 12.8', native),
];

export const loadedFileCases: readonly CaseRow[] = [...bitsandbytes, ...visibleDevices, ...newest];
