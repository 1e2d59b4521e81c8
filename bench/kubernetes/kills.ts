import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../test/kubernetes/installed/installation-world.ts';
import { GatewayClients, type FailedRequest } from './gateway-clients.ts';
import { controlPlanePid, gatewayPid, type InstalledPlimsoll } from './installed-plimsoll.ts';

/** What clients of the gateways saw while pods were killed one after the other. */
export interface Kills {
  readonly kills: number;
  readonly requests: number;
  /** At the moments of the kills, at the gateways that were killed. A process ends a moment later. */
  readonly inFlight: number;
  /** Connections to a gateway that was gone, which Kubernetes still led to: nothing was sent on them. */
  readonly refusedConnections: number;
  readonly failures: readonly FailedRequest[];
  /** Failures of requests that were sent when their gateway was gone, or to a gateway that was not killed. */
  readonly failedLater: number;
  /** Of these, those on connections that were made when their gateway was gone, or to a gateway that was not killed. */
  readonly failedOnLater: number;
  /**
   * Of failures on earlier connections, the longest time from the end of the process to the request. A client sends on a connection until
   * it has read that the connection ended.
   */
  readonly sentAfterMs: number;
  /** Of the control plane or gateway, until its successor is Ready. */
  readonly backMs: readonly number[];
}

interface KilledGateway {
  readonly address: string;
  readonly inFlight: number;
  /** When its process had ended. */
  readonly goneMs: number;
}

type Say = (line: string) => void;

export function killControlPlanes(installed: InstalledPlimsoll, kills: number, say: Say): Promise<Kills> {
  return underLoad(installed, kills, say, async () => {
    const [pod] = await installed.pods('control-plane');
    if (pod === undefined) throw new Error('no control plane runs');
    await installed.killPod(pod, controlPlanePid());
    await until('another control plane is Ready', async () => {
      const [now, ...others] = await installed.pods('control-plane');
      const led = await installed.addresses('control-plane');
      return others.length === 0 && now?.metadata.uid !== pod.metadata.uid && led.join() === now?.status.podIP;
    });
    return null;
  });
}

export function killGateways(installed: InstalledPlimsoll, kills: number, say: Say): Promise<Kills> {
  return underLoad(installed, kills, say, async (clients, turn) => {
    const pods = await installed.pods('gateway');
    const pod = pods[turn % pods.length];
    if (pod?.status.podIP === undefined) throw new Error('no gateway runs');
    const pid = gatewayPid(pod.metadata.name);
    // A moment with requests under way, where there is one within a second.
    for (let tried = 0; tried < 200 && clients.inFlight(pod.status.podIP) === 0; tried += 1)
      await delay(1 + (tried % 7));
    const old = pod.status.podIP;
    const inFlight = clients.inFlight(old);
    const goneMs = await installed.killPod(pod, pid);
    await until('another gateway is Ready', async () => {
      const led = await installed.addresses('gateway');
      return led.length === 2 && !led.includes(old);
    });
    return { address: old, inFlight, goneMs };
  });
}

async function underLoad(
  installed: InstalledPlimsoll,
  kills: number,
  say: Say,
  kill: (clients: GatewayClients, turn: number) => Promise<KilledGateway | null>,
): Promise<Kills> {
  const clients = new GatewayClients(installed);
  const backMs: number[] = [];
  const killed: KilledGateway[] = [];
  /** How long before the request its gateway had ended, where its connection was made before that; null for others. */
  const afterEndMs = ({ address, sentMs, connectedMs }: FailedRequest): number | null => {
    const gateway = killed.find((each) => each.address === address && connectedMs <= each.goneMs);
    return gateway === undefined ? null : sentMs - gateway.goneMs;
  };
  const isLater = (failure: FailedRequest): boolean => (afterEndMs(failure) ?? 1) > 0;
  const later = (): readonly FailedRequest[] => clients.failures.filter(isLater);
  try {
    while (clients.answered < 50) await delay(50);
    for (let turn = 0; turn < kills; turn += 1) {
      const beganMs = performance.now();
      const gateway = await kill(clients, turn);
      if (gateway !== null) killed.push(gateway);
      backMs.push(performance.now() - beganMs);
      const answered = clients.answered;
      while (clients.answered < answered + 20) await delay(20);
      if (turn % 10 !== 9) continue;
      const counted = `${clients.answered} answers, ${clients.failures.length} failures`;
      say(
        `${turn + 1} kills, ${counted}, ${later().length} of requests that were sent later: ${later().at(-1)?.reason ?? ''}`,
      );
    }
  } finally {
    await clients.end();
  }
  const { answered, failures, refused } = clients;
  return {
    kills,
    requests: answered + failures.length,
    inFlight: killed.reduce((sum, each) => sum + each.inFlight, 0),
    refusedConnections: refused,
    failures,
    failedLater: later().length,
    failedOnLater: failures.filter((failure) => afterEndMs(failure) === null).length,
    sentAfterMs: Math.max(0, ...failures.map((failure) => afterEndMs(failure) ?? 0)),
    backMs,
  };
}
