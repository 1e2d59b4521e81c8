import {
  addToTally,
  emptyLabelMemory,
  keptAfterMaturityMs,
  waitingForPredictionMs,
} from '../../core/monitoring/labels/label-memory.ts';
import type { LabelPlan } from '../../core/monitoring/labels/label-plan.ts';
import { beginLabels, maturePart, takeMature, type LabelState } from '../../core/monitoring/labels/label-state.ts';
import { dueAsk, takeDueAsks } from './judge-asks.ts';
import { canonicalJson } from '../../core/units/digest.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Fence, Store, StoreWriter } from '../../ports/records/store.ts';
import type { ServiceScope } from '../service/service-scope.ts';

export interface LabelJudgeParts extends ServiceScope {
  readonly store: Store;
  readonly clock: Clock;
  fence(): Fence;
  /** Undefined while it is not known; null where the contract asks for no labels. */
  plan(): LabelPlan | null | undefined;
}

const lookEveryMs = 5_000;
const forgetEveryMs = 60_000;
/** Predictions of one transaction: some hundred milliseconds at most. */
const predictionsAtOnce = 2_000;

/**
 * Judges predictions as they mature. All that it remembers is in the store, written in the transaction that read the
 * predictions: a kill at any moment judges each of them once.
 */
export class LabelJudge {
  readonly #parts: LabelJudgeParts;
  #lookedMs = -Infinity;
  #forgotMs = -Infinity;

  constructor(parts: LabelJudgeParts) {
    this.#parts = parts;
  }

  /** Takes what is mature, some thousand predictions a look; nothing while it is too soon for another look. */
  async look(): Promise<void> {
    const { clock, store, service, environment } = this.#parts;
    const plan = this.#parts.plan();
    const isSoon = clock.monotonicMs() - this.#lookedMs < lookEveryMs;
    if (isSoon || plan === undefined || plan === null) return;
    this.#lookedMs = clock.monotonicMs();
    const nowMs = clock.nowMs();
    const memory = await store.labelMemory(service, environment);
    const state = continueLabels(memory?.state ?? null, plan);
    const [next] = await store.predictions(service, environment, state.afterSeq, 1);
    const isAskDue = (await dueAsk(store, this.#parts, plan, nowMs)) !== null;
    const isMature = next !== undefined && next.atMs + plan.withinMs <= nowMs;
    const isOver = state.open !== null && state.open.fromMs + plan.cohortMs + plan.withinMs <= nowMs;
    const isNew = memory?.state !== state;
    const forgets = clock.monotonicMs() - this.#forgotMs >= forgetEveryMs;
    if (!isMature && !isOver && !isNew && !forgets && !isAskDue) return;
    await store.transaction(this.#parts.fence(), (tx) => takeStep(tx, this.#parts, plan, nowMs, forgets));
    if (forgets) this.#forgotMs = clock.monotonicMs();
  }
}

async function takeStep(
  tx: StoreWriter,
  { service, environment }: ServiceScope,
  plan: LabelPlan,
  nowMs: number,
  forgets: boolean,
): Promise<void> {
  const memory = (await tx.labelMemory(service, environment)) ?? emptyLabelMemory;
  const before = continueLabels(memory.state, plan);
  const read = await tx.predictions(service, environment, before.afterSeq, predictionsAtOnce);
  const mature = maturePart(read, plan.withinMs, nowMs);
  const isAll = mature.length < predictionsAtOnce;
  const state = await takeDueAsks(
    tx,
    { service, environment },
    takeMature(before, mature, isAll ? nowMs : null),
    nowMs,
  );
  // What is not judged yet is not forgotten, however old it is: a control plane may have been away for days.
  const unknown =
    forgets && isAll
      ? await tx.forgetLabels(
          service,
          environment,
          nowMs - plan.withinMs - keptAfterMaturityMs,
          nowMs - waitingForPredictionMs,
        )
      : 0;
  if (forgets) await tx.forgetLabelAsks(service, environment, nowMs - 2 * plan.withinMs - 2 * keptAfterMaturityMs);
  await tx.setLabelMemory(service, environment, { ...addToTally(memory, { unknown }), state });
}

/**
 * The state that goes on under a plan: a further release of what was evaluated changes nothing; another evaluation, metric
 * or time begins anew, after the predictions that were judged.
 */
export function continueLabels(state: LabelState | null, plan: LabelPlan): LabelState {
  if (state === null) return beginLabels(plan);
  if (canonicalJson(state.plan) === canonicalJson(plan)) return state;
  const isSame = canonicalJson({ ...state.plan, releases: [] }) === canonicalJson({ ...plan, releases: [] });
  const goesOn = isSame && plan.releases.some((release) => state.plan.releases.includes(release));
  return goesOn ? { ...state, plan } : beginLabels(plan, state.afterSeq);
}
