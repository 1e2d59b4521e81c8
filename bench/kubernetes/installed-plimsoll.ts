import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { assembleImage } from '../../scripts/image/assemble-image.ts';
import { ownProgram } from '../../src/testing/rigs/own-program.ts';
import { tinyModel, rowOf } from '../../test/rigs/tiny-model.ts';
import { UserProject } from '../../test/user-project.ts';
import { demandApi } from '../../test/kubernetes/cluster/api.ts';
import { putLayout } from '../../test/kubernetes/cluster/layout-image.ts';
import { fileOf, type ClusterPlace } from '../../test/kubernetes/cluster/place.ts';
import { ServiceNames } from '../../test/kubernetes/cluster/service-names.ts';
import { ServiceProxy } from '../../test/kubernetes/cluster/service-proxy.ts';
import { until, type Pod } from '../../test/kubernetes/installed/installation-world.ts';
import {
  makeInstalledNamespace,
  makeSecrets,
  podsOf,
  removeInstalledNamespace,
  runKubectl,
  runProgram,
} from '../../test/kubernetes/installed/world.ts';

export const measuredNamespace = 'measured';
const namespace = measuredNamespace;
const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: candidate }
monitoring: { golden: tiny-golden }
scaling: { signal: queue-depth, replicas: { min: 2, max: 2 } }
environments:
  prod: { platform: kubernetes, pool: nodes }
`;
export const tinyPath = '/services/tiny/v2/models/tiny/infer';

/** Plimsoll's image in a real kubelet, by its own manifests: a control plane, two gateways, a service of two replicas. */
export class InstalledPlimsoll {
  readonly place: ClusterPlace;
  readonly folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-measured-'));
  readonly #proxy: ServiceProxy;
  readonly #names = new ServiceNames();
  controlPlane = '';
  gatewayToken = '';

  private constructor(place: ClusterPlace) {
    this.place = place;
    this.#proxy = new ServiceProxy(place);
  }

  static async open(place: ClusterPlace): Promise<InstalledPlimsoll> {
    const installed = new InstalledPlimsoll(place);
    try {
      await installed.#install();
      return installed;
    } catch (thrown) {
      await installed.close();
      throw thrown;
    }
  }

  /** Without those that are told to end. */
  pods(component: 'gateway' | 'control-plane'): Promise<readonly Pod[]> {
    return podsOf({ cluster: this.place, namespace, folder: this.folder }, component);
  }

  /** Of the pods that a Service leads to now. */
  addresses(component: 'gateway' | 'control-plane'): Promise<readonly string[]> {
    return this.#proxy.readyAddresses(namespace, `plimsoll-${component}`);
  }

  /**
   * Without time to say anything. The container is not started again: its pod is removed.
   * @returns when the process had ended, by `performance.now()`.
   */
  async killPod({ metadata }: Pod, pid: number): Promise<number> {
    process.kill(pid, 'SIGKILL');
    for (let waited = 0; waited < 5_000 && isRunning(pid); waited += 1) await delay(1);
    const goneMs = performance.now();
    await demandApi(this.place, 'DELETE', `/api/v1/namespaces/${namespace}/pods/${metadata.name}?gracePeriodSeconds=0`);
    return goneMs;
  }

  async close(): Promise<void> {
    await this.#proxy.close();
    await this.#names.close().catch(() => undefined);
    await removeInstalledNamespace({ cluster: this.place, namespace, folder: this.folder }).catch(() => undefined);
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #install(): Promise<void> {
    const { place, folder } = this;
    const layout = path.join(folder, 'image');
    const image = await assembleImage(path.dirname(ownProgram), layout);
    const reference = putLayout(place, layout, 'plimsoll', image.manifest.descriptor.digest);
    const installed = { cluster: place, namespace, folder };
    await makeInstalledNamespace(installed);
    const { admin, gateway } = await makeSecrets(installed, ownProgram);
    this.gatewayToken = path.join(folder, 'gateway-token');
    writeFileSync(this.gatewayToken, gateway, { mode: 0o600 });
    await this.#proxy.openApiServer();
    await this.#names.open(place);
    const asked = ['install', 'kubernetes', '--print', '--namespace', namespace, '--image', reference];
    const { stdout } = await runProgram(ownProgram, [...asked, '--storage', '1Gi']);
    const applied = await runKubectl(place, ['apply', '--server-side', '-f', '-'], stdout);
    if (applied.status !== 0) throw new Error(`kubectl apply ended with ${applied.status}: ${applied.stderr}`);
    this.controlPlane = `http://${await this.#proxy.open(namespace, 'plimsoll-control-plane', 7070, 7070)}:7070`;
    await until('the control plane answers', async () => (await this.addresses('control-plane')).length === 1);
    await until('two gateways are ready', async () => (await this.addresses('gateway')).length === 2);
    await this.#release(admin);
  }

  async #release(token: string): Promise<void> {
    const project = new UserProject({
      files: { 'plimsoll.yaml': contract, 'golden.jsonl': `${JSON.stringify({ x: rowOf(1) })}\n` },
      env: { PLIMSOLL_TOKEN: token, PLIMSOLL_PLAIN_HTTP: '1', KUBECONFIG: fileOf.kubeconfig(this.place, 'admin') },
    });
    try {
      project.write('model.onnx', tinyModel(1).bytes);
      await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
      await project.passing('pool', 'snapshot', 'nodes', 'cluster');
      await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate');
      await project.passing('pin');
      await project.passing('golden', 'record');
      const waiver = ['--waive', 'golden', '--reason', 'its nodes are not seen', '--until', '1d'];
      await project.passing('release', '--server', this.controlPlane, ...waiver);
    } finally {
      project.remove();
    }
  }
}

/** Of processes in pods whose command line matches. */
export function findPids(pattern: RegExp): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return pattern.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
      } catch {
        // It ended in between.
        return false;
      }
    })
    .map(Number);
}

function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Process of a gateway by the name of its pod, which is its id. */
export const gatewayPid = (pod: string): number =>
  findPids(new RegExp(`/opt/plimsoll/.* gateway .*--id ${pod} `))[0] ?? NaN;
export const controlPlanePid = (): number => findPids(/\/opt\/plimsoll\/.* control-plane /)[0] ?? NaN;
