import { isAskOf, type Ask } from '../../core/monitoring/asked/ask.ts';
import { noAsked, takeAsk } from '../../core/monitoring/asked/asked-state.ts';
import type { LabelPlan } from '../../core/monitoring/labels/label-plan.ts';
import type { LabelState } from '../../core/monitoring/labels/label-state.ts';
import type { Truth } from '../../core/monitoring/labels/row-loss.ts';
import type { StoreReader, StoreWriter } from '../../ports/records/store.ts';
import type { ServiceScope } from '../service/service-scope.ts';

/** Asks of one transaction. */
const asksAtOnce = 10;

interface DueAsk {
  readonly ask: Ask;
  readonly truths: ReadonlyMap<string, Truth>;
}

/**
 * The oldest open ask, once all of its labels are there or `labels.within` passed since; null while it is not. Asks are
 * judged in their order, so that what is known of one never decides when an earlier one counts.
 */
export async function dueAsk(
  store: StoreReader,
  { service, environment }: ServiceScope,
  plan: LabelPlan,
  nowMs: number,
): Promise<DueAsk | null> {
  const [ask] = await store.openLabelAsks(service, environment, 1);
  if (ask === undefined) return null;
  const ids = [...new Set(ask.chosen.map(({ requestId }) => requestId))];
  const labels = await store.labelsOf(service, environment, ids);
  const isDue = labels.length === ids.length || ask.askedAtMs + plan.withinMs <= nowMs;
  return isDue ? { ask, truths: new Map(labels.map(({ requestId, truth }) => [requestId, truth])) } : null;
}

/** The state after the asks that are due. One that was made under another plan is closed without being used. */
export async function takeDueAsks(
  tx: StoreWriter,
  scope: ServiceScope,
  before: LabelState,
  nowMs: number,
): Promise<LabelState> {
  const { plan } = before;
  let state = before;
  for (let taken = 0; taken < asksAtOnce; taken += 1) {
    const due = await dueAsk(tx, scope, plan, nowMs);
    if (due === null) return state;
    await tx.setLabelAskJudged(scope.service, scope.environment, due.ask.askId);
    if (!isAskOf(due.ask, plan)) continue;
    state = { ...state, asked: takeAsk(state.asked ?? noAsked(plan), plan, due.ask, due.truths, nowMs) };
  }
  return state;
}
