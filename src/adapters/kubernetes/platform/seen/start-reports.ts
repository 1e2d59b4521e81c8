import type { MeasuredPhase } from '../../../../core/rollout/replica.ts';
import type { ReplicaDevice } from '../../../../core/rollout/replica-devices.ts';
import type { Clock } from '../../../../ports/process/clock.ts';
import type { PodObject } from '../../../../protocols/kubernetes-objects/pods/pod-object.ts';
import { replicaLineSchema, type SeenDevice } from '../../../../schemas/replica/replica-line.ts';
import { readySince } from './observe-pod.ts';

/** Reads the first bytes of what a container wrote. */
export type ReadOutput = (pod: string, signal: AbortSignal) => Promise<string>;

const mostPhases = 100;
const mostAtOnce = 8;
const patienceMs = 3_000;
const mostReads = 3;
const rereadMs = 10_000;
/** Output that could not be read is asked for again after this long, and twice as long after each failure. */
const retryFirstMs = 2_000;
const retryMostMs = 120_000;
/** The kubelet writes the time of its node. One that is further ahead makes no start longer than it was seen to be. */
const skewMs = 10_000;
/** A start that is older was recorded long ago, and its output may be gone. */
const oldMs = 600_000;

/** What replicas tell of their own starts, read once a start, and when each was first seen to be ready. */
export class StartReports {
  readonly #read: ReadOutput;
  readonly #clock: Clock;
  readonly #reported = new Map<string, StartReport & { readonly reads: number; readonly readAtMs: number }>();
  readonly #failed = new Map<string, { readonly times: number; readonly atMs: number }>();
  readonly #readyAtMs = new Map<string, number>();

  constructor(read: ReadOutput, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  /** Looks at pods that became ready; those that are not asked for now are asked for by the next call. */
  async look(pods: readonly PodObject[], signal: AbortSignal): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const fresh: PodObject[] = [];
    for (const pod of pods) {
      const atMs = readySince(pod);
      if (atMs === null) continue;
      if (!this.#readyAtMs.has(keyOf(pod))) this.#readyAtMs.set(keyOf(pod), atMs - nowMs > skewMs ? nowMs : atMs);
      if (nowMs - atMs < oldMs && this.#isDue(pod, nowMs)) fresh.push(pod);
    }
    if (fresh.length === 0) return;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    await Promise.all(fresh.slice(0, mostAtOnce).map((pod) => this.#report(pod, limit)));
  }

  reported(pod: PodObject): readonly MeasuredPhase[] {
    return this.#reported.get(keyOf(pod))?.phases ?? [];
  }

  /** The accelerators that it says it sees; null where it says nothing. */
  devices(pod: PodObject): readonly ReplicaDevice[] | null {
    return this.#reported.get(keyOf(pod))?.devices ?? null;
  }

  firstReadyAtMs(pod: PodObject): number | null {
    return this.#readyAtMs.get(keyOf(pod)) ?? null;
  }

  /** Once more is kept than twice what there are pods: looking through all of them costs more than it frees. */
  forgetGone(pods: ReadonlyMap<string, PodObject>): void {
    for (const kept of [this.#reported, this.#failed, this.#readyAtMs]) {
      if (kept.size <= 2 * pods.size + 100) continue;
      for (const key of kept.keys()) {
        const pod = pods.get(key.split('/')[0] ?? '');
        if (pod === undefined || keyOf(pod) !== key) kept.delete(key);
      }
    }
  }

  /** A replica may tell of its devices a moment after it is ready. */
  #isDue(pod: PodObject, nowMs: number): boolean {
    const known = this.#reported.get(keyOf(pod));
    if (known === undefined) return this.#mayRetry(pod, nowMs);
    if (known.devices !== null || Object.keys(pod.devices.asked).length + pod.devices.claims.length === 0) return false;
    return known.reads < mostReads && nowMs - known.readAtMs >= rereadMs;
  }

  #mayRetry(pod: PodObject, nowMs: number): boolean {
    const failed = this.#failed.get(keyOf(pod));
    if (failed === undefined) return true;
    return nowMs - failed.atMs >= Math.min(retryMostMs, retryFirstMs * 2 ** (failed.times - 1));
  }

  /** Output that cannot be read leaves the phases of the process merged. */
  async #report(pod: PodObject, signal: AbortSignal): Promise<void> {
    const text = await this.#read(pod.name, signal).catch(() => null);
    if (text === null) {
      const times = (this.#failed.get(keyOf(pod))?.times ?? 0) + 1;
      this.#failed.set(keyOf(pod), { times, atMs: this.#clock.nowMs() });
      return;
    }
    this.#failed.delete(keyOf(pod));
    const reads = (this.#reported.get(keyOf(pod))?.reads ?? 0) + 1;
    this.#reported.set(keyOf(pod), { ...readReport(text), reads, readAtMs: this.#clock.nowMs() });
  }
}

const keyOf = (pod: PodObject): string => `${pod.uid}/${pod.container?.id ?? ''}`;

export interface StartReport {
  readonly phases: readonly MeasuredPhase[];
  readonly devices: readonly ReplicaDevice[] | null;
}

export function readReport(text: string): StartReport {
  const phases: MeasuredPhase[] = [];
  let devices: readonly ReplicaDevice[] | null = null;
  for (const line of text.split('\n')) {
    if (!line.includes('"plimsoll"') || phases.length >= mostPhases) continue;
    const { data } = replicaLineSchema.safeParse(jsonOrNull(line));
    if (data?.plimsoll === 'devices') devices = data.devices.map(deviceOf);
    if (data?.plimsoll !== 'phase') continue;
    const { plimsoll: _, ...phase } = data;
    phases.push(phase);
  }
  return { phases, devices };
}

function deviceOf({ uuid, product, profile, parentUuid }: SeenDevice): ReplicaDevice {
  const mig = profile === null && parentUuid === null ? null : { profile, parentUuid };
  return { name: null, uuid, product, mig, share: null, memoryBytes: null };
}

function jsonOrNull(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
