import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findCniFolder, findOnPath } from '../build/prerequisites.ts';
import { callApi } from './api.ts';
import { makeCgroups } from './bubble.ts';
import {
  dnsAddress,
  fileOf,
  nodeAddress,
  ports,
  realNode,
  realNodeLabel,
  secondNode,
  type ClusterPlace,
} from './place.ts';
import { startProgram, stopProgram, waitFor } from './program.ts';

const registry = `127.0.0.1:${ports.registry}`;
export const pauseImage = `${registry}/pause:1`;

/** A kubelet and its containerd. Both nodes are of this machine, and their pods of one network. */
export interface NodeParts {
  readonly name: string;
  readonly address: string;
  /** Ends the names of its programs and folders. */
  readonly suffix: string;
  readonly ports: { readonly kubelet: number; readonly health: number };
  /** Below that of the cluster; each kubelet removes the groups of pods that it does not know. */
  readonly cgroup: string;
}

export const firstNodeParts: NodeParts = {
  name: realNode,
  address: nodeAddress,
  suffix: '',
  ports: { kubelet: 17_250, health: 17_248 },
  cgroup: '',
};
export const secondNodeParts: NodeParts = {
  name: secondNode,
  address: '10.77.0.3',
  suffix: '-2',
  ports: { kubelet: 17_251, health: 17_249 },
  cgroup: '/second',
};

const socketOf = (place: ClusterPlace, node: NodeParts): string =>
  path.join(place.folder, `containerd${node.suffix}.sock`);

/** containerd and a kubelet of this machine, until the node is ready. */
export async function startNode(place: ClusterPlace, node = firstNodeParts): Promise<void> {
  if (node !== firstNodeParts) {
    spawnSync('ip', ['addr', 'add', `${node.address}/32`, 'dev', 'lo']);
    makeCgroups(`${place.cgroup}${node.cgroup}`);
  }
  writeContainerdFiles(place, node);
  const searched = { PATH: `${place.binaries}:${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  startProgram(
    place,
    `containerd${node.suffix}`,
    path.join(place.binaries, 'containerd'),
    ['-c', path.join(place.folder, `containerd${node.suffix}.toml`)],
    searched,
  );
  await waitFor(place, `containerd${node.suffix}`, () => Promise.resolve(existsSync(socketOf(place, node))));
  startKubelet(place, node);
  await waitFor(place, `kubelet${node.suffix}`, () => isNodeReady(place, node.name));
}

export async function isNodeReady(place: ClusterPlace, name: string): Promise<boolean> {
  const { body } = await callApi(place, 'GET', `/api/v1/nodes/${name}`);
  const conditions = body.status?.conditions as readonly { type: string; status: string }[] | undefined;
  return conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}

/** As when its machine loses power: kubelet, containerd and every container end at once, and say nothing. */
export async function loseNode(place: ClusterPlace, { suffix, cgroup }: NodeParts): Promise<void> {
  for (const name of ['kubelet', 'containerd']) await stopProgram(place, `${name}${suffix}`, 'SIGKILL');
  const socket = path.join(place.folder, `containerd${suffix}.sock`);
  // The shims first: one that sees its container end cleans up after it.
  const shims = findProcesses('cmdline', (text) => text.includes(`\0${socket}`));
  const contained = findProcesses('cgroup', (text) => text.includes(`/${place.cgroup}${cgroup}/`));
  for (const pid of [...shims, ...contained]) killIfThere(pid);
}

function findProcesses(file: 'cmdline' | 'cgroup', matches: (text: string) => boolean): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return matches(readFileSync(`/proc/${pid}/${file}`, 'utf8'));
      } catch {
        // It ended in between.
        return false;
      }
    })
    .map(Number);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in between.
  }
}

/** Also for a test that stopped it. */
export function startKubelet(place: ClusterPlace, node = firstNodeParts): void {
  const file = path.join(place.folder, `kubelet${node.suffix}.json`);
  const resolv = path.join(place.folder, 'resolv.conf');
  writeFileSync(resolv, 'nameserver 127.0.0.1\n');
  writeFileSync(file, JSON.stringify(kubeletConfiguration(place, node, resolv)));
  const labels = Object.entries(realNodeLabel).map(([name, value]) => `${name}=${value}`);
  startProgram(place, `kubelet${node.suffix}`, path.join(place.binaries, 'kubelet'), [
    `--config=${file}`,
    `--kubeconfig=${fileOf.kubeconfig(place, `kubelet${node.suffix}`)}`,
    `--hostname-override=${node.name}`,
    `--node-ip=${node.address}`,
    `--root-dir=${path.join(place.folder, `kubelet${node.suffix}`)}`,
    `--cert-dir=${path.join(place.folder, `kubelet-certificates${node.suffix}`)}`,
    `--node-labels=${labels.join(',')}`,
    '--v=2',
  ]);
}

/** Everybody may ask this kubelet: it listens inside of the bubble alone. */
function kubeletConfiguration(place: ClusterPlace, node: NodeParts, resolvConf: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: '0.0.0.0',
    port: node.ports.kubelet,
    healthzPort: node.ports.health,
    readOnlyPort: 0,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${place.cgroup}${node.cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    // Without CAP_SYS_RESOURCE no process may lower its own score.
    oomScoreAdj: 0,
    protectKernelDefaults: true,
    makeIPTablesUtilChains: false,
    containerRuntimeEndpoint: `unix://${socketOf(place, node)}`,
    serializeImagePulls: false,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    nodeStatusUpdateFrequency: '2s',
    nodeLeaseDurationSeconds: 10,
    syncFrequency: '10s',
    resolvConf,
    clusterDNS: [dnsAddress],
    clusterDomain: 'cluster.local',
    maxPods: 80,
  };
}

