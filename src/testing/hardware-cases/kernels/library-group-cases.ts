import type { CaseRow } from '../case-row.ts';
import { type Rule, kernelRow, native, none, notKnown } from './kernel-case.ts';

const minor: Rule = ['minor-version', 'driver-minor-version'];
const roles = 'table of library roles (2026-11)';
const severalLibraries: readonly CaseRow[] = [
  kernelRow(
    'every library needs a kernel: one lacks it',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90', 'libb.so': 'sm_80' } },
    none,
  ),
  kernelRow(
    'every library has a kernel',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90', 'libb.so': 'compute_80' } },
    native,
  ),
  kernelRow(
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
  kernelRow(
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
  kernelRow(
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
  kernelRow(
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
  kernelRow(
    'libraries of bitsandbytes for other CUDA versions stand in for one another',
    'H100 550.54.14 12.4',
    { libraries: { 'x/libbitsandbytes_cuda117.so': 'sm_80', 'x/libbitsandbytes_cuda124.so': 'sm_90' } },
    native,
    roles,
  ),
  kernelRow(
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
  kernelRow(
    'structured sparsity is optional: a T4 has none',
    'T4 550.54.14 12.4',
    { libraries: { 'torch/lib/libtorch_cuda.so': 'sm_75', 'nvidia/cusparselt/lib/libcusparseLt.so.0': 'sm_80 sm_90' } },
    native,
    roles,
  ),
  kernelRow(
    'attention kernels of Hopper are optional in vLLM',
    'A100-40 550.54.14 12.4',
    { libraries: { 'vllm/_C.abi3.so': 'sm_80 sm_90', 'vllm/vllm_flash_attn/_vllm_fa3_C.abi3.so': 'sm_90a' } },
    native,
    roles,
  ),
  kernelRow(
    'flash attention is optional on a T4',
    'T4 550.54.14 12.4',
    {
      python: { transformers: '4.50.0' },
      libraries: { 'libapp.so': 'sm_75', 'site-packages/flash_attn_2_cuda.cpython-312.so': 'sm_80 sm_90' },
    },
    native,
    roles,
  ),
  kernelRow(
    'kernels of profilers decide nothing',
    'H100 550.54.14 12.4',
    { libraries: { 'libapp.so': 'sm_90', 'usr/local/cuda/extras/CUPTI/lib64/libcupti.so.12': 'sm_80' } },
    native,
    roles,
  ),
  kernelRow(
    'the lean runtime is optional',
    'H100 550.54.14 12.4',
    { libraries: { 'libapp.so': 'sm_90', 'lib/libnvinfer_lean.so.10': 'sm_80' } },
    native,
    roles,
  ),
  kernelRow(
    'solving over several devices is optional',
    'H100 550.54.14 12.4',
    { libraries: { 'libapp.so': 'sm_90', 'lib/libcusolverMg.so.11': 'sm_80' } },
    native,
    roles,
  ),
  kernelRow(
    'libraries of the compat package decide nothing',
    'H100 550.54.14 12.4',
    { libraries: { 'libapp.so': 'sm_90', 'usr/local/cuda-12.4/compat/libcuda.so.550.54.15': 'sm_50' } },
    native,
    roles,
  ),
  kernelRow(
    'only optional libraries: what the service itself runs cannot be told',
    'H100 550.54.14 12.4',
    { libraries: { 'opt/lib/libcusparseLt.so.0': 'sm_80 sm_90' } },
    notKnown,
    roles,
  ),
  kernelRow(
    'cuDNN is required',
    'B200 580.95.05 13.0',
    { libraries: { 'libapp.so': 'sm_100', 'lib/libcudnn_ops.so.9': 'sm_80 sm_90' } },
    none,
    roles,
  ),
];

/** Several libraries, kernelRow which each has a role. */
export const libraryGroupCases: readonly CaseRow[] = [...severalLibraries];
