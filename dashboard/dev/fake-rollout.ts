import { beginCanary, judgeCanary, observe } from '../../src/core/rollout/judge/canary-judge.ts';
import { canaryPolicyOf } from '../../src/core/rollout/judge/canary-policy.ts';
import type {
  ArmInterval,
  CanaryJudgement,
  CanaryMetric,
  CanaryPause,
  CanaryPolicy,
  CanarySample,
  CanaryState,
} from '../../src/core/rollout/judge/canary.ts';
import { latencyBinOf } from '../../src/core/rollout/judge/latency-bins.ts';
import type { RolloutAnswer } from '../../src/schemas/http/release/http-rollout.ts';
import type { RolloutView } from '../../src/schemas/view/view.ts';
import type { FakeEvent } from './fake-history.ts';
import { FakeRandom } from './fake-signals.ts';

/** A rollout of made-up traffic, judged by the judge itself: its words and intervals are those that a service shows. */

const steps = [0.05, 0.25, 1] as const;
const judgedSteps = 3;
const everyMs = 5_000;
const requestsPerSecond = 220;

interface FakeStep {
  readonly step: number;
  readonly seconds: number;
  /** Of a request that the canary answers. */
  readonly errorShare: number;
  readonly slower: number;
}

const usual: readonly FakeStep[] = [
  { step: -1, seconds: 240, errorShare: 0.001, slower: 1 },
  { step: 0, seconds: 600, errorShare: 0.001, slower: 1.01 },
  { step: 1, seconds: 190, errorShare: 0.001, slower: 1.01 },
];
const worse: readonly FakeStep[] = [
  { step: -1, seconds: 240, errorShare: 0.001, slower: 1 },
  { step: 0, seconds: 95, errorShare: 0.021, slower: 1.04 },
];

export class FakeRollout {
  readonly release: number;
  readonly against: number;
  pause: CanaryPause | null = null;
  promote: CanaryPause | null = null;
  over = false;
  samples: readonly CanarySample[] = [];
  events: readonly FakeEvent[] = [];
  step = -1;
  startedAtMs = 0;
  #state: CanaryState;
  #policy: CanaryPolicy;
  #ranMs = 0;
  readonly #random = new FakeRandom();

  constructor(release: number, against: number, nowMs: number, goesBack: boolean) {
    this.release = release;
    this.against = against;
    this.#policy = policyOf(-1);
    this.#state = beginCanary(this.#policy);
    const plan = goesBack ? worse : usual;
    let atMs = nowMs - plan.reduce((sum, { seconds }) => sum + seconds * 1000, 0);
    for (const part of plan) {
      this.#begin(part.step, atMs);
      for (let second = 0; second < part.seconds; second += everyMs / 1000) {
        atMs += everyMs;
        this.#look(atMs, part);
      }
    }
    this.over = goesBack;
  }

  get judgement(): CanaryJudgement | null {
    return this.samples.at(-1)?.judgement ?? null;
  }

  /** Time goes on; nothing does while it stands paused. */
  tick(nowMs: number): boolean {
    const last = this.judgement?.atMs ?? 0;
    if (this.over || this.pause !== null || nowMs - last < everyMs) return false;
    this.#look(nowMs, { step: this.step, seconds: 0, errorShare: 0.001, slower: 1.01 });
    return true;
  }

  view(): RolloutView | null {
    if (this.over) return null;
    return {
      release: this.release,
      against: this.against,
      step: this.step,
      steps,
      shadowShare: 0.1,
      share: this.step < 0 ? 0 : (steps[this.step] ?? 1),
      startedAtMs: this.startedAtMs,
      elapsedMs: this.#ranMs,
      atLeastMs: this.#policy.minMs,
      withinMs: this.#policy.timeLimitMs,
      onInconclusive: 'hold',
      pause: this.pause,
      promote: this.promote,
      judgement: this.judgement,
    };
  }

  answer(): RolloutAnswer {
    return { rollout: this.view(), release: this.release, samples: this.samples };
  }

  #begin(step: number, atMs: number): void {
    this.#policy = policyOf(step);
    this.#state = beginCanary(this.#policy);
    this.#ranMs = 0;
    this.step = step;
    this.startedAtMs = atMs;
    const share = step < 0 ? 0 : (steps[step] ?? 1);
    const name = step < 0 ? 'the shadow' : `step ${step + 1} of ${steps.length} (${share * 100}%)`;
    const { release, against } = this;
    const reason = this.judgement?.reasons.join('; ') ?? 'its replicas are ready';
    const summary = `Release ${release} is in ${name}, judged against release ${against}: ${reason}`;
    const data = { release, against, step, share, reason, policy: this.#policy };
    this.events = [...this.events, { kind: 'rollout.step-began', summary, atMs, data, by: 'control-plane' }];
  }

  #look(atMs: number, { errorShare, slower }: FakeStep): void {
    const share = this.step < 0 ? 0.1 : (steps[this.step] ?? 1);
    const requests = (requestsPerSecond * everyMs) / 1000;
    const live = this.#arm(Math.round(requests * (this.step < 0 ? 1 : 1 - share)), 0.001, 1);
    const canary = this.#arm(Math.round(requests * share), errorShare, slower);
    const none: ArmInterval = { units: 0, errors: 0, latency: {} };
    const cold = this.#ranMs < 10_000 ? this.#arm(6, 0, 7) : none;
    this.#state = observe(this.#state, {
      atMs,
      durationMs: everyMs,
      live,
      canary,
      cold: { live: none, canary: cold },
      ...(this.step < 0
        ? { agreement: { compared: canary.units, agreed: canary.units - this.#hits(canary.units, 0.003) } }
        : {}),
    });
    this.#ranMs += everyMs;
    const judgement = judgeCanary(this.#state, this.#policy, { nowMs: atMs, elapsedMs: this.#ranMs });
    const { release, step } = this;
    this.samples = [...this.samples, { service: 'digits', environment: 'default', release, step, judgement }];
  }

  #arm(units: number, errorShare: number, slower: number): ArmInterval {
    const latency: Record<number, number> = {};
    for (let unit = 0; unit < units; unit += 1) {
      const ms =
        2.4 * slower * Math.exp(0.4 * (this.#random.next() + this.#random.next() + this.#random.next() - 1.5) * 2);
      const bin = latencyBinOf(ms);
      latency[bin] = (latency[bin] ?? 0) + 1;
    }
    return { units, errors: this.#hits(units, errorShare), latency };
  }

  #hits(units: number, share: number): number {
    let hits = 0;
    for (let unit = 0; unit < units; unit += 1) if (this.#random.next() < share) hits += 1;
    return hits;
  }
}

function policyOf(step: number): CanaryPolicy {
  const metrics: readonly CanaryMetric[] = step < 0 ? ['errors', 'latency', 'agreement'] : ['errors', 'latency'];
  return { ...canaryPolicyOf({ steps, metrics }), steps: judgedSteps };
}
