import { randomBytes } from 'node:crypto';
import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { isBetting, planDigestOf, poolAgeMs, poolAtMost, type Ask } from '../../core/monitoring/asked/ask.ts';
import { chooseAsked } from '../../core/monitoring/asked/choose-asked.ts';
import type { LabelledPrediction } from '../../core/monitoring/labels/label-state.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { StoreReader, StoreWriter } from '../../ports/records/store.ts';
import type { AskLabelsRequest, AskedLabels } from '../../schemas/http/monitoring/http-labels.ts';
import type { ServiceScope } from '../service/service-scope.ts';

const readAtOnce = 5_000;

/**
 * Chooses captured requests that should be labelled, and records the choice with its propensities. The same ask id again
 * gives the same requests. Each request has one chance: an ask chooses from the requests since the ask before.
 *
 * @throws PlimsollError `labels-not-judged` (conflict) where no plan is there yet, `nothing-to-ask` (conflict) where no
 *   request came since the last ask.
 */
export async function askLabels(
  tx: StoreWriter,
  { service, environment }: ServiceScope,
  { askId, count }: AskLabelsRequest,
  by: string,
  nowMs: number,
  nextShare: () => number = randomShare,
): Promise<AskedLabels> {
  const known = await tx.labelAsk(service, environment, askId);
  if (known !== null) return answerOf(tx, { service, environment }, known);
  const state = (await tx.labelMemory(service, environment))?.state ?? null;
  if (state === null) throw notJudged();
  const { plan } = state;
  const last = await tx.lastLabelAsk(service, environment);
  const pool = await readPool(tx, { service, environment }, last?.toSeq ?? 0, nowMs, plan.releases);
  const toSeq = pool.at(-1)?.seq;
  if (toSeq === undefined) throw nothingToAsk(last);
  const lastBettingMs = last === null ? null : last.bets ? last.askedAtMs : (last.lastBettingMs ?? null);
  const ask: Ask = {
    ...{ askId, askedAtMs: Math.max(nowMs, (last?.askedAtMs ?? 0) + 1), toSeq, by, releases: plan.releases },
    ...{ bets: isBetting(lastBettingMs, plan, nowMs), lastBettingMs },
    planDigest: planDigestOf(plan),
    ...chooseAsked(pool, count, nextShare),
  };
  await tx.addLabelAsk(service, environment, ask);
  return answerOf(tx, { service, environment }, ask);
}

/** The newest requests of the last day that no ask chose from, whether they have a label already or not. */
async function readPool(
  store: StoreReader,
  { service, environment }: ServiceScope,
  fromSeq: number,
  nowMs: number,
  releases: readonly number[],
): Promise<readonly LabelledPrediction[]> {
  let pool: LabelledPrediction[] = [];
  for (let afterSeq = fromSeq; ;) {
    const read = await store.predictions(service, environment, afterSeq, readAtOnce);
    const usable = read.filter(({ atMs, release }) => nowMs - atMs < poolAgeMs && releases.includes(release));
    pool = [...pool, ...usable].slice(-poolAtMost);
    const end = read.at(-1);
    if (end === undefined || read.length < readAtOnce) return pool;
    afterSeq = end.seq;
  }
}

async function answerOf(store: StoreReader, { service, environment }: ServiceScope, ask: Ask): Promise<AskedLabels> {
  const ids = [...new Set(ask.chosen.map(({ requestId }) => requestId))];
  const labelled = new Set((await store.labelsOf(service, environment, ids)).map(({ requestId }) => requestId));
  const first = new Map(ask.chosen.map((each) => [each.requestId, each]));
  return {
    ...{ askId: ask.askId, askedAtMs: ask.askedAtMs, rows: ask.rows, activeShare: ask.activeShare, bets: ask.bets },
    draws: ask.chosen.length,
    requests: [...first.values()]
      .map(({ requestId, atMs, propensityShare }) => {
        return { requestId, atMs, propensityShare, isLabelled: labelled.has(requestId) };
      })
      // By time: an order by score would tell the answer.
      .sort((a, b) => a.atMs - b.atMs || (a.requestId < b.requestId ? -1 : 1)),
  };
}

/** Uniform in [0, 1), which nobody can foretell. */
const randomShare = (): number => randomBytes(6).readUIntBE(0, 6) / 2 ** 48;

const notJudged = (): PlimsollError =>
  new PlimsollError({
    code: 'labels-not-judged',
    category: 'conflict',
    message:
      'no labels are judged yet: the contract of the live release has no monitoring.labels, or no control plane ran since',
    next: nextStep(controlPlaneSteps, 'labels-not-judged'),
  });

const nothingToAsk = (last: Ask | null): PlimsollError =>
  new PlimsollError({
    code: 'nothing-to-ask',
    category: 'conflict',
    message:
      last === null
        ? 'no captured request of the last day has an answer that a label could be held against: a class, or a number'
        : `no request was captured since the last ask, ${last.askId}, and each request has one chance to be chosen`,
    next:
      last === null
        ? nextStep(controlPlaneSteps, 'nothing-to-ask/labels-status')
        : nextStep(controlPlaneSteps, 'nothing-to-ask/labels-ask', { askId: last.askId }),
  });
