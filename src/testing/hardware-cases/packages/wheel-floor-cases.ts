import type { CaseRow, ImageRow } from '../case-row.ts';

const mamba = 'mamba issues 765 and 949 (2026-05-12)';
const vllm = 'vLLM issues 6462, 6562 and 41103 (2026-04-29); wheels of 0.5.2 to 0.33.0';
const flash = 'flash-attention issues 1708 and 1762 (2025-06-18)';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const tooOld: Answer = ['incompatible', 'glibc'];
const open: Answer = ['unknown', 'glibc'];

const app = { 'app/libapp.so': 'sm_80' };
const scan = 'x/selective_scan_cuda.cpython-310-x86_64-linux-gnu.so';
const attention = 'x/flash_attn_2_cuda.cpython-312.so';
const engine = 'x/vllm/_C.abi3.so';

const row = (
  name: string,
  python: Readonly<Record<string, string>>,
  glibc: string | null,
  [compatibility, rule]: Answer,
  source: string,
  more: ImageRow = {},
): CaseRow => ({
  name: `glibc: ${name}`,
  device: 'A100-80 570.86.15 12.8',
  image: { cuda: '12.4', libraries: app, ...more, python, ...(glibc === null ? {} : { glibc }) },
  model: { format: 'safetensors', precisions: ['fp16'] },
  hardware: { memoryGib: 40 },
  compatibility,
  rule,
  source,
});

const compiler: ImageRow = { compilers: ['usr/bin/gcc'] };
/** What a library was read to need goes before what its wheel is known for. */
const read = (path: string, glibc: string): ImageRow => ({
  libraries: { ...app, [path]: 'sm_80' },
  needsGlibc: { [path]: glibc },
});

/** glibc of wheels whose names do not tell it. */
export const wheelFloorCases: readonly CaseRow[] = [
  row('mamba-ssm 2.2.5 on 2.31', { 'mamba-ssm': '2.2.5' }, '2.31', tooOld, mamba),
  row('mamba-ssm 2.3.1 on 2.31', { 'mamba-ssm': '2.3.1' }, '2.31', tooOld, mamba),
  row('mamba-ssm 2.2.5 on 2.32', { 'mamba-ssm': '2.2.5' }, '2.32', native, mamba),
  row('mamba-ssm 2.2.4 on 2.31', { 'mamba-ssm': '2.2.4' }, '2.31', native, mamba),
  row('mamba-ssm 2.2.5, and nobody read that of the image', { 'mamba-ssm': '2.2.5' }, null, open, mamba),
  row("somebody's own build of mamba-ssm", { 'mamba-ssm': '2.2.5' }, '2.31', native, mamba, read(scan, '2.17')),
  row('a library of mamba-ssm that was read', { 'mamba-ssm': '2.2.5' }, '2.31', tooOld, mamba, read(scan, '2.32')),
  row('another library that was read', { 'mamba-ssm': '2.2.5' }, '2.31', tooOld, mamba, read('x/scan.so', '2.17')),
  row("somebody's own build of flash-attn", { 'flash-attn': '2.8.3' }, '2.31', native, flash, read(attention, '2.27')),
  row('vLLM 0.5.2 on 2.31', { vllm: '0.5.2' }, '2.31', tooOld, vllm),
  row('vLLM 0.5.2 on 2.35', { vllm: '0.5.2' }, '2.35', native, vllm),
  row('vLLM 0.5.1 on 2.31', { vllm: '0.5.1' }, '2.31', native, vllm),
  row('vLLM 0.5.3 on 2.31', { vllm: '0.5.3' }, '2.31', native, vllm),
  {
    ...row('vLLM 0.5.2, and nobody read that of the image', { vllm: '0.5.2' }, null, native, vllm),
    notChecked: ['health of the device', 'glibc of the image', 'NVSwitches and their Fabric Manager'],
  },
  row('vLLM 0.9.2 on 2.28', { vllm: '0.9.2' }, '2.28', tooOld, vllm, compiler),
  row('vLLM 0.9.2 on 2.31', { vllm: '0.9.2' }, '2.31', native, vllm, compiler),
  row('vLLM 0.8.5 on 2.28', { vllm: '0.8.5' }, '2.28', native, vllm, compiler),
  row('vLLM 0.19.1 on 2.28', { vllm: '0.19.1' }, '2.28', tooOld, vllm, compiler),
  row('vLLM 0.20.2 on 2.31', { vllm: '0.20.2' }, '2.31', tooOld, vllm, compiler),
  row('vLLM 0.20.2 on 2.35', { vllm: '0.20.2' }, '2.35', native, vllm, compiler),
  row('vLLM 0.21.0 on 2.31', { vllm: '0.21.0' }, '2.31', native, vllm, compiler),
  row("somebody's own build of vLLM 0.5.2", { vllm: '0.5.2' }, '2.31', native, vllm, read(engine, '2.14')),
];
