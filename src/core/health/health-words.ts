import { formatDuration, formatElapsed } from '../units/quantity/quantity-duration.ts';
import { formatPercent } from '../units/quantity/quantity-percent.ts';
import { shareOf, type Broken, type Burn } from './burn.ts';
import type { HealthChange, HealthFacts } from './health.ts';
import type { QuantilePromise } from '../contract/promises.ts';
import { countLate, countTimed, type Outcomes, type TimedPart } from './outcomes.ts';

/** Up to this many are told as numbers: a percentage of four says more than is known. */
const fewRequests = 20;

/** `release 2 went live 45s ago` */
export const nameChange = ({ what, atMs }: HealthChange, nowMs: number): string =>
  `${what} ${formatSeconds(nowMs - atMs)} ago`;

/** `Failing: 100% of requests failed for 40s, since release 2 went live 45s ago.` */
export function describeBurn(burn: Burn, facts: Pick<HealthFacts, 'nowMs' | 'change'>, isCause: boolean): string {
  const { nowMs, change } = facts;
  const word = burn.state === 'failing' ? 'Failing' : 'Degraded';
  const broke = burn.late === null ? 'failed' : `took longer than ${formatDuration(burn.late.limitMs)}`;
  const lasted = `for ${formatSeconds(nowMs - burn.sinceMs)}`;
  const told = change === null ? null : nameChange(change, nowMs);
  const since = isCause && told !== null ? `, since ${told}` : '';
  const last = !isCause && told !== null ? ` Last change: ${told}.` : '';
  const what = burn.late === null ? 'requests' : timedWords[burn.late.part];
  const parts = [`${word}: ${countWords(burn.lasting, what)} ${broke} ${lasted}${since}`];
  if (burn.state === 'degraded') {
    const hour = `${countWords(burn.hour, what)} over the last hour`;
    const allowed = `${formatPercent(burn.allowedShare)} ${burn.isPromised ? 'allowed' : 'expected at most'}`;
    parts.push(`; ${hour}, ${allowed}`);
  }
  return `${parts.join('')}.${last}`;
}

/** `Healthy: 1,200 requests in the last hour, none failed; 99.8% took at most 50ms.` */
export function describeHealthy({ replicas, promises }: HealthFacts, hour: Outcomes): string {
  if (hour.requests === 0) {
    if (replicas?.wanted === 0) return 'Healthy: asleep; the next request wakes it.';
    const ready =
      replicas === null
        ? ''
        : `, and ${replicas.ready === 1 ? '1 replica is' : `${replicas.ready} replicas are`} ready`;
    return `Healthy: no request in the last hour${ready}.`;
  }
  const failed =
    hour.failed === 0 ? 'none failed' : `${countWords({ of: hour.requests, broken: hour.failed }, 'requests')} failed`;
  const kept = describeKept(hour, 'latency', promises?.latency) ?? '';
  const first = describeKept(hour, 'ttft', promises?.ttft) ?? '';
  return `Healthy: ${number(hour.requests)} ${hour.requests === 1 ? 'request' : 'requests'} in the last hour, ${failed}${kept}${first}.`;
}

const timedWords: Readonly<Record<TimedPart, string>> = { latency: 'answers', ttft: 'first tokens' };

/** `; 99.8% took at most 50ms`, `; 99.8% of first tokens took at most 400ms`; null where nothing is promised or timed. */
function describeKept(hour: Outcomes, part: TimedPart, promises: readonly QuantilePromise[] = []): string | null {
  const [strictest] = promises.toSorted((a, b) => b.share - a.share);
  if (strictest === undefined) return null;
  const timed = countTimed(hour, part);
  if (timed === 0) return part === 'ttft' ? '; no first token was timed' : null;
  const kept = floorPercent(1 - countLate(hour, strictest.limitMs, part) / timed);
  const what = part === 'ttft' ? ` of ${timedWords.ttft}` : '';
  return `; ${kept}${what} took at most ${formatDuration(strictest.limitMs)}`;
}

function countWords(broken: Broken, what: string): string {
  if (broken.of < fewRequests) return `${broken.broken} of ${broken.of} ${what}`;
  const share = shareOf(broken);
  // What failed is never rounded away, and what did not fail neither.
  const shown = share === 1 ? '100%' : `${roundUp(share)}%`;
  return `${shown} of ${what}`;
}

function roundUp(share: number): string {
  const percent = share * 100;
  const decimals = percent >= 10 ? 0 : percent >= 1 ? 1 : 2;
  const factor = 10 ** decimals;
  return String(Math.min(Math.ceil(percent * factor - 1e-9) / factor, percent >= 99 ? 99.9 : 99));
}

/** Never better than it is: 99.99% is not 100%. */
function floorPercent(share: number): string {
  return `${Math.floor(share * 1000 + 1e-9) / 10}%`;
}

const number = (count: number): string => count.toLocaleString('en-US');

/** Whole seconds: `40s`, `2m 5s`. */
export const formatSeconds = (ms: number): string => formatElapsed(Math.max(1, Math.round(ms / 1000)) * 1000);
