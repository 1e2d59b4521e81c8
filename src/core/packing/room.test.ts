import { expect, test } from 'vitest';
import { aNode, aReplica } from '../../testing/builders/packing/packing-builders.ts';
import { findDevices, fitsRoom, makeEmptyRoom, takeRoom, totalDeviceMilli } from './room.ts';

const room = { ...makeEmptyRoom(aNode()), freeMilli: [300, 1_000] };

test.each([
  ['a share that one device has left', aReplica({ deviceMilli: 300 }), true],
  ['a whole device', aReplica(), true],
  ['two devices, of which one is in use', aReplica({ devices: 2 }), false],
  ['more CPU than is left', aReplica({ cpuMilli: 16_001 }), false],
  ['more memory than is left', aReplica({ memoryMib: 65_537 }), false],
  ['another device model', aReplica({ models: ['A10'] }), false],
  ['one of several device models', aReplica({ models: ['A10', 'T4'] }), true],
  ['no device, on any node', aReplica({ devices: 0, deviceMilli: 0 }), true],
  ['no device, on nodes of another model', aReplica({ devices: 0, deviceMilli: 0, models: ['A10'] }), false],
])('a replica fits into room: %s', (_what, replica, fits) => {
  expect(fitsRoom(replica, room)).toBe(fits);
});

test('taken room is what is left on the named device', () => {
  expect(takeRoom(aReplica({ deviceMilli: 250 }), room, [0])).toEqual({
    cpuMilli: 12_000,
    memoryMib: 57_344,
    freeMilli: [50, 1_000],
    model: 'T4',
  });
});

test('room cannot be taken twice, on the same device twice, or on a device that is not there', () => {
  expect(() => takeRoom(aReplica({ deviceMilli: 301 }), room, [0])).toThrow(RangeError);
  expect(() => takeRoom(aReplica({ devices: 2, deviceMilli: 100 }), room, [1, 1])).toThrow(RangeError);
  expect(() => takeRoom(aReplica({ deviceMilli: 100 }), room, [2])).toThrow(RangeError);
  expect(() => takeRoom(aReplica({ deviceMilli: 100 }), room, [])).toThrow(RangeError);
});

test('whole devices are the first free ones', () => {
  expect(findDevices(aReplica(), room)).toEqual([1]);
  expect(findDevices(aReplica({ devices: 2 }), room)).toBeNull();
  expect(totalDeviceMilli(aReplica({ devices: 2 }))).toBe(2_000);
});
