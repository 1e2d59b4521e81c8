import type { CaseRow, HardwareRow, ImageRow } from './case-row.ts';

const fa2 = 'vLLM issue 31700: FlashAttention 2 is compiled when it is loaded (2026-01)';
const readme = 'flash-attention, README: Ampere or later (2026-11)';
const contract = 'docs/reference/contract.md: hardware.libraries';
const glibc = 'flash-attention issues 1708 and 1762 (2025-06-18)';
const triton = 'Triton issue 10331: ptxas of its wheels (2026-08-18)';
const never = 'what is not known is never a pass';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const minor: Answer = ['minor-version', 'driver-minor-version'];

const row = (
  name: string,
  device: string,
  image: ImageRow,
  [compatibility, rule]: Answer,
  source: string,
  hardware: HardwareRow = {},
): CaseRow => ({ name, device, image, hardware, compatibility, rule, source });

const app = { 'app/libapp.so': 'sm_70 sm_75 sm_80 sm_90 sm_100 sm_120' };
const fa2Library = { ...app, 'x/vllm_flash_attn/_vllm_fa2_C.abi3.so': 'sm_80 compute_80' };
const flashAttn = { ...app, 'x/flash_attn_2_cuda.cpython-312.so': 'sm_80 sm_90' };

const loaded: readonly CaseRow[] = [
  row(
    'PTX of FlashAttention is newer than the driver (222)',
    'H100 550.144.03 12.4',
    { cuda: '12.8', libraries: fa2Library },
    ['incompatible', 'kernels-ptx'],
    fa2,
  ),
  row(
    'PTX of FlashAttention that the driver takes',
    'H100 570.86.15 12.8',
    { cuda: '12.8', libraries: fa2Library },
    native,
    fa2,
  ),
  row(
    'FlashAttention with machine code for the device',
    'A100-80 550.144.03 12.4',
    { cuda: '12.8', libraries: fa2Library },
    minor,
    fa2,
  ),
  row(
    'FlashAttention without anything for the device',
    'T4 550.144.03 12.4',
    { cuda: '12.8', libraries: fa2Library },
    minor,
    fa2,
  ),
  row(
    'PTX of latent attention, which no other model loads',
    'H100 550.144.03 12.4',
    { cuda: '12.8', libraries: { ...app, 'x/_flashmla_C.abi3.so': 'compute_80' } },
    minor,
    fa2,
  ),
  row(
    'PTX of unknown origin in what is loaded',
    'H100 550.144.03 12.4',
    { cuda: '12.8', libraries: fa2Library, ptxCuda: { 'x/vllm_flash_attn/_vllm_fa2_C.abi3.so': null } },
    ['unknown', 'kernels-ptx'],
    never,
  ),
  row(
    'PTX of xFormers that is loaded',
    'H100 550.144.03 12.4',
    { cuda: '12.8', libraries: { ...app, 'x/xformers/_C_flashattention.so': 'compute_80' } },
    ['incompatible', 'kernels-ptx'],
    fa2,
  ),
  row(
    'flash-attn that a program loads by itself',
    'V100 550.54.14 12.4',
    { libraries: flashAttn },
    ['incompatible', 'kernels'],
    readme,
  ),
  row(
    'flash-attn beside vLLM by its folder',
    'V100 550.54.14 12.4',
    { libraries: { ...flashAttn, 'text-generation-server/libx.so': 'sm_70' } },
    native,
    readme,
  ),
  row(
    'flash-attn beside SGLang',
    'V100 550.54.14 12.4',
    { libraries: flashAttn, python: { sglang: '0.4.0' } },
    native,
    readme,
  ),
  row(
    'flash-attn beside diffusers',
    'V100 550.54.14 12.4',
    { libraries: flashAttn, python: { diffusers: '0.30.0' } },
    native,
    readme,
  ),
  row(
    'flash-attn beside vLLM',
    'V100 550.54.14 12.4',
    { libraries: { ...flashAttn, 'x/vllm/_C.so': 'sm_70' } },
    native,
    readme,
  ),
  row('flash-attn on a device that it knows', 'A100-80 550.54.14 12.4', { libraries: flashAttn }, native, readme),
  row(
    'PTX of flash-attn that is loaded beside a framework',
    'H100 550.144.03 12.4',
    { cuda: '12.8', python: { transformers: '4.50.0' }, libraries: { ...app, 'x/flash_attn_2_cuda.so': 'compute_80' } },
    ['incompatible', 'kernels-ptx'],
    fa2,
  ),
  row(
    'flash-attn beside a framework that could not be read whole',
    'T4 550.54.14 12.4',
    { python: { transformers: '4.50.0' }, libraries: flashAttn, unread: ['x/flash_attn_2_cuda.cpython-312.so'] },
    ['unknown', 'kernels'],
    never,
  ),
];

