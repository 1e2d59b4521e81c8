import type { CaseRow } from '../case-row.ts';
import { type Rule, kernelRow, guide } from './kernel-case.ts';

const blackwell = '580.95.05 13.0';
type Line = readonly [device: string, targets: string, compatibility: 'native' | 'incompatible'];
/** One library with these targets; PTX was written by CUDA 12.4, which every driver here compiles. */
const targets: readonly CaseRow[] = (
  [
    [`T4 ${blackwell}`, 'sm_75', 'native'],
    [`T4 ${blackwell}`, 'sm_70', 'native'],
    [`T4 ${blackwell}`, 'sm_80', 'incompatible'],
    [`T4 ${blackwell}`, 'compute_75', 'native'],
    [`T4 ${blackwell}`, 'compute_70', 'native'],
    [`T4 ${blackwell}`, 'compute_80', 'incompatible'],
    [`V100 ${blackwell}`, 'sm_70', 'native'],
    [`V100 ${blackwell}`, 'sm_60', 'incompatible'],
    [`V100 ${blackwell}`, 'sm_75', 'incompatible'],
    [`V100 ${blackwell}`, 'compute_60', 'native'],
    [`A100-40 ${blackwell}`, 'sm_80', 'native'],
    [`A100-40 ${blackwell}`, 'sm_86', 'incompatible'],
    [`A100-40 ${blackwell}`, 'sm_75', 'incompatible'],
    [`A100-40 ${blackwell}`, 'compute_75', 'native'],
    [`A100-40 ${blackwell}`, 'compute_86', 'incompatible'],
    [`A10 ${blackwell}`, 'sm_80', 'native'],
    [`A10 ${blackwell}`, 'sm_86', 'native'],
    [`A10 ${blackwell}`, 'sm_89', 'incompatible'],
    [`L4 ${blackwell}`, 'sm_86', 'native'],
    [`L4 ${blackwell}`, 'sm_90', 'incompatible'],
    [`L4 ${blackwell}`, 'compute_89', 'native'],
    [`H100 ${blackwell}`, 'sm_90', 'native'],
    [`H100 ${blackwell}`, 'sm_90a', 'native'],
    [`H100 ${blackwell}`, 'compute_90a', 'native'],
    [`H100 ${blackwell}`, 'sm_89', 'incompatible'],
    [`H100 ${blackwell}`, 'compute_89', 'native'],
    [`H100 ${blackwell}`, 'sm_100', 'incompatible'],
    [`B200 ${blackwell}`, 'sm_90a', 'incompatible'],
    [`B200 ${blackwell}`, 'compute_90a', 'incompatible'],
    [`B200 ${blackwell}`, 'compute_90', 'native'],
    [`B200 ${blackwell}`, 'sm_90', 'incompatible'],
    [`B200 ${blackwell}`, 'sm_100a', 'native'],
    [`B200 ${blackwell}`, 'sm_100f', 'native'],
    [`B200 ${blackwell}`, 'sm_103', 'incompatible'],
    [`B200 ${blackwell}`, 'sm_103f', 'incompatible'],
    [`B200 ${blackwell}`, 'compute_100a', 'native'],
    [`B300 ${blackwell}`, 'sm_100f', 'native'],
    [`B300 ${blackwell}`, 'compute_100f', 'native'],
    [`B300 ${blackwell}`, 'compute_100a', 'incompatible'],
    [`B300 ${blackwell}`, 'compute_100', 'native'],
    [`B300 ${blackwell}`, 'sm_103a', 'native'],
    [`B300 ${blackwell}`, 'sm_120', 'incompatible'],
    [`RTX-5090 ${blackwell}`, 'sm_100', 'incompatible'],
    [`RTX-5090 ${blackwell}`, 'sm_100f', 'incompatible'],
    [`RTX-5090 ${blackwell}`, 'compute_100f', 'incompatible'],
    [`RTX-5090 ${blackwell}`, 'compute_100', 'native'],
    [`RTX-5090 ${blackwell}`, 'sm_120', 'native'],
    [`RTX-5090 ${blackwell}`, 'sm_121', 'incompatible'],
    [`GB10 ${blackwell}`, 'sm_120', 'native'],
    [`GB10 ${blackwell}`, 'sm_120a', 'incompatible'],
    [`GB10 ${blackwell}`, 'sm_120f', 'native'],
    [`GB10 ${blackwell}`, 'compute_120f', 'native'],
    [`GB10 ${blackwell}`, 'compute_120a', 'incompatible'],
    [`Orin ${blackwell}`, 'sm_87', 'native'],
    [`Orin ${blackwell}`, 'sm_80', 'incompatible'],
    [`Orin ${blackwell}`, 'sm_86', 'incompatible'],
    [`Orin ${blackwell}`, 'compute_80', 'native'],
    [`L4 ${blackwell}`, 'sm_87', 'incompatible'],
    [`L4 ${blackwell}`, 'compute_87', 'native'],
    [`Thor ${blackwell}`, 'sm_110', 'native'],
    [`Thor ${blackwell}`, 'sm_100', 'incompatible'],
    [`Thor ${blackwell}`, 'compute_100', 'native'],
  ] satisfies readonly Line[]
).map(([device, list, compatibility]) => ({
  name: `${device.split(' ')[0]} with ${list} only`,
  device,
  image: { cuda: '12.4', libraries: { 'app/libapp.so': list } },
  compatibility,
  rule: compatibility === 'native' ? 'driver-native' : 'kernels',
  source: guide,
}));
const minor: Rule = ['minor-version', 'driver-minor-version'];
const ptxRefused: Rule = ['incompatible', 'kernels-ptx'];
const minorPage = 'CUDA Compatibility, minor-version compatibility: PTX (error 222) (2026-11)';
/** PTX must be compiled by the driver, and under minor-version compatibility the driver is older than what wrote it. */
const ptx: readonly CaseRow[] = [
  kernelRow(
    'PTX that was written by the very CUDA of the driver',
    'H100 525.85.12 12.0',
    { libraries: { 'liba.so': 'sm_80 sm_90', 'libb.so': 'compute_80' }, ptxCuda: { 'libb.so': '12.0' } },
    minor,
    minorPage,
  ),
  kernelRow(
    'PTX of 12.4 under a driver of 12.0',
    'H100 525.85.12 12.0',
    { libraries: { 'libapp.so': 'sm_80 compute_80' } },
    ptxRefused,
    minorPage,
  ),
  kernelRow(
    'PTX of 12.0 in a 12.4 image under a driver of 12.0',
    'H100 525.85.12 12.0',
    { libraries: { 'libapp.so': 'sm_80 compute_80' }, ptxCuda: { 'libapp.so': '12.0' } },
    minor,
    minorPage,
  ),
  kernelRow(
    'PTX of 12.1 in a 12.4 image under a driver of 12.0',
    'H100 525.85.12 12.0',
    { libraries: { 'libapp.so': 'sm_80 compute_80' }, ptxCuda: { 'libapp.so': '12.1' } },
    ptxRefused,
    minorPage,
  ),
  kernelRow(
    'PTX of 11.8 in a 12.4 image under a driver of 12.0',
    'H100 525.85.12 12.0',
    { libraries: { 'libapp.so': 'compute_80' }, ptxCuda: { 'libapp.so': '11.8' } },
    minor,
    minorPage,
  ),
  kernelRow(
    'machine code is there, so that newer PTX is not compiled',
    'A100-40 525.85.12 12.0',
    { libraries: { 'libapp.so': 'sm_80 compute_80' } },
    minor,
    minorPage,
  ),
  kernelRow(
    'PTX of a version that is not readable',
    'H100 550.54.14 12.4',
    { libraries: { 'libapp.so': 'compute_80' }, ptxCuda: { 'libapp.so': null } },
    ['unknown', 'kernels-ptx'],
    'what is not known is never a pass',
  ),
  kernelRow(
    'PTX of a newer toolkit than the driver, also where the image is as old as the driver',
    'H100 550.54.14 12.4',
    { libraries: { 'libapp.so': 'compute_80' }, ptxCuda: { 'libapp.so': '12.8' } },
    ptxRefused,
    minorPage,
  ),
  kernelRow(
    'of two libraries one needs newer PTX',
    'H100 525.85.12 12.0',
    {
      libraries: { 'liba.so': 'compute_80', 'libb.so': 'compute_80' },
      ptxCuda: { 'liba.so': '11.8', 'libb.so': '12.4' },
    },
    ptxRefused,
    minorPage,
  ),
  kernelRow(
    'of two libraries one has PTX that is not readable',
    'H100 550.54.14 12.4',
    {
      libraries: { 'liba.so': 'compute_80', 'libb.so': 'compute_80' },
      ptxCuda: { 'liba.so': '11.8', 'libb.so': null },
    },
    ['unknown', 'kernels-ptx'],
    'what is not known is never a pass',
  ),
];

/** One library by its targets, compiled or as PTX. */
export const targetCases: readonly CaseRow[] = [...targets, ...ptx];
