import { CanaryInbox } from '../../src/control-plane/signals/canary-inbox.ts';
import type { CanaryJudgement, CanaryRecord } from '../../src/core/rollout/judge/canary.ts';
import { beginCanary } from '../../src/core/rollout/judge/canary-judge.ts';
import { canaryPolicyOf } from '../../src/core/rollout/judge/canary-policy.ts';
import { beginStep } from '../../src/core/rollout/judge/canary-step.ts';
import { lookAtStep } from '../../src/core/rollout/judge/fold-counts.ts';
import { aRelease } from '../../src/testing/builders/rollout-builders.ts';
import { ask, makeTable, startGateway, startUpstream, type GatewayRig } from '../../src/testing/rigs/gateway-rig.ts';

export const deadlineAttackKinds = ['hurry', 'hidden-canary'] as const;
export type DeadlineAttackKind = (typeof deadlineAttackKinds)[number];

export interface DeadlineAttackRow {
  readonly attack: DeadlineAttackKind;
  readonly text: string;
  /** Of the same step without the attack. */
  readonly calm: CanaryJudgement['outcome'];
  readonly outcome: CanaryJudgement['outcome'];
  readonly held: string | null;
  readonly passes: boolean;
}

/** No multiple of the two arms that requests take in turn, so that each client meets both. */
const tenants = 41;
const honestRequests = 800;
const together = 40;
/** Shorter than what an engine tells that it needs, and than a slow answer takes. */
const shortMs = 250;
const slowMs = 400;

/** Wide enough that the honest requests of a step prove an equal release; what is measured is what the attack changes of that. */
const policy = canaryPolicyOf({
  ...{ alphaShare: 0.05, steps: [0.5], metrics: ['errors'], errorMarginShare: 0.05 },
  ...{ minMs: 0, timeLimitMs: 3_600_000 },
});
const judgedByErrors = { policy, state: beginCanary(policy) };
const lookAtMs = 10_000;

interface Step {
  /** One of so many answers of the canary is slow; 0 for none. */
  readonly slowOneOf: number;
  /** Deadline of the honest clients; null for that of the gateway. */
  readonly honestDeadlineMs: number | null;
  /** Requests of clients in a hurry that only the canary misses, beside the honest ones. */
  readonly hurried: number;
}

/**
 * A canary step through a real gateway, judged by the way that its counts take.
 *
 * | attack | what it does | what has to hold |
 * |---|---|---|
 * | `hurry` | clients whose deadline the canary tells at once that it cannot keep, to have a good release barred | no roll-back |
 * | `hidden-canary` | a third of the canary's answers is slower than the deadlines of all clients, and so in no latency | no promotion |
 */
export async function measureDeadlineAttack(attack: DeadlineAttackKind): Promise<DeadlineAttackRow> {
  const isHurry = attack === 'hurry';
  const calm = await judgeStep({ slowOneOf: 0, honestDeadlineMs: isHurry ? null : shortMs, hurried: 0 });
  const judged = await judgeStep(
    isHurry
      ? { slowOneOf: 0, honestDeadlineMs: null, hurried: 2 * honestRequests }
      : { slowOneOf: 3, honestDeadlineMs: shortMs, hurried: 0 },
  );
  const { outcome } = judged;
  const holds = isHurry ? outcome !== 'roll-back' : outcome !== 'promote' && judged.held !== undefined;
  return {
    attack,
    text: isHurry
      ? `clients whose deadline of ${shortMs} ms only the canary misses`
      : `a canary of which a third takes ${slowMs} ms, and clients that wait ${shortMs} ms`,
    calm: calm.outcome,
    outcome,
    held: judged.held ?? null,
    passes: holds && calm.outcome === 'promote',
  };
}

async function judgeStep(step: Step): Promise<CanaryJudgement> {
  const begun: CanaryRecord = {
    ...beginStep(aRelease(2, { steps: [0.5, 1] }), 1, 0, 0),
    ...judgedByErrors,
    revision: 1,
  };
  const live = await startUpstream((req, res) => req.resume().on('end', () => res.end('{}')));
  let asked = 0;
  const canary = await startUpstream((req, res) => {
    const isHurried = req.headers['x-hurry'] !== undefined;
    const isSlow = step.slowOneOf > 0 && (asked += 1) % step.slowOneOf === 0;
    req.resume().on('end', () => {
      if (isHurried) res.writeHead(504).end();
      else setTimeout(() => res.end('{}'), isSlow ? slowMs : 0);
    });
  });
  const { release, against, step: number, startedAtMs } = begun;
  const table = makeTable(
    [
      { release: 1, share: 0.5, endpoints: [live.endpoint] },
      { release: 2, share: 0.5, endpoints: [canary.endpoint] },
    ],
    { canary: { release, against, step: number, startedAtMs }, clients: { header: 'x-tenant', each: {}, named: {} } },
  );
  const rig = await startGateway(table, {}, { unitBounds: { coldRequests: 0, coldMs: 0 }, random: Math.random });
  try {
    await sendAll(rig, step);
    const inbox = new CanaryInbox();
    inbox.report(rig.gateway.report());
    const { judgement } = lookAtStep(begun, inbox.counts(), null, lookAtMs);
    if (judgement === null) throw new Error('a step with counts has a judgement');
    return judgement;
  } finally {
    await rig.stop();
    await Promise.all([live.stop(), canary.stop()]);
  }
}

async function sendAll(rig: GatewayRig, { honestDeadlineMs, hurried }: Step): Promise<void> {
  const total = honestRequests + hurried;
  let next = 0;
  const sendOn = async (): Promise<void> => {
    for (let n = next++; n < total; n = next++) {
      // Those in a hurry come between the honest ones, each as one of eight clients.
      const isHurried = hurried > 0 && n % (total / honestRequests) !== 0;
      const deadlineMs = isHurried ? shortMs : honestDeadlineMs;
      const headers = {
        'x-tenant': isHurried ? `hurried-${Math.floor(n / 2) % 8}` : `honest-${n % tenants}`,
        ...(deadlineMs === null ? {} : { 'plimsoll-deadline-ms': String(deadlineMs) }),
        ...(isHurried ? { 'x-hurry': '1' } : {}),
      };
      await ask(rig.url, { body: '{}', headers });
    }
  };
  await Promise.all(Array.from({ length: together }, () => sendOn()));
}
