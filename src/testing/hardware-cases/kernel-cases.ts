import type { Compatibility } from '../../core/contract/contract.ts';
import type { CaseRow, ImageRow } from './case-row.ts';

const guide =
  'CUDA Programming Guide, binary and PTX compatibility, architecture- and family-specific features (2025-12-15)';
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

type Rule = readonly [compatibility: Compatibility, rule: string];
const of = (name: string, device: string, image: ImageRow, [compatibility, rule]: Rule, source = guide): CaseRow => ({
  name,
  device,
  image,
  compatibility,
  rule,
  source,
});
const native: Rule = ['native', 'driver-native'];
const minor: Rule = ['minor-version', 'driver-minor-version'];
const none: Rule = ['incompatible', 'kernels'];
const notKnown: Rule = ['unknown', 'kernels'];
const ptxRefused: Rule = ['incompatible', 'kernels-ptx'];
const minorPage = 'CUDA Compatibility, minor-version compatibility: PTX (error 222) (2026-11)';
const roles = 'table of library roles (2026-11)';

/** PTX must be compiled by the driver, and under minor-version compatibility the driver is older than what wrote it. */
const ptx: readonly CaseRow[] = [
  of(
    'PTX that was written by the very CUDA of the driver',
    'H100 525.85.12 12.0',
    { libraries: { 'liba.so': 'sm_80 sm_90', 'libb.so': 'compute_80' }, ptxCuda: { 'libb.so': '12.0' } },
    minor,
    minorPage,
  ),
  of(
    'PTX of 12.4 under a driver of 12.0',
    'H100 525.85.12 12.0',
    { libraries: { 'libapp.so': 'sm_80 compute_80' } },
    ptxRefused,
    minorPage,
  ),
  of(
    'PTX of 12.0 in a 12.4 image under a driver of 12.0',
    'H100 525.85.12 12.0',
    { libraries: { 'libapp.so': 'sm_80 compute_80' }, ptxCuda: { 'libapp.so': '12.0' } },
    minor,
    minorPage,
  ),
  of(
    'PTX of 12.1 in a 12.4 image under a driver of 12.0',
    'H100 525.85.12 12.0',
    { libraries: { 'libapp.so': 'sm_80 compute_80' }, ptxCuda: { 'libapp.so': '12.1' } },
    ptxRefused,
    minorPage,
  ),
  of(
    'PTX of 11.8 in a 12.4 image under a driver of 12.0',
    'H100 525.85.12 12.0',
    { libraries: { 'libapp.so': 'compute_80' }, ptxCuda: { 'libapp.so': '11.8' } },
    minor,
    minorPage,
  ),
  of(
    'machine code is there, so that newer PTX is not compiled',
    'A100-40 525.85.12 12.0',
    { libraries: { 'libapp.so': 'sm_80 compute_80' } },
    minor,
    minorPage,
  ),
  of(
    'PTX of a version that is not readable',
    'H100 550.54.14 12.4',
    { libraries: { 'libapp.so': 'compute_80' }, ptxCuda: { 'libapp.so': null } },
    ['unknown', 'kernels-ptx'],
    'what is not known is never a pass',
  ),
  of(
    'PTX of a newer toolkit than the driver, also where the image is as old as the driver',
    'H100 550.54.14 12.4',
    { libraries: { 'libapp.so': 'compute_80' }, ptxCuda: { 'libapp.so': '12.8' } },
    ptxRefused,
    minorPage,
  ),
  of(
    'of two libraries one needs newer PTX',
    'H100 525.85.12 12.0',
    {
      libraries: { 'liba.so': 'compute_80', 'libb.so': 'compute_80' },
      ptxCuda: { 'liba.so': '11.8', 'libb.so': '12.4' },
    },
    ptxRefused,
    minorPage,
  ),
  of(
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

const severalLibraries: readonly CaseRow[] = [
  of(
    'every library needs a kernel: one lacks it',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90', 'libb.so': 'sm_80' } },
    none,
  ),
  of(
    'every library has a kernel',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90', 'libb.so': 'compute_80' } },
    native,
  ),
  of(
    'builder resources of TensorRT are shards: one for the device is enough',
    'H100 550.54.14 12.4',
    {
      libraries: {
        'lib/libnvinfer.so.10': 'sm_80 sm_90',
        'lib/libnvinfer_builder_resource_sm80.so.10.3.0': 'sm_80',
        'lib/libnvinfer_builder_resource_sm90.so.10.3.0': 'sm_90',
      },
    },
    native,
    roles,
  ),
  of(
    'builder resources without one for the device',
    'B200 580.95.05 13.0',
    {
      libraries: {
        'lib/libnvinfer.so.10': 'sm_80 sm_90 sm_100',
        'lib/libnvinfer_builder_resource_sm80.so.10.3.0': 'sm_80',
        'lib/libnvinfer_builder_resource_sm90.so.10.3.0': 'sm_90',
      },
    },
    none,
    roles,
  ),
  of(
    'builder resources with PTX for the device',
    'H100 550.54.14 12.4',
    {
      libraries: {
        'lib/libnvinfer_builder_resource_sm80.so.10.3.0': 'sm_80',
        'lib/libnvinfer_builder_resource_ptx.so.10.3.0': 'compute_75',
      },
    },
    native,
    roles,
  ),
  of(
    'two shards with PTX: the older one is compiled',
    'H100 525.85.12 12.0',
    {
      cuda: '12.4',
      libraries: { 'lib/libbitsandbytes_cuda118.so': 'compute_80', 'lib/libbitsandbytes_cuda124.so': 'compute_80' },
      ptxCuda: { 'lib/libbitsandbytes_cuda118.so': '11.8', 'lib/libbitsandbytes_cuda124.so': '12.4' },
    },
    minor,
    roles,
  ),
  of(
    'libraries of bitsandbytes for other CUDA versions stand in for one another',
    'H100 550.54.14 12.4',
    { libraries: { 'x/libbitsandbytes_cuda117.so': 'sm_80', 'x/libbitsandbytes_cuda124.so': 'sm_90' } },
    native,
    roles,
  ),
  of(
    'folders of sgl-kernel by architecture',
    'A100-40 550.54.14 12.4',
    {
      libraries: {
        'site-packages/sgl_kernel/sm90/common_ops.abi3.so': 'sm_90a',
        'site-packages/sgl_kernel/sm100/common_ops.abi3.so': 'sm_80 sm_100',
      },
    },
    native,
    roles,
  ),
  of(
    'structured sparsity is optional: a T4 has none',
    'T4 550.54.14 12.4',
    { libraries: { 'torch/lib/libtorch_cuda.so': 'sm_75', 'nvidia/cusparselt/lib/libcusparseLt.so.0': 'sm_80 sm_90' } },
    native,
    roles,
  ),
  of(
    'attention kernels of Hopper are optional in vLLM',
    'A100-40 550.54.14 12.4',
    { libraries: { 'vllm/_C.abi3.so': 'sm_80 sm_90', 'vllm/vllm_flash_attn/_vllm_fa3_C.abi3.so': 'sm_90a' } },
    native,
    roles,
  ),
  of(
    'flash attention is optional on a T4',
    'T4 550.54.14 12.4',
    {
      python: { transformers: '4.50.0' },
      libraries: { 'libapp.so': 'sm_75', 'site-packages/flash_attn_2_cuda.cpython-312.so': 'sm_80 sm_90' },
    },
    native,
    roles,
  ),
  of(
    'kernels of profilers decide nothing',
    'H100 550.54.14 12.4',
    { libraries: { 'libapp.so': 'sm_90', 'usr/local/cuda/extras/CUPTI/lib64/libcupti.so.12': 'sm_80' } },
    native,
    roles,
  ),
  of(
    'the lean runtime is optional',
    'H100 550.54.14 12.4',
    { libraries: { 'libapp.so': 'sm_90', 'lib/libnvinfer_lean.so.10': 'sm_80' } },
    native,
    roles,
  ),
  of(
    'solving over several devices is optional',
    'H100 550.54.14 12.4',
    { libraries: { 'libapp.so': 'sm_90', 'lib/libcusolverMg.so.11': 'sm_80' } },
    native,
    roles,
  ),
  of(
    'libraries of the compat package decide nothing',
    'H100 550.54.14 12.4',
    { libraries: { 'libapp.so': 'sm_90', 'usr/local/cuda-12.4/compat/libcuda.so.550.54.15': 'sm_50' } },
    native,
    roles,
  ),
  of(
    'only optional libraries: what the service itself runs cannot be told',
    'H100 550.54.14 12.4',
    { libraries: { 'opt/lib/libcusparseLt.so.0': 'sm_80 sm_90' } },
    notKnown,
    roles,
  ),
  of(
    'cuDNN is required',
    'B200 580.95.05 13.0',
    { libraries: { 'libapp.so': 'sm_100', 'lib/libcudnn_ops.so.9': 'sm_80 sm_90' } },
    none,
    roles,
  ),
];

const unread: readonly CaseRow[] = [
  of(
    'a file that may hold device code could not be read',
    'H100 550.54.14 12.4',
    {
      libraries: { 'liba.so': 'sm_90' },
      unknown: { 'libraries opt/libb.so': 'device: the section lies outside of the file' },
    },
    notKnown,
  ),
  of(
    'a file that decides nothing could not be read',
    'H100 550.54.14 12.4',
    {
      libraries: { 'liba.so': 'sm_90' },
      unknown: { 'libraries opt/nsight-compute/libb.so': 'device: the section lies outside of the file' },
    },
    native,
  ),
  of(
    'a file that is listed could not be read whole, and what was read has a kernel',
    'H100 550.54.14 12.4',
    {
      libraries: { 'liba.so': 'sm_90' },
      unknown: { 'libraries liba.so': 'device: one entry is compressed in a way that is not known' },
    },
    native,
  ),
  of(
    'the CPU level of a file could not be read, which no accelerator asks for',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { 'libraries opt/libb.so': 'cpuLevel: the note is damaged' } },
    native,
  ),
  of(
    'the version in a file could not be read',
    'H100 550.54.14 12.4',
    {
      libraries: { 'liba.so': 'sm_90' },
      unknown: { 'libraries opt/libcudart.so.13': 'versions: the section lies outside of the file' },
    },
    ['unknown', 'image-accelerator'],
  ),
  of(
    'something of a file could not be read, and it is not said what',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { 'libraries opt/libb.so': 'it is damaged' } },
    notKnown,
  ),
  of(
    'a whole layer could not be read',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { layer: 'it has more than 100,000 links' } },
    ['unknown', 'image-accelerator'],
  ),
  of(
    'some paths of a layer were left out',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { paths: 'a path has more than 4,096 characters' } },
    ['unknown', 'image-accelerator'],
  ),
  of(
    'Python distributions could not be read',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { python: 'a layer is damaged' } },
    ['unknown', 'image-accelerator'],
  ),
  of(
    'a variable was too long',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { 'env.NVIDIA_REQUIRE_CUDA': 'its value has 5,000 characters' } },
    native,
  ),
  of(
    'of two shards without a kernel one could not be read',
    'H100 550.54.14 12.4',
    {
      libraries: {
        'libapp.so': 'sm_90',
        'x/libbitsandbytes_cuda117.so': 'sm_80',
        'x/libbitsandbytes_cuda124.so': 'sm_80',
      },
      unread: ['x/libbitsandbytes_cuda124.so'],
    },
    notKnown,
  ),
  of(
    'one of two libraries that are listed could not be read whole',
    'H100 550.54.14 12.4',
    {
      libraries: { 'liba.so': 'sm_90', 'libb.so': 'sm_90' },
      unknown: { 'libraries libb.so': 'device: one entry is compressed' },
    },
    native,
  ),
  of(
    'the components could not be read',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { components: 'a layer is damaged' } },
    ['unknown', 'image-accelerator'],
  ),
  of(
    'the CUDA could not be looked for everywhere',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { cuda: 'a layer is damaged' } },
    ['unknown', 'image-accelerator'],
  ),
  of(
    'a library that was not read whole and has nothing for the device',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90', 'libb.so': 'sm_80' }, unread: ['libb.so'] },
    notKnown,
  ),
  of(
    'a library that was not read whole and has a kernel for the device',
    'H100 550.54.14 12.4',
    { libraries: { 'libb.so': 'sm_80 sm_90' }, unread: ['libb.so'] },
    native,
  ),
  of(
    'a library of which nothing could be read',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90', 'libb.so': '' }, unread: ['libb.so'] },
    notKnown,
  ),
  of(
    'a library without any code says nothing',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90', 'libb.so': '' } },
    native,
  ),
  of(
    'a library that lacks the kernel decides over one that was not read',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_80', 'libb.so': '' }, unread: ['libb.so'] },
    none,
  ),
  of(
    'libraries were not looked for everywhere',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { libraries: 'a layer is damaged' } },
    notKnown,
  ),
  of(
    'libraries were not looked for everywhere, and one lacks the kernel',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_80' }, unknown: { libraries: 'a layer is damaged' } },
    none,
  ),
  {
    ...of('the capability is not known', 'H100 550.54.14 12.4', {}, notKnown),
    deviceFacts: { computeCapability: null },
  },
  {
    ...of(
      'the capability is of no table, and is compared all the same',
      'H100 550.54.14 12.4',
      { libraries: { 'liba.so': 'compute_90' } },
      native,
    ),
    deviceFacts: { computeCapability: '13.0', product: 'NVIDIA R100' },
  },
];

export const kernelCases: readonly CaseRow[] = [...targets, ...ptx, ...severalLibraries, ...unread];
