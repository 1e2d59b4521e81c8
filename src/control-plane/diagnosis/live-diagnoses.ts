import { makeDiagnosisRecord, type DiagnosisRecord } from '../../core/diagnosis/report/diagnosis-record.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { NodeReadings } from '../../ports/nodes/node-readings.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { MetricsSource } from '../../ports/serving/metrics-source.ts';
import {
  chooseElsewhere,
  compareLooks,
  takeLook,
  type Look,
  type ObservedService,
} from '../../prove/diagnosis/observe.ts';
import { countAccelerators, observeServing } from '../../prove/diagnosis/observed-service.ts';
import type { ServiceScope } from '../service/service-scope.ts';
import type { Watch } from '../watches/watch.ts';

export interface LiveDiagnosesParts {
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  /** Counters of the machine that replicas run on. */
  readonly node: NodeReadings;
  /** Of nodes that replicas of a cluster run on: accelerators alone. */
  readonly elsewhere?: NodeReadings;
  /** Reads the names of `diagnosisMetricNames`. */
  readonly metrics: Pick<MetricsSource, 'read'>;
}

/** What was read of a service last, or why nothing was. */
export type LiveDiagnosis = DiagnosisRecord | { readonly missing: string };

/** A service is looked at so often. Each look ends the window that the look before began. */
export const lookEveryMs = 30_000;
const spacingFactor = 200;
const [spacingAtLeastMs, spacingAtMostMs] = [2_000, lookEveryMs];

/**
 * Returns the ms between two looks of all services together: 200 times as long as reading the node took, so that looking takes less
 * than a hundredth of a processor. A machine that is busy reads slower, and is looked at less often.
 */
export const chooseSpacing = (readMs: number): number =>
  Math.min(spacingAtMostMs, Math.max(spacingAtLeastMs, readMs * spacingFactor));
/** What was read longer ago says nothing of the service now. */
const keptMs = 3_600_000;

/**
 * Looks at each service while it serves, and keeps what it read last. It runs no experiment and changes nothing. One for all
 * services of a control plane, so that a large fleet costs no more than a small one.
 */
export class LiveDiagnoses {
  readonly #parts: LiveDiagnosesParts;
  readonly #records = new Map<string, DiagnosisRecord>();
  /** Reads the node, and puts the next look off by how long that took. */
  readonly #node: NodeReadings;
  #nextMs = -Infinity;

  constructor(parts: LiveDiagnosesParts) {
    this.#parts = parts;
    this.#node = {
      read: async (...asked) => {
        const beganMs = parts.clock.monotonicMs();
        const look = await parts.node.read(...asked);
        this.#nextMs = Math.max(this.#nextMs, beganMs + chooseSpacing(parts.clock.monotonicMs() - beganMs));
        return look;
      },
    };
  }

  read(scope: ServiceScope): LiveDiagnosis {
    const record = this.#records.get(keyOf(scope));
    if (record !== undefined) return record;
    return { missing: 'nothing was read yet: two looks at a replica that serves are needed, half a minute apart' };
  }

  /** @param gateways of the service, as it is looked at. */
  watch(scope: ServiceScope, gateways: () => ObservedService['gateways']): Watch {
    let before: LookedAt | null = null;
    let lookedMs = -Infinity;
    return {
      subject: 'use of the node',
      look: async ({ replicas }, signal) => {
        const nowMs = this.#parts.clock.monotonicMs();
        if (nowMs - lookedMs < lookEveryMs || !this.#begins(nowMs)) return [];
        lookedMs = nowMs;
        const seen = observeServing(scope, gateways(), replicas);
        if (seen.replicas.length === 0) {
          before = null;
          return [];
        }
        const look = await takeLook({ ...this.#parts, node: this.#node, signal }, seen);
        const now = { look, of: namesOf(seen) };
        if (before?.of === now.of) this.#keep(scope, before.look, look, replicas);
        before = now;
        return [];
      },
    };
  }

  #begins(nowMs: number): boolean {
    if (nowMs < this.#nextMs) return false;
    this.#nextMs = nowMs + spacingAtLeastMs;
    return true;
  }

  #keep(scope: ServiceScope, before: Look, after: Look, replicas: readonly ObservedReplica[]): void {
    const takenAtMs = this.#parts.clock.nowMs();
    for (const [key, record] of this.#records) if (takenAtMs - record.takenAtMs > keptMs) this.#records.delete(key);
    const ready = replicas.filter(({ state }) => state === 'ready');
    const here = ready.find(({ pid }) => pid !== null) ?? chooseElsewhere(ready);
    const of = { takenAtMs, node: here?.node ?? null, accelerators: here === undefined ? 1 : countAccelerators(here) };
    this.#records.set(keyOf(scope), makeDiagnosisRecord(compareLooks(before, after, null), [], of));
  }
}

interface LookedAt {
  readonly look: Look;
  /** Counters of other replicas are no growth of these. */
  readonly of: string;
}

const namesOf = ({ replicas }: ObservedService): string => replicas.map(({ replicaId }) => replicaId).join(' ');
const keyOf = ({ service, environment }: ServiceScope): string => `${environment}/${service}`;
