import { describe, expect, it } from 'vitest';
import { boards, buildDemands, buildDevice } from '../../../testing/builders/pools/hardware-builders.ts';
import { acceleratorClassOf } from '../../pool/device-class.ts';
import { demandsOf } from '../../../testing/hardware-cases/case-row.ts';
import { judgeDevice } from '../judging/judge-device.ts';
import type { ModelHardwareFacts } from '../model/model-facts.ts';

describe('facts that nobody read', () => {
  it('are named by a pass where they could still stop the service', () => {
    const { verdict, notChecked } = judgeDevice(buildDemands(), acceleratorClassOf(buildDevice(boards.h100)));
    expect([verdict, notChecked]).toEqual(['pass', ['fabric state', 'health of the device']]);
  });

  it('are not named once they were read', () => {
    const device = buildDevice({ ...boards.h100, state: { fabric: 'completed', recovery: 'none' } });
    expect(judgeDevice(buildDemands(), acceleratorClassOf(device)).notChecked).toBeUndefined();
  });

  it('are the precision of an ONNX file too, where TensorRT would refuse some of them', () => {
    const checked = (model: Partial<ModelHardwareFacts>, device = boards.a100): readonly string[] => {
      const demands = demandsOf({ image: { components: { tensorrt: '10.3.0' } }, model });
      const { verdict, notChecked } = judgeDevice(demands, acceleratorClassOf(buildDevice(device)));
      expect(verdict).toBe('pass');
      return notChecked ?? [];
    };
    expect(checked({})).toEqual(['health of the device', 'precision of the ONNX file']);
    expect(checked({ precisions: ['fp16'] })).toEqual(['health of the device']);
    expect(checked({ format: 'safetensors' })).toEqual(['health of the device']);
  });

  it('are not named where the device does not do anyway', () => {
    expect(judgeDevice(buildDemands(), acceleratorClassOf(buildDevice(boards.t4))).notChecked).toBeUndefined();
  });
});