const named: readonly CaseRow[] = [
  row(
    'a library that the contract names counts where the table calls it optional',
    'V100 550.54.14 12.4',
    { libraries: { ...app, 'x/libcusparseLt.so.0': 'sm_80' } },
    ['incompatible', 'kernels'],
    contract,
    { libraries: ['libcusparseLt'] },
  ),
  row(
    'a library that the contract names, with a kernel',
    'A100-80 550.54.14 12.4',
    { libraries: { ...app, 'x/libcusparseLt.so.0': 'sm_80' } },
    native,
    contract,
    { libraries: ['libcusparseLt'] },
  ),
  row(
    'another library is named',
    'V100 550.54.14 12.4',
    { libraries: { ...app, 'x/libcusparseLt.so.0': 'sm_80' } },
    native,
    contract,
    { libraries: ['libapp'] },
  ),
  row(
    'a library that the contract names is not there',
    'A100-80 550.54.14 12.4',
    { libraries: app },
    ['incompatible', 'libraries'],
    contract,
    { libraries: ['libapp', 'libmissing'] },
  ),
  row(
    'a library that the contract names was perhaps not read',
    'A100-80 550.54.14 12.4',
    { libraries: app, unknown: { layer: 'a layer is missing' } },
    ['unknown', 'libraries'],
    never,
    { libraries: ['libmissing'] },
  ),
];

const floors: readonly CaseRow[] = [
  row(
    'a library needs a newer glibc than the image brings',
    'A100-80 550.54.14 12.4',
    { libraries: app, needsGlibc: { 'app/libapp.so': '2.32' }, glibc: '2.31' },
    ['incompatible', 'glibc'],
    glibc,
  ),
  row(
    'a library needs the glibc of the image',
    'A100-80 550.54.14 12.4',
    { libraries: app, needsGlibc: { 'app/libapp.so': '2.31' }, glibc: '2.31' },
    native,
    glibc,
  ),
  row(
    'a library needs a glibc, and that of the image was not read',
    'A100-80 550.54.14 12.4',
    { libraries: app, needsGlibc: { 'app/libapp.so': '2.28' } },
    ['unknown', 'glibc'],
    never,
  ),
  row(
    'the newest of several needs counts',
    'A100-80 550.54.14 12.4',
    {
      libraries: { 'a.so': 'sm_80', 'b.so': 'sm_80', 'c.so': 'sm_80' },
      needsGlibc: { 'a.so': '2.17', 'b.so': '2.34', 'c.so': '2.28' },
      glibc: '2.31',
    },
    ['incompatible', 'glibc'],
    glibc,
  ),
  row(
    'the newest of two needs that follow each other counts',
    'A100-80 550.54.14 12.4',
    { libraries: { 'a.so': 'sm_80', 'b.so': 'sm_80' }, needsGlibc: { 'a.so': '2.31', 'b.so': '2.32' }, glibc: '2.31' },
    ['incompatible', 'glibc'],
    glibc,
  ),
  row(
    'a wheel of flash-attn 2.8, and glibc was not read',
    'A100-80 550.54.14 12.4',
    { libraries: app, python: { 'flash-attn': '2.8.0' } },
    ['unknown', 'glibc'],
    glibc,
  ),
  row(
    'a wheel of flash-attn 2.8 on glibc 2.31',
    'A100-80 550.54.14 12.4',
    { libraries: app, python: { 'flash-attn': '2.8.0' }, glibc: '2.31' },
    ['incompatible', 'glibc'],
    glibc,
  ),
  row(
    'a wheel of flash-attn 2.9 on glibc 2.32',
    'A100-80 550.54.14 12.4',
    { libraries: app, python: { 'flash-attn': '2.9.1' }, glibc: '2.32' },
    native,
    glibc,
  ),
  row(
    'a wheel of flash-attn 2.7',
    'A100-80 550.54.14 12.4',
    { libraries: app, python: { 'flash-attn': '2.7.4' } },
    native,
    glibc,
  ),
];

