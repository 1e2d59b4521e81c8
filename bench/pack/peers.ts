/**
 * Placement rules of others, as the artifact of FGD has them (github.com/hkust-adsl/kubernetes-scheduler-simulator, Weng et
 * al., ATC 2023): whole scores from 0 to 100, ties go to the first node name. Written anew from its description and code.
 */
import { listChoices } from '../../src/core/packing/online/place-replica.ts';
import type { PlacementRule } from '../../src/core/packing/online/replay-arrivals.ts';
import {
  acceptsModel,
  findDevices,
  isShare,
  takeRoom,
  wholeDeviceMilli,
  type ReplicaShape,
  type Room,
} from '../../src/core/packing/room.ts';
import type { Typed } from './arrivals.ts';

/** Largest node of the artifact's normalisation. */
const mostCpuMilli = 128_000;
const mostDeviceMilli = 8_000;

/** The least room of CPU and devices left over, each as a share of the largest node. */
export function makeBestFit(pods: readonly ReplicaShape[]): PlacementRule {
  return {
    name: 'BestFit',
    choose(type, room) {
      const pod = pods[type] as ReplicaShape;
      const after = takeFullest(pod, room);
      if (after === null) return null;
      const left = after.cpuMilli / mostCpuMilli / 2 + sumFree(after) / mostDeviceMilli / 2;
      return { score: [Math.floor((1 - left) * 100)], after };
    },
  };
}

/**
 * Devices in use first, then free devices of nodes in use, then free nodes.
 *
 * | devices it takes                | score                                             |
 * | ------------------------------- | ------------------------------------------------- |
 * | all are in use                  | 100 - tenth of the percent free on them, from 50  |
 * | some are free, the node is used | 50 - free devices taken, from 33                  |
 * | all of the node are free        | 33 - devices of the node                          |
 */
export function makeGpuPacking(pods: readonly ReplicaShape[]): PlacementRule {
  return {
    name: 'GpuPacking',
    choose(type, room) {
      const pod = pods[type] as ReplicaShape;
      const after = takeFullest(pod, room);
      return after === null ? null : { score: [scorePacking(pod, room)], after };
    },
  };
}

function scorePacking(pod: ReplicaShape, { freeMilli }: Room): number {
  if (pod.devices === 0) return 0;
  const free = freeMilli.filter((milli) => milli === wholeDeviceMilli).length;
  if (free === freeMilli.length) return Math.max(33 - free, free);
  const taken = freeMilli
    .toSorted((a, b) => a - b)
    .filter((milli) => milli >= pod.deviceMilli)
    .slice(0, pod.devices);
  const takenFree = taken.filter((milli) => milli === wholeDeviceMilli).length;
  if (takenFree > 0) return Math.max(50 - takenFree, 33);
  const percent = taken.reduce((sum, milli) => sum + Math.floor((milli * 100) / 1000), 0);
  return Math.max(100 - Math.floor(percent / 10), 50);
}

/** Share of the pods that the typical ones have to cover. */
const typicalShare = 0.95;

/**
 * FGD: the least growth of fragmentation. The fragmentation of a node is the expected device share that a typical pod, drawn
 * by its frequency, cannot use there.
 */
export function makeFragmentation({ types, counts }: Typed<ReplicaShape>): PlacementRule {
  const typical = findTypical(types, counts);
  const known = new Map<Room, number>();
  const measure = (room: Room): number => {
    const measured = known.get(room) ?? measureFragments(room, typical);
    known.set(room, measured);
    return measured;
  };
  return {
    name: 'FGD',
    choose(type, room) {
      const pod = types[type] as ReplicaShape;
      const before = measure(room);
      let best: { readonly score: readonly number[]; readonly after: Room } | null = null;
      for (const devices of listChoices(pod, room)) {
        const after = takeRoom(pod, room, devices);
        const lossMilli = before - measureFragments(after, typical);
        const score = Math.floor(100 / (1 + Math.exp(-lossMilli / 1_000)));
        if (best === null || score > (best.score[0] ?? 0)) best = { score: [score], after };
      }
      return best;
    },
  };
}

interface TypicalPod {
  readonly pod: ReplicaShape;
  readonly share: number;
}

/** The most frequent types that together cover 95% of the pods. Memory is not looked at. */
function findTypical(types: readonly ReplicaShape[], counts: readonly number[]): readonly TypicalPod[] {
  const merged = new Map<string, { pod: ReplicaShape; count: number }>();
  for (const [index, pod] of types.entries()) {
    const key = `${pod.cpuMilli} ${pod.devices} ${pod.deviceMilli} ${pod.models.join('|')}`;
    const before = merged.get(key)?.count ?? 0;
    merged.set(key, { pod, count: before + (counts[index] ?? 0) });
  }
  const sorted = [...merged.values()].sort((a, b) => b.count - a.count);
  const total = sorted.reduce((sum, { count }) => sum + count, 0);
  let covered = 0;
  const typical = sorted.filter(({ count }) => {
    const wanted = covered < typicalShare * total;
    if (wanted) covered += count;
    return wanted;
  });
  return typical.map(({ pod, count }) => ({ pod, share: count / covered }));
}

function measureFragments(room: Room, typical: readonly TypicalPod[]): number {
  const free = sumFree(room);
  let sum = 0;
  for (const { pod, share } of typical) {
    const usable = pod.devices > 0 && pod.cpuMilli <= room.cpuMilli && acceptsModel(pod, room.model);
    let [count, tooSmall] = [0, 0];
    for (const milli of room.freeMilli) {
      if (milli >= pod.deviceMilli) count += 1;
      else tooSmall += milli;
    }
    sum += share * (usable && count >= pod.devices ? tooSmall : free);
  }
  return sum;
}

/** Takes the fullest device that is enough, or the first whole ones. */
function takeFullest(pod: ReplicaShape, room: Room): Room | null {
  const devices = isShare(pod) ? listChoices(pod, room)[0] : findDevices(pod, room);
  return devices === undefined || devices === null ? null : takeRoom(pod, room, devices);
}

const sumFree = ({ freeMilli }: Room): number => freeMilli.reduce((sum, milli) => sum + milli, 0);
