import path from 'node:path';

/** Where a cluster lies and where its programs listen. Everything of it is inside one bubble. */
export interface ClusterPlace {
  /** Absolute; removed when the bubble ends. */
  readonly folder: string;
  readonly binaries: string;
  /** Name of the control group under which the pods run; removed when the bubble ends. */
  readonly cgroup: string;
}

/** The kubelet refuses a loopback address as that of its node. */
export const nodeAddress = '10.77.0.2';
/** Where pods ask for names; a test opens it. */
export const dnsAddress = '10.77.0.53';
export const realNode = 'real1';
/** Of the second kubelet, which a test starts. */
export const secondNode = 'real2';
export const ports = {
  etcd: 17_379,
  etcdPeer: 17_380,
  api: 17_443,
  controllers: 17_257,
  scheduler: 17_259,
  registry: 17_500,
};
export const apiServer = `https://${nodeAddress}:${ports.api}`;
/** Node labels of the machine that the real kubelet stands for. */
export const realNodeLabel = { 'plimsoll.test/real': 'true' };

export const fileOf = {
  authority: (place: ClusterPlace) => path.join(place.folder, 'certificates', 'apiserver.crt'),
  kubeconfig: (place: ClusterPlace, user: string) => path.join(place.folder, 'kubeconfigs', user),
  log: (place: ClusterPlace, program: string) => path.join(place.folder, 'logs', `${program}.log`),
  process: (place: ClusterPlace, program: string) => path.join(place.folder, 'processes', program),
};

const variable = 'PLIMSOLL_TEST_CLUSTER';

/** The cluster around this test; null outside of a bubble. */
export function placeFromEnvironment(env: NodeJS.ProcessEnv = process.env): ClusterPlace | null {
  const text = env[variable];
  return text === undefined ? null : (JSON.parse(text) as ClusterPlace);
}

export const placeVariables = (place: ClusterPlace): Readonly<Record<string, string>> => ({
  [variable]: JSON.stringify(place),
});