const withTriton = (version: string, more: ImageRow = {}): ImageRow => ({
  cuda: '12.8',
  libraries: { 'app/libapp.so': 'sm_80 sm_90 sm_100 sm_103 sm_120 sm_121' },
  python: { sglang: '0.5.0', triton: version },
  ...more,
});
const thor = { cuda: '12.8', libraries: { 'app/libapp.so': 'sm_110' } };
const jit: Answer = ['incompatible', 'jit-compiler'];
const ofVllm = 'vLLM issue 963 and pull request 2635; pascal-pkgs-ci issue 23 (2025-05-04)';
const onPascal = (vllm: string, python: ImageRow['python'] = { vllm, triton: '2.1.0' }): ImageRow => ({
  cuda: '12.1',
  libraries: { 'app/libapp.so': 'sm_60 sm_70' },
  python,
});

const compilers: readonly CaseRow[] = [
  row('Triton 3.2 does not know Blackwell', 'B200 570.124.06 12.8', withTriton('3.2.0'), jit, triton),
  row('Triton 3.2 knows Hopper', 'H100 570.124.06 12.8', withTriton('3.2.0'), native, triton),
  row('Triton 3.3 knows B200', 'B200 570.124.06 12.8', withTriton('3.3.0'), native, triton),
  row('Triton 3.5 knows RTX 5090', 'RTX-5090 570.124.06 12.8', withTriton('3.5.0'), native, triton),
  row('Triton 3.5 does not know GB10', 'GB10 580.95.05 13.0', withTriton('3.5.1'), jit, triton),
  row('Triton 3.5 does not know B300', 'B300 580.95.05 13.0', withTriton('3.5.1'), jit, triton),
  row('Triton 3.6 knows GB10', 'GB10 580.95.05 13.0', withTriton('3.6.0'), native, triton),
  row('Triton 3.6 knows B300', 'B300 580.95.05 13.0', withTriton('3.6.0'), native, triton),
  row('Triton 3.7 knows RTX 5090', 'RTX-5090 580.95.05 13.0', withTriton('3.7.0'), native, triton),
  row('Triton 3.7 knows B200', 'B200 580.95.05 13.0', withTriton('3.7.0'), native, triton),
  row('Triton 3.6 knows Thor', 'Thor 580.95.05 13.0', withTriton('3.6.0', thor), native, triton),
  row(
    'another ptxas is named',
    'GB10 580.95.05 13.0',
    withTriton('3.5.1', { env: { TRITON_PTXAS_PATH: '/usr/local/cuda/bin/ptxas' } }),
    native,
    triton,
  ),
  row(
    'Triton beside no engine that compiles everything by it',
    'GB10 580.95.05 13.0',
    withTriton('3.5.1', { python: { triton: '3.5.1' } }),
    native,
    triton,
  ),
  row(
    'Triton beside vLLM',
    'GB10 580.95.05 13.0',
    withTriton('3.5.1', { python: { vllm: '0.20.0', 'pytorch-triton': '3.5.1' } }),
    jit,
    triton,
  ),
  row('vLLM 0.3 on Pascal beside Triton', 'P100 535.154.05 12.2', onPascal('0.3.2'), native, ofVllm),
  row('the last vLLM that starts on Pascal beside Triton', 'P100 535.154.05 12.2', onPascal('0.4.3'), native, ofVllm),
  row('vLLM 0.6 on Pascal beside Triton', 'P100 535.154.05 12.2', onPascal('0.6.6'), jit, ofVllm),
  row('vLLM 0.5 on Pascal beside Triton', 'P100 535.154.05 12.2', onPascal('0.5.0'), jit, ofVllm),
  row('vLLM 0.3 on Volta beside Triton', 'V100 535.154.05 12.2', onPascal('0.3.2'), native, ofVllm),
  row(
    'an old SGLang on Pascal beside Triton',
    'P100 535.154.05 12.2',
    onPascal('0', { sglang: '0.3.0', triton: '3.0.0' }),
    jit,
    ofVllm,
  ),
  row(
    'vLLM of which only the folder is there, on Pascal',
    'P100 535.154.05 12.2',
    { ...onPascal('0', { triton: '2.1.0' }), libraries: { 'opt/vllm/_C.so': 'sm_60 sm_70' } },
    jit,
    ofVllm,
  ),
];

export const loadedCases: readonly CaseRow[] = [...loaded, ...named, ...floors, ...compilers];
