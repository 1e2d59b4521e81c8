import type { Invalidation } from '../../core/evidence/lock/lock.ts';
import { shortDigest, type Digest } from '../../core/units/digest.ts';
import type { RolloutState } from '../../core/rollout/deployment/rollout-state.ts';
import type { EventNews } from '../../core/records/event.ts';
import type { PlatformNotice } from '../../ports/serving/platform-notice.ts';
import type { ReplayPassed, ReplayRejected } from './admission-runner.ts';
import type { GatewayChange } from '../gateway-registry.ts';

export function makeAdmittedEvent(passed: ReplayPassed): EventNews {
  const { replay, cases, largest, tookMs, runtime } = passed;
  const deviation = largest === null ? '' : `, largest deviation ${largest.absolute.toPrecision(3)}`;
  return {
    kind: 'replica.admitted',
    summary:
      replay.golden === null
        ? `Replica ${replay.replicaId} was admitted without a golden set: release ${replay.release} has none`
        : `Replica ${replay.replicaId} was admitted: it reproduced ${cases} golden inputs in ${Math.round(tookMs)} ms${deviation}`,
    data: {
      replicaId: replay.replicaId,
      release: replay.release,
      golden: replay.golden,
      cases,
      largest: largest === null ? null : { ...largest, ofBand: Math.min(largest.ofBand, Number.MAX_VALUE) },
      tookMs,
      ...(runtime === undefined ? {} : { runtime }),
    },
  };
}

export function makeRejectedEvent(rejected: ReplayRejected): EventNews {
  const { replay, reason, offence } = rejected;
  return {
    kind: 'replica.rejected',
    summary: `Replica ${replay.replicaId} of release ${replay.release} is not admitted: ${reason}`,
    data: { replicaId: replay.replicaId, release: replay.release, golden: replay.golden, reason, offence },
  };
}

export function makeGatewayEvent({ change, report }: GatewayChange): EventNews {
  const { gatewayId, address, pid } = report;
  const words = {
    connected: `Gateway ${gatewayId} reports from ${address}`,
    restarted: `Gateway ${gatewayId} was started again and reports from ${address}`,
    lost: `Gateway ${gatewayId} has been silent for 10 s and does not count any more`,
  } as const;
  return { kind: `gateway.${change}`, summary: words[change], data: { gatewayId, address, pid } };
}

export function makeNoticeEvent({ kind, name, message }: PlatformNotice): EventNews {
  const summary = `${message.slice(0, 1).toUpperCase()}${message.slice(1)}`;
  return { kind: 'platform.noticed', summary, data: { what: kind, name, message } };
}

/** Told once a generation, when the last gateway has acknowledged it. Null while one is behind, or when told already. */
export function makeAcknowledgedEvent(state: RolloutState, toldGeneration: number): EventNews | null {
  const generation = state.routing?.generation ?? 0;
  if (generation <= toldGeneration || state.gateways.length === 0) return null;
  if (state.gateways.some((gateway) => gateway.acknowledgedGeneration < generation)) return null;
  const count = state.gateways.length;
  return {
    kind: 'routing.acknowledged',
    summary: `Generation ${generation} is acknowledged by ${count === 1 ? 'the gateway' : `all ${count} gateways`}`,
    data: { generation, gateways: state.gateways.map((gateway) => gateway.gatewayId) },
  };
}

/** @param evidence the golden evidence of the live release, where that is known. */
export function goldenInvalidation(
  rejected: ReplayRejected,
  environment: string,
  atMs: number,
  evidence?: Digest,
): Invalidation {
  const set = rejected.golden === null ? 'its golden set' : `golden set ${shortDigest(rejected.golden)}`;
  return {
    kind: 'golden',
    environment,
    reason: `replica ${rejected.replicaId} of live release ${rejected.replay.release} does not reproduce ${set}: ${rejected.reason}`,
    remedy: 'plimsoll golden record',
    atMs,
    ...(evidence === undefined ? {} : { evidence }),
  };
}
