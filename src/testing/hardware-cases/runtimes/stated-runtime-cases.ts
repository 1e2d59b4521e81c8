import type { CaseRow } from '../case-row.ts';
import { runtimeRow, never, native } from './runtime-case.ts';

const contract = 'docs/contract.md: hardware.runtime';
const contracts: readonly CaseRow[] = [
  runtimeRow('the runtime in the image is inside', { python: { onnxruntime: '1.20.1' } }, native, contract, {
    hardware: { runtime: { onnxruntime: '>=1.20 <1.22' } },
  }),
  runtimeRow(
    'the runtime in the image is below',
    { python: { onnxruntime: '1.19.2' } },
    ['incompatible', 'contract-runtime'],
    contract,
    { hardware: { runtime: { onnxruntime: '>=1.20 <1.22' } } },
  ),
  runtimeRow(
    'the runtime in the image is above',
    { python: { onnxruntime: '1.22.0' } },
    ['incompatible', 'contract-runtime'],
    contract,
    { hardware: { runtime: { onnxruntime: '>=1.20 <1.22' } } },
  ),
  runtimeRow(
    'the GPU build of a runtime is that runtime',
    { cuda: '12.6', python: { 'onnxruntime-gpu': '1.22.0' }, components: { cudnn: '9.5.1' } },
    ['incompatible', 'contract-runtime'],
    contract,
    { hardware: { runtime: { onnxruntime: '<1.22' } } },
  ),
  runtimeRow('pytorch is the distribution torch', { python: { torch: '2.7.0' } }, native, contract, {
    hardware: { runtime: { pytorch: '>=2.7' } },
  }),
  runtimeRow(
    'tensorrt of the library',
    { cuda: '12.6', components: { tensorrt: '10.3.0' } },
    ['incompatible', 'contract-runtime'],
    contract,
    { hardware: { runtime: { tensorrt: '>=10.4' } } },
  ),
  runtimeRow('tensorrt of a wheel', { cuda: '12.6', python: { 'tensorrt-cu12': '10.4.0' } }, native, contract, {
    hardware: { runtime: { tensorrt: '>=10.4' } },
  }),
  runtimeRow('a runtime by its own name', { python: { vllm: '0.11.0' } }, native, contract, {
    hardware: { runtime: { vllm: '>=0.11' } },
  }),
  runtimeRow('the lock pins the runtime that the image does not hold', {}, native, contract, {
    hardware: { runtime: { onnxruntime: '>=1.30' } },
    runtime: { onnxruntime: '1.30.0' },
  }),
  runtimeRow(
    'the image decides over the lock',
    { python: { onnxruntime: '1.20.1' } },
    ['incompatible', 'contract-runtime'],
    contract,
    { hardware: { runtime: { onnxruntime: '>=1.30' } }, runtime: { onnxruntime: '1.30.0' } },
  ),
  runtimeRow('the runtime is asked for and nobody knows it', {}, ['unknown', 'contract-runtime'], never, {
    hardware: { runtime: { vllm: '>=0.11' } },
  }),
  runtimeRow(
    'the version of the runtime is no version',
    { python: { vllm: 'main' } },
    ['unknown', 'contract-runtime'],
    never,
    {
      hardware: { runtime: { vllm: '>=0.11' } },
    },
  ),
];

/** Runtimes that the contract states. */
export const statedRuntimeCases: readonly CaseRow[] = [...contracts];
