import type { ReplicaShape, Room } from '../room.ts';
import { chooseDevices } from './place-replica.ts';
import type { PlacementRule } from './replay-arrivals.ts';
import type { RoomValue } from './room-value.ts';

/** Returns the rule of `placeReplica` as one that `replayArrivals` asks: least loss of value, then the fullest node. */
export function makeRoomRule(types: readonly ReplicaShape[], value: RoomValue): PlacementRule {
  return {
    name: 'room value',
    choose(replica, room) {
      const shape = types[replica];
      const choice = shape === undefined ? null : chooseDevices(shape, room, value);
      if (choice === null) return null;
      const { after, lossNano } = choice;
      return { score: [-lossNano, -sumFree(after), -after.cpuMilli], after };
    },
  };
}

const sumFree = ({ freeMilli }: Room): number => freeMilli.reduce((sum, free) => sum + free, 0);
