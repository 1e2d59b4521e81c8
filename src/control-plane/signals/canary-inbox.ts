import type { GatewayCounts, StepLabels } from '../../core/rollout/judge/fold-counts.ts';
import type { CanaryRecord } from '../../core/rollout/judge/canary.ts';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';

/** Which answers of one release were right. */
export interface StepLabelsOf {
  readonly release: number;
  readonly labels: readonly { readonly requestId: string; readonly right: boolean }[];
}

export interface StepLabelsTaken {
  readonly counted: number;
  readonly repeated: number;
  readonly ignored: number;
}

/** Intervals of one gateway that wait for a turn; two minutes of them, then the oldest is let go. */
const intervalsAtMost = 120;
const gatewaysAtMost = 400;
/** Request ids that are remembered, so that a label is counted once. */
const idsAtMost = 200_000;

/**
 * What gateways counted and which labels arrived, until a turn has recorded it. Counts that are lost with this process are
 * told again by their gateways, which keep them until they hear that they are recorded; labels are counted not at all.
 */
export class CanaryInbox {
  readonly #counts = new Map<string, GatewayCounts[]>();
  /** Gateway process to the last sequence that a turn recorded, or found to be of no step. */
  readonly #settled = new Map<string, number>();
  #labels: StepLabels | null = null;
  #labelled = new Set<string>();
  #step = '';

  /** @returns the last sequence of this gateway's counts that outlives this process; the gateway sends later ones again. */
  report(report: GatewayReport): number {
    const source = `${report.gatewayId}@${report.startedAtMs}`;
    for (const { sequence, step, releases, missedPairs, agreement } of report.counts ?? []) {
      const waiting = this.#counts.get(source) ?? [];
      if (waiting.some((one) => one.sequence === sequence)) continue;
      if (waiting.length === 0 && this.#counts.size >= gatewaysAtMost) continue;
      const one = {
        ...{ source, sequence, step, releases },
        ...(missedPairs === undefined ? {} : { missedPairs }),
        ...(agreement === undefined ? {} : { agreement }),
      };
      this.#counts.set(source, [...waiting, one].slice(-intervalsAtMost));
    }
    return this.#settled.get(source) ?? 0;
  }

  counts(): readonly GatewayCounts[] {
    return [...this.#counts.values()].flat();
  }

  labels(): StepLabels | null {
    return this.#labels;
  }

  /** After a turn recorded them, or found that no step is under way. */
  drop(counts: readonly GatewayCounts[]): void {
    const gone = new Set(counts);
    for (const { source, sequence } of counts) this.#settle(source, sequence);
    for (const [source, waiting] of this.#counts) {
      const left = waiting.filter((one) => !gone.has(one));
      if (left.length === 0) this.#counts.delete(source);
      else this.#counts.set(source, left);
    }
  }

  /** They may have been recorded when a turn fails, so that they are let go before it is known. */
  takeLabels(): StepLabels | null {
    const labels = this.#labels;
    this.#labels = null;
    return labels;
  }

  /** Adds labels of one of the two releases of the step; those of any other are of no use now. */
  label(record: CanaryRecord | null, { release, labels }: StepLabelsOf): StepLabelsTaken {
    const arm = record?.release === release ? 'canary' : record?.against === release ? 'live' : null;
    if (record === null || arm === null || !record.policy.metrics.includes('labels')) {
      return { counted: 0, repeated: 0, ignored: labels.length };
    }
    this.#forgetOther(`${record.release}/${record.step}/${record.startedAtMs}`);
    const fresh = labels.filter(({ requestId }) => this.#isNew(requestId));
    const none = { labelled: 0, right: 0 };
    const before = this.#labels ?? { live: none, canary: none };
    const right = before[arm].right + fresh.filter((label) => label.right).length;
    this.#labels = { ...before, [arm]: { labelled: before[arm].labelled + fresh.length, right } };
    return { counted: fresh.length, repeated: labels.length - fresh.length, ignored: 0 };
  }

  #settle(source: string, sequence: number): void {
    const before = this.#settled.get(source) ?? 0;
    // Anew at the end: those that were not heard of for longest are forgotten, and would only tell theirs again.
    this.#settled.delete(source);
    this.#settled.set(source, Math.max(before, sequence));
    if (this.#settled.size > gatewaysAtMost) this.#settled.delete(this.#settled.keys().next().value ?? '');
  }

  #isNew(requestId: string): boolean {
    if (this.#labelled.has(requestId)) return false;
    if (this.#labelled.size >= idsAtMost) this.#labelled.delete(this.#labelled.values().next().value ?? '');
    this.#labelled.add(requestId);
    return true;
  }

  #forgetOther(step: string): void {
    if (step === this.#step) return;
    this.#step = step;
    this.#labels = null;
  }
}
