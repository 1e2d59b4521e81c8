import { describe, expect, it } from 'vitest';
import { boards, buildDemands, buildDevice } from '../../../testing/builders/pools/hardware-builders.ts';
import { acceleratorClassOf } from '../../pool/classes/device-class.ts';
import { allCases } from '../../../testing/hardware-cases/all-cases.ts';
import { classOf, demandsOf, type ImageRow } from '../../../testing/hardware-cases/case-row.ts';
import { requiredFacts } from '../../contract/contract.ts';
import { judgeDevice } from '../judging/judge-device.ts';
import type { DeviceState } from '../../pool/device-state.ts';
import type { ModelHardwareFacts } from '../model/model-facts.ts';

describe('facts that nobody read', () => {
  it('are named by a pass where they could still stop the service', () => {
    const { verdict, notChecked } = judgeDevice(buildDemands(), acceleratorClassOf(buildDevice(boards.h100)));
    expect([verdict, notChecked]).toEqual(['pass', ['fabric state', 'health of the device', 'confidential mode']]);
  });

  it('are not named once they were read', () => {
    const device = buildDevice({
      ...boards.h100,
      state: { fabric: 'completed', recovery: 'none', confidential: 'off' },
    });
    expect(judgeDevice(buildDemands(), acceleratorClassOf(device)).notChecked).toBeUndefined();
  });

  it('are the precision of an ONNX file too, where TensorRT would refuse some of them', () => {
    const checked = (model: Partial<ModelHardwareFacts>, device = boards.a100): readonly string[] => {
      const demands = demandsOf({ image: { components: { tensorrt: '10.3.0' } }, model });
      const { verdict, notChecked } = judgeDevice(demands, acceleratorClassOf(buildDevice(device)));
      expect(verdict).toBe('pass');
      return notChecked ?? [];
    };
    const older = 'NVSwitches and their Fabric Manager';
    expect(checked({})).toEqual(['health of the device', 'precision of the ONNX file', older]);
    expect(checked({ precisions: ['fp16'] })).toEqual(['health of the device', older]);
    expect(checked({ format: 'safetensors' })).toEqual(['health of the device', older]);
  });

  it('are what an engine needs of the model and of the image, where it could stop on the device', () => {
    const checked = (image: ImageRow, model: Partial<ModelHardwareFacts>, device = boards.l4): readonly string[] => {
      const demands = demandsOf({ image, model: { format: 'safetensors', ...model }, hardware: { memoryGib: 4 } });
      const { verdict, notChecked } = judgeDevice(demands, acceleratorClassOf(buildDevice(device)));
      expect(verdict).toBe('pass');
      return notChecked ?? [];
    };
    const health = 'health of the device';
    const kernels = 'kernels of the model (size of its heads, type, experts, scales of FP8)';
    const sglang = { python: { sglang: '0.5.12' } };
    expect(checked(sglang, { precisions: ['fp8'], experts: true })).toEqual([health, kernels]);
    expect(checked(sglang, { precisions: ['fp8'], experts: true, fp8Scales: 'block' })).toEqual([health]);
    expect(checked(sglang, { precisions: ['fp8'], experts: true, format: 'gguf' })).toEqual([health]);
    expect(checked(sglang, { precisions: ['bf16'] })).toEqual([health]);
    const vllm = { python: { vllm: '0.16.0', triton: '3.5.1' }, glibc: '2.35' };
    const dense = { precisions: ['bf16'], experts: false } as const;
    expect(checked(vllm, dense)).toEqual([health, 'compilers in the image']);
    expect(checked({ ...vllm, compilers: ['usr/bin/gcc'] }, dense)).toEqual([health]);
    const sparse = { ...vllm, compilers: ['usr/bin/gcc'] };
    expect(checked(sparse, { ...dense, experts: true })).toEqual([health, kernels]);
    expect(checked(sparse, { ...dense, experts: true, modelType: 'qwen3_moe' })).toEqual([health]);
    expect(checked(sparse, { precisions: ['bf16'], modelType: 'deepseek_v32' })).toEqual([health, kernels]);
  });

  it('are the unified memory of several virtual GPUs', () => {
    const state = { licence: 'licensed', iommu: 'off', recovery: 'none' } as const;
    const several = (devices: number, more: DeviceState = {}): readonly string[] => {
      const demands = demandsOf({ image: {}, hardware: { devices, memoryGib: 4 } });
      const facts = { product: 'NVIDIA L4-24C', brand: 'nvidia-vcs', state: { ...state, ...more } };
      return judgeDevice(demands, acceleratorClassOf(buildDevice({ ...boards.l4, ...facts }))).notChecked ?? [];
    };
    expect(several(2)).toEqual(['unified memory of the virtual GPUs']);
    expect(several(1)).toEqual([]);
    expect(several(2, { unifiedMemory: 'on' })).toEqual([]);
    expect(several(2, { unifiedMemory: 'off' })).toEqual([]);
  });

  it('are conditions where the contract requires them, each of them', () => {
    const named = new Set<string>();
    for (const row of allCases) {
      const { notChecked = [], verdict } = judgeDevice(demandsOf(row), classOf(row));
      if (verdict !== 'pass') continue;
      const demands = demandsOf({ ...row, hardware: { ...row.hardware, require: requiredFacts } });
      const strict = judgeDevice(demands, classOf(row));
      expect(strict.verdict === 'pass', row.name).toBe(notChecked.length === 0);
      const message = strict.findings.find(({ rule }) => rule === 'required-facts')?.message ?? '';
      for (const says of notChecked) {
        expect(message, row.name).toContain(says);
        named.add(says);
      }
    }
    expect(named.size).toBe(requiredFacts.length);
  });

  it('are not named where the device does not do anyway', () => {
    expect(judgeDevice(buildDemands(), acceleratorClassOf(buildDevice(boards.t4))).notChecked).toBeUndefined();
  });
});
