import type { Contract } from '../../core/contract/contract.ts';
import { judgeCost, remedyOf, type JudgedCost } from '../../core/cost/judgement/judge-cost.ts';
import { mostMicrosPerHour } from '../../core/cost/judgement/most-per-hour.ts';
import type { LiveJudgement } from '../../core/proof/judge-environment.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { ReadProof, ReleaseProof } from '../judging/release-proof.ts';
import type { PricedAccount, ServiceAccounts } from '../ledger/accounts/service-accounts.ts';

/** What the ledger says of the cost of a service. */
export interface CostSource {
  /** Reads the ledger where that is due, and judges. Null where the contract of the shown release is not known. */
  judge(): Promise<FoundCost | null>;
}

export interface FoundCost {
  readonly contract: Contract;
  readonly release: number;
  readonly judged: JudgedCost;
}

export function makeCostSource(
  proof: ReadProof,
  accounts: Pick<ServiceAccounts, 'find' | 'refresh'>,
  clock: Clock,
): CostSource {
  return {
    async judge() {
      const found = await proof();
      if (found === null || 'unknown' in found) return null;
      const { contract } = found.loaded;
      // A service whose contract limits nothing reads no ledger.
      if (contract.cost !== undefined) await accounts.refresh();
      return { contract, release: found.release.number, judged: judgeFound(accounts, found, clock.nowMs()) };
    },
  };
}

/** The judgement of cost for the evidence of a release, from the ledger as it was read last; undefined where nothing asks. */
export function judgeLiveCost(
  accounts: Pick<ServiceAccounts, 'find'>,
  found: ReleaseProof,
  nowMs: number,
): LiveJudgement | undefined {
  if (found.loaded.contract.cost === undefined) return undefined;
  const judged = judgeFound(accounts, found, nowMs);
  const { verdict, reasons, toMs } = judged;
  const next = verdict === 'fail' ? remedyOf(judged) : 'plimsoll cost --by state';
  return { verdict, reasons, next, ...(toMs === null ? {} : { measuredAtMs: toMs }) };
}

function judgeFound(
  accounts: Pick<ServiceAccounts, 'find'>,
  { release: { service, environment }, loaded: { contract } }: ReleaseProof,
  nowMs: number,
): JudgedCost {
  const { account, prices } = accounts.find(service, environment);
  return judgeCost(account, contract, mostOf(contract, prices, nowMs), nowMs);
}

/** The most of all pools that the service is in; null where one of them has no price in the currency of the budget. */
function mostOf(contract: Contract, prices: PricedAccount['prices'], nowMs: number): number | null {
  const most = prices.map(({ pool, book }) =>
    book === null || book.currency !== contract.cost?.budget?.currency
      ? null
      : mostMicrosPerHour(contract, book, pool, nowMs),
  );
  const known = most.filter((each) => each !== null);
  return known.length === 0 || known.length < most.length ? null : Math.max(...known);
}
