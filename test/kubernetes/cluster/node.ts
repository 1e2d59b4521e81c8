import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findCniFolder, findOnPath } from '../build/prerequisites.ts';
import { callApi } from './api.ts';
import { dnsAddress, fileOf, nodeAddress, ports, realNode, realNodeLabel, type ClusterPlace } from './place.ts';
import { startProgram, waitFor } from './program.ts';

const registry = `127.0.0.1:${ports.registry}`;
export const pauseImage = `${registry}/pause:1`;

/** containerd and a kubelet of this machine, until the node is ready. */
export async function startNode(place: ClusterPlace): Promise<void> {
  writeContainerdFiles(place);
  const socket = fileOf.containerdSocket(place);
  const searched = { PATH: `${place.binaries}:${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  startProgram(
    place,
    'containerd',
    path.join(place.binaries, 'containerd'),
    ['-c', path.join(place.folder, 'containerd.toml')],
    searched,
  );
  await waitFor(place, 'containerd', () => Promise.resolve(existsSync(socket)));
  startKubelet(place);
  await waitFor(place, 'kubelet', async () => {
    const { body } = await callApi(place, 'GET', `/api/v1/nodes/${realNode}`);
    const conditions = body.status?.conditions as readonly { type: string; status: string }[] | undefined;
    return conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
  });
}

/** Also for a test that stopped it. */
export function startKubelet(place: ClusterPlace): void {
  const file = path.join(place.folder, 'kubelet.json');
  const resolv = path.join(place.folder, 'resolv.conf');
  writeFileSync(resolv, 'nameserver 127.0.0.1\n');
  writeFileSync(file, JSON.stringify(kubeletConfiguration(place, resolv)));
  const labels = Object.entries(realNodeLabel).map(([name, value]) => `${name}=${value}`);
  startProgram(place, 'kubelet', path.join(place.binaries, 'kubelet'), [
    `--config=${file}`,
    `--kubeconfig=${fileOf.kubeconfig(place, 'kubelet')}`,
    `--hostname-override=${realNode}`,
    `--node-ip=${nodeAddress}`,
    `--root-dir=${path.join(place.folder, 'kubelet')}`,
    `--cert-dir=${path.join(place.folder, 'kubelet-certificates')}`,
    `--node-labels=${labels.join(',')}`,
    '--v=2',
  ]);
}

/** Everybody may ask this kubelet: it listens inside of the bubble alone. */
function kubeletConfiguration(place: ClusterPlace, resolvConf: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: '0.0.0.0',
    port: 17_250,
    healthzPort: 17_248,
    readOnlyPort: 0,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${place.cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    // Without CAP_SYS_RESOURCE no process may lower its own score.
    oomScoreAdj: 0,
    protectKernelDefaults: true,
    makeIPTablesUtilChains: false,
    containerRuntimeEndpoint: `unix://${fileOf.containerdSocket(place)}`,
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

function writeContainerdFiles(place: ClusterPlace): void {
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
  writeFileSync(at('containerd.toml'), containerdConfiguration(at, fileOf.containerdSocket(place)));
}

function containerdConfiguration(at: (...parts: readonly string[]) => string, socket: string): string {
  return `version = 3
root = "${at('containerd')}"
state = "${at('containerd-state')}"
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
