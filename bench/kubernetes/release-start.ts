import { setTimeout as delay } from 'node:timers/promises';
import { putProgramImage } from '../../test/kubernetes/cluster/image.ts';
import type { ClusterPlace } from '../../test/kubernetes/cluster/place.ts';
import { multiplyingServer, ServingWorld } from '../../test/kubernetes/serving-world.ts';
import type { MeasuredPhase } from '../../src/core/rollout/replica.ts';

/** From the request for a release to the release being live, on a real kubelet that does not have the image. */
export interface ReleaseStart {
  readonly imageBytes: number;
  readonly wholeMs: number;
  /** Until the pod was made, whose time is of whole seconds. */
  readonly podMadeMs: number;
  /** Of the pod, from its creation to its readiness. */
  readonly podMs: number;
  readonly phases: readonly MeasuredPhase[];
  /** Replay of the golden set, routing, and the release being live. */
  readonly admittedMs: number;
  /** How far the phases are from `podMs`, as a share of it. */
  readonly apartShare: number;
  /** What the platform says of the start. */
  readonly reason: string;
}

export async function measureReleaseStart(place: ClusterPlace, imageBytes: number): Promise<ReleaseStart> {
  const image = await putProgramImage(place, 'gigabyte', multiplyingServer, imageBytes);
  const world = await ServingWorld.open(place, 17_660, image);
  try {
    const askedAtMs = Date.now();
    await world.release(1, 1);
    const liveAtMs = Date.now();
    // The replica is looked at in turns.
    const { startedAtMs, readyAtMs, phases, reason } = await untilTimes(world);
    const podMs = readyAtMs - startedAtMs;
    const sumMs = phases.reduce((sum, { durationMs }) => sum + durationMs, 0);
    return {
      imageBytes,
      wholeMs: liveAtMs - askedAtMs,
      podMadeMs: startedAtMs - askedAtMs,
      podMs,
      phases,
      admittedMs: liveAtMs - readyAtMs,
      apartShare: Math.abs(sumMs - podMs) / podMs,
      reason,
    };
  } finally {
    await world.close();
  }
}

async function untilTimes(
  world: ServingWorld,
): Promise<{ startedAtMs: number; readyAtMs: number; phases: readonly MeasuredPhase[]; reason: string }> {
  for (let tried = 0; tried < 50; tried += 1) {
    const [replica] = (await world.view()).replicas;
    if (replica !== undefined && replica.readyAtMs !== null) {
      const { startedAtMs, readyAtMs, phases, reason } = replica;
      return { startedAtMs, readyAtMs, phases, reason };
    }
    await delay(200);
  }
  throw new Error('the replica has no times');
}
