import { describe, expect, it } from 'vitest';
import { aNode, aReplica } from '../../../testing/builders/packing/packing-builders.ts';
import { makeEmptyRoom } from '../room.ts';
import { chooseDevices, listChoices, placeReplica } from './place-replica.ts';
import { makeRoomValue, roomPriceGrid } from './room-value.ts';

const half = aReplica({ cpuMilli: 4_000, deviceMilli: 500 });
const whole = aReplica({ cpuMilli: 4_000 });
const types = [half, whole, aReplica({ cpuMilli: 1_000, deviceMilli: 300 })];
const nano = 1_000_000_000;
const value = makeRoomValue(types, [nano / 2, nano, 0.3 * nano], roomPriceGrid, 2);
const room = (freeMilli: readonly number[], cpuMilli = 16_000) => ({ ...makeEmptyRoom(aNode()), freeMilli, cpuMilli });

describe('the value of room', () => {
  it('is what the best filling of each device is worth where CPU is plenty', () => {
    expect(value.valueOf(room([1_000, 1_000]))).toBe(2 * nano);
    // 900 thousandths hold three of 300.
    expect(value.valueOf(room([900, 0]))).toBe(0.9 * nano);
    expect(value.valueOf(room([200, 100]))).toBe(0);
  });

  it('is less where CPU is short, and nothing where none is left', () => {
    expect(value.valueOf(room([1_000, 1_000], 4_000))).toBeLessThan(1.5 * nano);
    expect(value.valueOf(room([1_000, 1_000], 0))).toBe(0);
  });

  it('counts only replicas that accept the device model', () => {
    const picky = makeRoomValue([aReplica({ models: ['A10'] })], [nano], roomPriceGrid, 2);
    expect(picky.valueOf(room([1_000]))).toBe(0);
    expect(picky.valueOf({ ...room([1_000]), model: 'A10' })).toBe(nano);
  });
});

describe('a replica is placed', () => {
  it('on the device where it spoils the least', () => {
    // On 600 the share leaves 100, where nothing fits, of room for two of 300: 0.6 is lost. On 1,000 it loses its own 0.5.
    expect(chooseDevices(half, room([600, 1_000]), value)).toMatchObject({ devices: [1], lossNano: nano / 2 });
    // 800 hold 500 and 300: 0.5 is lost on both, and the fuller device is taken.
    expect(chooseDevices(half, room([1_000, 800]), value)).toMatchObject({ devices: [1], lossNano: nano / 2 });
    expect(chooseDevices(half, room([400, 400]), value)).toBeNull();
  });

  it('on the node that loses the least value', () => {
    const rooms = [room([1_000, 1_000]), room([1_000, 500]), room([1_000, 1_000], 3_000)];
    expect(placeReplica(half, rooms, value)).toMatchObject({ node: 1, devices: [1], lossNano: nano / 2 });
    expect(placeReplica(whole, [room([900, 900])], value)).toBeNull();
  });

  it('on the fullest node of equal losses, then on the first', () => {
    const equal = [room([1_000, 1_000]), room([1_000, 0]), room([0, 1_000])];
    expect(placeReplica(whole, equal, value)).toMatchObject({ node: 1, devices: [0] });
  });

  it('once on devices that are alike', () => {
    expect(listChoices(half, room([700, 700, 1_000]))).toEqual([[0], [2]]);
    expect(listChoices(whole, room([700, 1_000, 1_000]))).toEqual([[1]]);
    expect(listChoices(aReplica({ devices: 0, deviceMilli: 0 }), room([0]))).toEqual([[]]);
  });
});
