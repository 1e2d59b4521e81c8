import { setTimeout as delay } from 'node:timers/promises';
import { demandApi } from '../../test/kubernetes/cluster/api.ts';
import { startApiServer } from '../../test/kubernetes/cluster/control-plane.ts';
import { stopProgram } from '../../test/kubernetes/cluster/program.ts';
import { until, type Pod } from '../../test/kubernetes/installed/installation-world.ts';
import { GatewayClients, type FailedRequest } from './gateway-clients.ts';
import { measuredNamespace, type InstalledPlimsoll } from './installed-plimsoll.ts';

/** What clients and pods went through while there was no API server. */
export interface ApiAway {
  readonly awaySeconds: number;
  readonly requests: number;
  readonly failures: readonly FailedRequest[];
  /** Pods of replicas and gateways that are another's, or that came beside, a minute after the API server was back. */
  readonly changedPods: readonly string[];
}

/** For so long after its return the API server may find pods that nobody is to make, or to end. */
const watchedSeconds = 60;
const sayEverySeconds = 60;

/** Kills the API server under load, starts it again after `awaySeconds`, and looks at what became of the pods. */
export async function measureApiAway(
  installed: InstalledPlimsoll,
  awaySeconds: number,
  say: (line: string) => void,
): Promise<ApiAway> {
  const before = await podsByName(installed);
  const clients = new GatewayClients(installed);
  try {
    while (clients.answered < 50) await delay(50);
    await stopProgram(installed.place, 'kube-apiserver', 'SIGKILL');
    for (let second = 0; second < awaySeconds; second += 1) {
      await delay(1_000);
      if (second % sayEverySeconds !== sayEverySeconds - 1) continue;
      say(`no API server for ${second + 1} s: ${clients.answered} answers, ${clients.failures.length} failures`);
    }
    await startApiServer(installed.place);
    const answered = clients.answered;
    await until('requests are answered', () => Promise.resolve(clients.answered >= answered + 20));
    await until(
      'the control plane is led to again',
      async () => (await installed.addresses('control-plane')).length === 1,
    );
    await delay(watchedSeconds * 1_000);
  } finally {
    await clients.end();
  }
  const after = await podsByName(installed);
  const names = new Set([...before.keys(), ...after.keys()]);
  return {
    awaySeconds,
    requests: clients.answered + clients.failures.length,
    failures: clients.failures,
    changedPods: [...names].filter((name) => before.get(name) !== after.get(name)),
  };
}

/** Uid and starts of each pod of a replica or of a gateway. */
async function podsByName({ place }: InstalledPlimsoll): Promise<ReadonlyMap<string, string>> {
  const { items } = await demandApi(place, 'GET', `/api/v1/namespaces/${measuredNamespace}/pods`);
  const told = (
    items as readonly (Pod & {
      readonly status: { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
    })[]
  )
    .filter(({ metadata }) => !metadata.name.startsWith('plimsoll-control-plane'))
    .map(({ metadata, status }) => {
      const starts = (status.containerStatuses ?? []).map(({ restartCount }) => restartCount).join();
      return [metadata.name, `${metadata.uid} started again ${starts} times`] as const;
    });
  return new Map(told);
}
