import { unattributableReasons } from '../ledger/state.ts';
import { formatElapsed } from '../../units/quantity/quantity-duration.ts';
import type { Judgement } from '../../units/verdict.ts';
import { heldOf, hoursWithin, type ServiceAccount } from './service-account.ts';

/** More of a service's time than this must not be unattributable. */
export const unattributableAtMostShare = 0.05;
/** An account that ends earlier than this before now tells nothing of now. The ledger is written each minute. */
const silentMs = 10 * 60_000;
/** Device-milliseconds that tell whether much of the time is lost. */
const leastMs = 10 * 60_000;
/** The hour that is not over, and the one before it. */
const windowMs = 2 * 3_600_000;

/**
 * Returns whether the time of a service is attributed, idle time included, over the hour that is not over and the one before it.
 *
 * | # | the account | verdict |
 * |---|---|---|
 * | 1 | is not read yet, or ends more than 10 minutes ago | unknown |
 * | 2 | has facts about the service that cannot be true | fail |
 * | 3 | has no time of the service | unknown |
 * | 4 | has no work of a ready replica yet: neither serving nor idle | unknown |
 * | 5 | more than 5% of the time is unattributable, of 10 minutes at least | fail |
 * | 6 | the same, of less: gateways have just begun to report | inconclusive |
 * | 7 | otherwise | pass |
 *
 * That the account adds up needs no row: `conservation.ts` throws where it does not, and the account then ends.
 *
 * Worked: 6 s serving, 50 s idle, 2 s loading and 2 s of `work-not-reported` are 3.3% of 60 s: pass.
 */
export function judgeAttribution(account: ServiceAccount | null, nowMs: number): Judgement {
  if (account === null) return unknown('the account of device time is not read yet');
  const silentForMs = nowMs - account.toMs;
  if (silentForMs > silentMs) return unknown(`the account of device time ends ${formatElapsed(silentForMs)} ago`);
  const { errors } = account;
  if (errors.length > 0) return { verdict: 'fail', reasons: errors };
  const hours = hoursWithin(account, windowMs);
  const sum = (of: (hour: (typeof hours)[number]) => number): number =>
    hours.reduce((total, hour) => total + of(hour), 0);
  const lostMs = sum(({ stateMs }) => stateMs.unattributable);
  const allMs = sum(heldOf) + lostMs;
  if (allMs <= 0) return unknown('no device time of the service is recorded yet');
  const [servingMs, idleMs] = [sum(({ stateMs }) => stateMs.serving), sum(({ stateMs }) => stateMs.idle)];
  const lost = `${percent(lostMs / allMs)} of ${formatElapsed(allMs)} is unattributable`;
  const named = unattributableReasons
    .map((reason) => [reason, sum(({ unattributableMs }) => unattributableMs[reason] ?? 0)] as const)
    .filter(([, ms]) => ms > 0)
    .map(([reason, ms]) => `${reason} ${formatElapsed(ms)}`);
  const because = named.length === 0 ? '' : ` (${named.join(', ')})`;
  if (servingMs + idleMs === 0) return unknown(`no work of a ready replica is recorded yet; ${lost}${because}`);
  if (lostMs > unattributableAtMostShare * allMs) {
    const verdict = allMs >= leastMs ? 'fail' : 'inconclusive';
    return { verdict, reasons: [`${lost}${because}; the limit is ${percent(unattributableAtMostShare)}`] };
  }
  const said = `serving ${percent(servingMs / allMs)}, idle ${percent(idleMs / allMs)} of ${formatElapsed(allMs)}`;
  return {
    verdict: 'pass',
    reasons: [`device time is attributed: ${said}; ${percent(lostMs / allMs)} is unattributable`],
  };
}

const unknown = (reason: string): Judgement => ({ verdict: 'unknown', reasons: [reason] });

/** One decimal below 10%. */
export const percent = (share: number): string => `${Number((share * 100).toFixed(share < 0.1 ? 1 : 0))}%`;