function writeContainerdFiles(place: ClusterPlace, node: NodeParts): void {
  const at = (...parts: readonly string[]): string => path.join(place.folder, ...parts);
  const hosts = at('registries', registry);
  mkdirSync(hosts, { recursive: true });
  mkdirSync(at('networks'), { recursive: true });
  const server = `http://${registry}`;
  writeFileSync(
    path.join(hosts, 'hosts.toml'),
    `server = "${server}"\n[host."${server}"]\n  capabilities = ["pull", "resolve"]\n`,
  );
  const bridge = {
    type: 'bridge',
    bridge: 'cni0',
    isGateway: true,
    isDefaultGateway: true,
    ipMasq: false,
    hairpinMode: true,
    ipam: { type: 'host-local', dataDir: at('addresses'), ranges: [[{ subnet: '10.88.0.0/24' }]] },
  };
  writeFileSync(
    at('networks', '10-bridge.conflist'),
    JSON.stringify({ cniVersion: '0.4.0', name: 'test', plugins: [bridge] }),
  );
  const file = at(`containerd${node.suffix}.toml`);
  writeFileSync(file, containerdConfiguration(at, node.suffix, socketOf(place, node)));
}

function containerdConfiguration(at: (...parts: readonly string[]) => string, suffix: string, socket: string): string {
  return `version = 3
root = "${at(`containerd${suffix}`)}"
state = "${at(`containerd-state${suffix}`)}"
oom_score = 0
[grpc]
  address = "${socket}"
[plugins.'io.containerd.cri.v1.images']
  snapshotter = "overlayfs"
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = "${pauseImage}"
  [plugins.'io.containerd.cri.v1.images'.registry]
    config_path = "${at('registries')}"
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.containerd]
    default_runtime_name = "runc"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
        BinaryName = "${findOnPath('runc') ?? 'runc'}"
        SystemdCgroup = false
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["${findCniFolder() ?? ''}"]
    conf_dir = "${at('networks')}"
[plugins.'io.containerd.grpc.v1.cri']
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
`;
}
