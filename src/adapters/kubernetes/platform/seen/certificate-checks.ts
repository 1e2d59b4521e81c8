import type { Protocol } from '../../../../core/contract/contract.ts';
import type { Health } from '../../../../core/rollout/replica-health.ts';
import type { Clock } from '../../../../ports/process/clock.ts';
import type { ProbeOverTls } from '../../../../ports/serving/probe-over-tls.ts';
import type { ReplicaOwner } from '../../../../ports/serving/platform.ts';
import type { PodObject } from '../../../../protocols/kubernetes-objects/pods/pod-object.ts';
import { admittedCondition, annotationOf } from '../../manifests/labels.ts';
import { BoundedLooks } from './bounded-looks.ts';
import { endpointOf, replicaIdOf } from './observe-pod.ts';

/** What the replicas of a set serve, and how. */
export interface Served {
  readonly protocol: Protocol;
  readonly model: string;
}

interface Told {
  /** What is told of it; null: nothing speaks against it. */
  readonly trouble: string | null;
  /** Looks in a row that said no. */
  readonly refusals: number;
}

interface Check extends Told {
  readonly atMs: number;
}

const everyMs = 5_000;
const soonMs = 1_000;
const timeoutMs = 2_000;
const mostAtOnce = 8;
/** As many looks in a row take a replica that serves out of traffic. */
const refusalLimit = 2;
const awaited = 'its certificate is being verified';

/**
 * Asks replicas with a certificate, beside the turn, whether they are ready.
 *
 * | the replica | the look says | it is |
 * |---|---|---|
 * | was never asked | - | ready where an earlier control plane admitted it |
 * | any | ready | ready |
 * | not ready yet | no | not ready, with the reason |
 * | ready | no, once | ready |
 * | ready | no, twice in a row | not ready, with the reason |
 * | any | nobody could ask | as before; the reason says so where it is not ready |
 */
export class CertificateChecks {
  readonly #probe: ProbeOverTls | null;
  readonly #clock: Clock;
  readonly #checks = new Map<string, Check>();
  readonly #looks = new BoundedLooks(mostAtOnce);

  /** @param probe null where nobody can ask: then no replica with a certificate is ready. */
  constructor(probe: ProbeOverTls | null, clock: Clock) {
    this.#probe = probe;
    this.#clock = clock;
  }

  /** Why a replica is not ready although its probes pass; null for one without a certificate too. */
  trouble(pod: PodObject): string | null {
    if (!hasCertificate(pod)) return null;
    return (this.#checks.get(keyOf(pod)) ?? firstCheck(pod)).trouble;
  }

  /**
   * Begins the looks that are due, and returns at once.
   * @param changed called after a look that changed what is told.
   */
  look(
    owner: ReplicaOwner,
    pods: readonly PodObject[],
    servedBy: (pod: PodObject) => Served | null,
    changed: () => void,
    signal: AbortSignal,
  ): void {
    const probe = this.#probe;
    if (probe === null) return;
    for (const pod of pods) {
      const served = hasCertificate(pod) && pod.container?.isReady === true ? servedBy(pod) : null;
      const key = keyOf(pod);
      if (served === null || pod.address === null || !this.#isDue(key)) continue;
      const endpoint = endpointOf(pod, pod.address);
      this.#looks.begin(key, async () => {
        const health = await probe({ owner, endpoint, ...served }, timeoutMs, signal);
        if (!signal.aborted && this.#keep(pod, health)) changed();
      });
    }
  }

  forgetGone(pods: ReadonlyMap<string, PodObject>): void {
    if (this.#checks.size <= 2 * pods.size + 100) return;
    const present = new Set([...pods.values()].map(keyOf));
    for (const key of this.#checks.keys()) if (!present.has(key)) this.#checks.delete(key);
  }

  #isDue(key: string): boolean {
    const known = this.#checks.get(key);
    if (known === undefined) return true;
    const waitMs = known.trouble === null && known.refusals === 0 ? everyMs : soonMs;
    return this.#clock.monotonicMs() - known.atMs >= waitMs;
  }

  /** True where what is told changed. */
  #keep(pod: PodObject, health: Health): boolean {
    const before = this.#checks.get(keyOf(pod)) ?? firstCheck(pod);
    const now = decideCheck(before, health);
    this.#checks.set(keyOf(pod), { ...now, atMs: this.#clock.monotonicMs() });
    return before.trouble !== now.trouble;
  }
}

/** Returns what one more look makes of what was known. */
export function decideCheck(before: Told, health: Health): Told {
  if (health.ready) return { trouble: null, refusals: 0 };
  const wasReady = before.trouble === null;
  if (health.couldNotAsk) return wasReady ? before : { trouble: `cannot look at it: ${health.reason}`, refusals: 0 };
  const refusals = before.refusals + 1;
  if (wasReady && refusals < refusalLimit) return { trouble: null, refusals };
  return { trouble: `not ready: ${health.reason}`, refusals };
}

const firstCheck = ({ conditions }: PodObject): Told => ({
  trouble: conditions[admittedCondition]?.isTrue === true ? null : awaited,
  refusals: 0,
});

const hasCertificate = ({ annotations }: PodObject): boolean => annotations[annotationOf.scheme] === 'https';

/** Of one start in one pod: a container that starts again may have another certificate. */
const keyOf = (pod: PodObject): string => `${pod.uid}/${replicaIdOf(pod)}`;
