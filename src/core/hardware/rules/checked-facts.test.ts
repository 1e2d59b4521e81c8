import { describe, expect, it } from 'vitest';
import { boards, buildDemands, buildDevice } from '../../../testing/builders/pools/hardware-builders.ts';
import { acceleratorClassOf } from '../../pool/device-class.ts';
import { judgeDevice } from '../judging/judge-device.ts';

describe('facts that nobody read', () => {
  it('are named by a pass where they could still stop the service', () => {
    const { verdict, notChecked } = judgeDevice(buildDemands(), acceleratorClassOf(buildDevice(boards.h100)));
    expect([verdict, notChecked]).toEqual(['pass', ['fabric state', 'health of the device']]);
  });

  it('are not named once they were read', () => {
    const device = buildDevice({ ...boards.h100, state: { fabric: 'completed', recovery: 'none' } });
    expect(judgeDevice(buildDemands(), acceleratorClassOf(device)).notChecked).toBeUndefined();
  });

  it('are not named where the device does not do anyway', () => {
    expect(judgeDevice(buildDemands(), acceleratorClassOf(buildDevice(boards.t4))).notChecked).toBeUndefined();
  });
});
