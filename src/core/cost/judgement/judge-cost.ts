import type { Contract } from '../../contract/contract.ts';
import { combineVerdicts, type Judgement } from '../../units/verdict.ts';
import { describeRemedy, findRemedy, type Remedy } from './find-remedy.ts';
import { judgeAttribution } from './judge-attribution.ts';
import { judgeBudget } from './judge-budget.ts';
import { judgeUtilization } from './judge-utilization.ts';
import type { ServiceAccount } from './service-account.ts';

/** What of `cost` is judged. Attribution always is; the others where the contract writes them. */
export const costParts = ['attribution', 'budget', 'utilization'] as const;
export type CostPart = (typeof costParts)[number];

export interface JudgedCost extends Judgement {
  readonly parts: Readonly<Partial<Record<CostPart, Judgement>>>;
  /** What saves most of the idle time; null where nothing is idle, or no change is known. */
  readonly remedy: Remedy | null;
  /** End of the account that was judged; null before it is read. */
  readonly toMs: number | null;
}

/**
 * Returns the verdict of `cost` evidence, from the ledger.
 *
 * | part | judged where | table |
 * |---|---|---|
 * | attribution | always | `judgeAttribution`: the last two hours |
 * | budget | `cost.budget` is written | `judgeBudget`: the last span of the budget, and the next one |
 * | utilization | `cost.utilization` is written | `judgeUtilization`: the last 24 hours |
 *
 * Any part that fails fails; else any that is unknown is unknown; else any that is inconclusive is inconclusive. Budget and
 * utilization are not judged on an account that tells nothing of now. Reasons of the worst part come first.
 *
 * @param account null while it is not read.
 * @param mostMicrosPerHour as `judgeBudget` has it.
 */
export function judgeCost(
  account: ServiceAccount | null,
  contract: Contract,
  mostMicrosPerHour: number | null,
  nowMs: number,
): JudgedCost {
  const attribution = judgeAttribution(account, nowMs);
  const { cost } = contract;
  const parts: Partial<Record<CostPart, Judgement>> = { attribution };
  if (account !== null && attribution.verdict !== 'unknown') {
    if (cost?.budget !== undefined) parts.budget = judgeBudget(account, cost.budget, mostMicrosPerHour);
    if (cost?.utilization !== undefined) parts.utilization = judgeUtilization(account, cost.utilization);
  }
  const judged = costParts.flatMap((part) => parts[part] ?? []);
  const verdict = combineVerdicts(judged.map((each) => each.verdict));
  const [worst, others] = [
    judged.filter((each) => each.verdict === verdict),
    judged.filter((each) => each.verdict !== verdict),
  ];
  const remedy = account === null ? null : findRemedy(account, contract);
  return {
    verdict,
    reasons: [...worst, ...others].flatMap(({ reasons }) => reasons),
    parts,
    remedy,
    toMs: account?.toMs ?? null,
  };
}

/** What to do about cost evidence that does not pass. */
export const remedyOf = ({ remedy }: Pick<JudgedCost, 'remedy'>): string =>
  remedy === null ? 'See where device time goes: `plimsoll cost --by cause`' : describeRemedy(remedy);
