import { clientParts } from '../../core/rollout/judge/client-parts.ts';
import type { RoutingCanary } from '../../core/rollout/routing/routing.ts';
import { canaryCountsAtMost, type CanaryCounts } from '../../schemas/gateway/gateway-report.ts';
import { ArmTally } from './arm-tally.ts';

interface Arm {
  readonly warm: ArmTally;
  readonly cold: ArmTally;
  /** Of the warm units, by part of the clients. */
  readonly parts: readonly ArmTally[];
}

/** What is counted of one step since it was last taken. Thrown away with its step. */
export class StepCounts {
  readonly step: RoutingCanary;
  readonly #arms: ReadonlyMap<number, Arm>;
  /** By part of the clients. */
  #missedPairs = noMissedPairs();
  #agreement = noAgreement();
  #stickyFallbacks = 0;
  #dropped = 0;
  #fromMs: number;
  /** False once another step has begun: what still comes in belongs to neither. */
  open = true;

  constructor(step: RoutingCanary, nowMs: number) {
    this.step = step;
    this.#fromMs = nowMs;
    const arm = (): Arm => {
      const parts = Array.from({ length: clientParts }, () => new ArmTally());
      return { warm: new ArmTally(), cold: new ArmTally(), parts };
    };
    this.#arms = new Map([
      [step.release, arm()],
      [step.against, arm()],
    ]);
  }

  /** False for a release that is not compared in this step. */
  has(release: number): boolean {
    return this.#arms.has(release);
  }

  /** Counts a unit of one part of the clients. @param latencyMs null for a unit without any answer. */
  count(release: number, part: number, isCold: boolean, failed: boolean, latencyMs: number | null): void {
    const arm = this.#arms.get(release);
    if (arm === undefined) return;
    (isCold ? arm.cold : arm.warm).count(failed, latencyMs);
    if (!isCold) arm.parts[part]?.count(failed, latencyMs);
  }

  /** Of a pair of requests of one client exactly one was missed. */
  countMissedPair(part: number, isCanaryMissed: boolean): void {
    const pairs = this.#missedPairs[part];
    if (pairs !== undefined && this.open) pairs[isCanaryMissed ? 'canaryOnly' : 'liveOnly'] += 1;
  }

  compared(release: number, agreed: boolean): void {
    if (release !== this.step.release) return;
    this.#agreement.compared += 1;
    if (agreed) this.#agreement.agreed += 1;
  }

  skipped(release: number, reason: string): void {
    if (release !== this.step.release) return;
    this.#agreement.skipped += 1;
    this.#agreement.reasons[reason] = (this.#agreement.reasons[reason] ?? 0) + 1;
  }

  fellBack(): void {
    this.#stickyFallbacks += 1;
  }

  dropped(units: number): void {
    this.#dropped += units;
  }

  get empty(): boolean {
    const { compared, skipped } = this.#agreement;
    if (compared + skipped + this.#stickyFallbacks + this.#dropped > 0) return false;
    if (this.#missedPairs.some(isAny)) return false;
    for (const { warm, cold } of this.#arms.values()) if (warm.units + cold.units > 0) return false;
    return true;
  }

  take(sequence: number, nowMs: number): CanaryCounts {
    const { compared, skipped } = this.#agreement;
    const missedPairs = this.#missedPairs.filter(isAny);
    const taken: CanaryCounts = {
      sequence,
      step: this.step,
      fromMs: this.#fromMs,
      toMs: nowMs,
      releases: [...this.#arms]
        .filter(([, { warm, cold }]) => warm.units + cold.units > 0)
        .map(([release, { warm, cold, parts }]) => ({
          release,
          units: { warm: warm.take(), cold: cold.take() },
          parts: parts
            .map((tally, part) => ({ part, units: tally.take() }))
            .filter(({ units: { units } }) => units > 0),
        })),
      ...(missedPairs.length > 0 ? { missedPairs } : {}),
      ...(compared + skipped > 0 ? { agreement: { release: this.step.release, ...this.#agreement } } : {}),
      stickyFallbacks: this.#stickyFallbacks,
      dropped: this.#dropped,
    };
    this.#fromMs = nowMs;
    this.#agreement = noAgreement();
    this.#missedPairs = noMissedPairs();
    this.#stickyFallbacks = 0;
    this.#dropped = 0;
    return taken;
  }
}

interface PartPairs {
  readonly part: number;
  canaryOnly: number;
  liveOnly: number;
}

const noMissedPairs = (): PartPairs[] =>
  Array.from({ length: clientParts }, (_, part) => ({ part, canaryOnly: 0, liveOnly: 0 }));

const isAny = ({ canaryOnly, liveOnly }: PartPairs): boolean => canaryOnly + liveOnly > 0;

function noAgreement(): { compared: number; agreed: number; skipped: number; reasons: Record<string, number> } {
  return { compared: 0, agreed: 0, skipped: 0, reasons: {} };
}

/**
 * The counts of this gateway on their way to the control plane. An interval gets its number when it is closed, and is then
 * sent unchanged until a report with it was acknowledged; meanwhile the next one adds up. So a report that was taken and
 * whose answer was lost counts once, and an outage of any length costs one interval of memory.
 */
export class CountsOutbox {
  #closed: CanaryCounts[] = [];
  #present: StepCounts | null = null;
  #sequence = 0;

  /** Null where no step is judged: nothing is counted. */
  get present(): StepCounts | null {
    return this.#present;
  }

  /** Everything that was counted was taken. */
  get empty(): boolean {
    return this.#closed.length === 0 && this.#present?.empty !== false;
  }

  /** Begins anew where the step is another one. True when it is. */
  follow(step: RoutingCanary | undefined, nowMs: number): boolean {
    const before = this.#present;
    if (before !== null && step !== undefined && sameStep(before.step, step)) return false;
    if (before === null && step === undefined) return false;
    if (before !== null) {
      before.open = false;
      this.#close(before, nowMs);
    }
    this.#present = step === undefined ? null : new StepCounts(step, nowMs);
    return true;
  }

  /** For a report, oldest first. The open interval is closed unless one of its step still waits for its acknowledgement. */
  take(nowMs: number): readonly CanaryCounts[] {
    const present = this.#present;
    if (present !== null && !this.#closed.some((counts) => sameStep(counts.step, present.step))) {
      this.#close(present, nowMs);
    }
    return this.#closed;
  }

  /** These are recorded, and need not be sent again. */
  acknowledge(upTo: number): void {
    this.#closed = this.#closed.filter(({ sequence }) => sequence > upTo);
  }

  #close(counts: StepCounts, nowMs: number): void {
    if (counts.empty) return;
    this.#sequence += 1;
    const closed = [...this.#closed, counts.take(this.#sequence, nowMs)];
    // Only steps that followed one another while nobody listened come here; their judge has gone on without them.
    this.#closed = closed.slice(-canaryCountsAtMost);
  }
}

function sameStep(a: RoutingCanary, b: RoutingCanary): boolean {
  return a.release === b.release && a.against === b.against && a.step === b.step && a.startedAtMs === b.startedAtMs;
}
