/** Plimsoll itself is upgraded from the version before and rolled back to it, by helm and under load: docs/kubernetes.md. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schemaVersion } from '../../../src/adapters/sql/schema-version.ts';
import buildProgramOnce from '../../build-program.ts';
import { rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { UserProject } from '../../user-project.ts';
import { demandApi } from '../cluster/api.ts';
import { putLayout } from '../cluster/layout-image.ts';
import { fileOf, placeFromEnvironment, type ClusterPlace } from '../cluster/place.ts';
import { ServiceNames } from '../cluster/service-names.ts';
import { ServiceProxy } from '../cluster/service-proxy.ts';
import { helmVariable } from '../helm/build-helm.ts';
import { missingBase, run, until, type Pod } from './installation-world.ts';
import { Load } from './installed-releases.ts';
import { buildPresent, buildPrevious, missingPrevious, previousVersion, type BuiltVersion } from './previous.ts';
import {
  makeInstalledNamespace,
  makeSecrets,
  podsOf,
  removeInstalledNamespace,
  runKubectl,
  type InstalledPlace,
} from './world.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const cluster = placeFromEnvironment();
const helm = process.env[helmVariable] ?? '';
const missing =
  cluster === null ? 'no cluster' : (missingBase() ?? missingPrevious() ?? (helm === '' ? 'no helm' : null));
if (missing !== null && cluster !== null) console.warn(`skipped: ${missing}`);

const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: candidate }
monitoring: { golden: tiny-golden }
scaling: { signal: queue-depth, replicas: { min: 2, max: 2 } }
environments:
  prod: { platform: kubernetes, pool: nodes }
`;
const controlPlanePod = 'plimsoll-control-plane-0';
const backup = '/var/lib/plimsoll/backups/before';

describe.skipIf(missing !== null)('an upgrade of Plimsoll itself', () => {
  const place: InstalledPlace = {
    cluster: cluster as ClusterPlace,
    namespace: 'upgraded',
    folder: mkdtempSync(path.join(tmpdir(), 'plimsoll-upgrade-')),
  };
  const namespace = ['-n', place.namespace];
  const proxy = new ServiceProxy(place.cluster);
  const serviceNames = new ServiceNames();
  const images = new Map<BuiltVersion, string>();
  let previous: BuiltVersion | null = null;
  let present: BuiltVersion | null = null;
  let project: UserProject | null = null;
  let load: Load | null = null;
  let gateways = '';
  let server: readonly string[] = [];
  let state = '';
  let replicas: readonly string[] = [];
  let firstGateways: readonly string[] = [];

  const versionOf = (version: BuiltVersion | null): BuiltVersion => {
    if (version === null) throw new Error('it was not built');
    return version;
  };
  const callHelm = async (...words: readonly string[]): Promise<void> => {
    const env = { KUBECONFIG: fileOf.kubeconfig(place.cluster, 'admin'), HOME: place.folder };
    expect(await run(helm, [...words, ...namespace], '', env)).toMatchObject({ status: 0 });
  };
  const install = (how: 'install' | 'upgrade', version: BuiltVersion): Promise<void> => {
    const values = [`image=${images.get(version)}`, 'store.size=1Gi'].flatMap((value) => ['--set', value]);
    return callHelm(how, 'plimsoll', version.chart, ...values, '--wait', '--timeout', '170s');
  };
  const kubectl = async (words: readonly string[], input = ''): Promise<string> => {
    const { status, stdout, stderr } = await runKubectl(place.cluster, [...namespace, ...words], input);
    if (status !== 0) throw new Error(`kubectl ${words.join(' ')} ended with ${status}: ${stderr}`);
    return stdout;
  };
  const uidsOf = async (component: string): Promise<readonly string[]> =>
    (await podsOf(place, component)).map(({ metadata }) => metadata.uid).sort();
  const replicaUids = async (): Promise<readonly string[]> => {
    const at = `/api/v1/namespaces/${place.namespace}/pods?labelSelector=plimsoll.dev/service=tiny`;
    return ((await demandApi(place.cluster, 'GET', at)).items as readonly Pod[])
      .map(({ metadata }) => metadata.uid)
      .sort();
  };
  /** Of the store on the volume. */
  const storedSchema = (): number => {
    const database = new DatabaseSync(path.join(state, 'store.sqlite'), { readOnly: true });
    try {
      return Number(database.prepare('select max(version) as version from schema_migrations').get()?.['version']);
    } finally {
      database.close();
    }
  };
  const untilAnswered = async (): Promise<void> => {
    const before = load?.answersOf(1) ?? 0;
    await until('requests are answered', () => Promise.resolve((load?.answersOf(1) ?? 0) >= before + 20));
  };
  const untilReplicasAreKnown = async (): Promise<void> => {
    await until('the control plane knows both replicas, and release 1 is live', async () => {
      const { deployment, replicas: seen } = JSON.parse(
        (await project?.plimsoll('status', '--json', ...server))?.stdout ?? '',
      ) as { deployment: { live: number }; replicas: readonly { admitted: boolean }[] };
      return deployment.live === 1 && seen.filter(({ admitted }) => admitted).length === 2;
    });
  };

  beforeAll(async () => {
    buildProgramOnce();
    [previous, present] = [buildPrevious(), buildPresent()];
    for (const version of [previous, present]) {
      images.set(version, putLayout(place.cluster, version.layout, 'plimsoll', version.digest));
    }
    state = await makeInstalledNamespace(place);
    const { admin: token } = await makeSecrets(place, previous.program);
    await proxy.openApiServer();
    await serviceNames.open(place.cluster);
    const { chart } = previous;
    await callHelm('install', 'plimsoll', chart, '--set', `image=${images.get(previous)}`, '--set', 'store.size=1Gi');
    const controlPlane = `http://${await proxy.open(place.namespace, 'plimsoll-control-plane', 7070, 7070)}:7070`;
    gateways = `http://${await proxy.open(place.namespace, 'plimsoll-gateway', 80, 8080)}`;
    await kubectl(['rollout', 'status', 'deployment/plimsoll-gateway', '--timeout', '170s']);
    project = new UserProject({
      command: [process.execPath, previous.program],
      files: { 'plimsoll.yaml': contract, 'golden.jsonl': `${JSON.stringify({ x: rowOf(1) })}\n` },
      env: {
        PLIMSOLL_TOKEN: token,
        PLIMSOLL_PLAIN_HTTP: '1',
        KUBECONFIG: fileOf.kubeconfig(place.cluster, 'admin'),
      },
    });
    project.write('model.onnx', tinyModel(1).bytes);
    await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate');
    await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
    await project.passing('pool', 'snapshot', 'nodes', 'cluster');
    await project.passing('pin');
    await project.passing('golden', 'record');
    const waiver = ['--waive', 'golden', '--reason', 'its nodes are not seen', '--until', '1d'];
    await project.passing('release', ...waiver, '--server', controlPlane);
    server = ['--server', controlPlane];
    // A gateway of the version before closes a kept connection while a request is on its way to it.
    load = new Load(gateways, [1], false);
    await untilAnswered();
    [replicas, firstGateways] = [await replicaUids(), await uidsOf('gateway')];
  }, 600_000);

  afterAll(async () => {
    await load?.end();
    project?.remove();
    await proxy.close();
    await serviceNames.close();
    await removeInstalledNamespace(place);
    rmSync(place.folder, { recursive: true, force: true });
  }, 180_000);

  it('begins with a backup in the pod of the version before', async () => {
    expect(replicas).toHaveLength(2);
    expect(storedSchema()).toBe(previousVersion.schemaVersion);
    // That version asks for a contract where a state folder is named, too.
    const write = `require('fs').writeFileSync('/tmp/plimsoll.yaml', ${JSON.stringify(contract)})`;
    await kubectl(['exec', controlPlanePod, '--', 'node', '-e', write]);
    const words = ['store', 'backup', backup, '--state', '/var/lib/plimsoll', '--contract', '/tmp/plimsoll.yaml'];
    expect(await kubectl(['exec', controlPlanePod, '--', 'plimsoll', ...words])).toContain('backed up');
  });

  it('brings in this version: every request is answered, gateways change one by one, and no replica is ended', async () => {
    await install('upgrade', versionOf(present));
    await untilReplicasAreKnown();
    await untilAnswered();
    expect(storedSchema()).toBe(schemaVersion);
    expect(await replicaUids()).toEqual(replicas);
    const now = await uidsOf('gateway');
    expect(now).toHaveLength(2);
    expect(now.filter((uid) => firstGateways.includes(uid))).toEqual([]);
    const done = ['exec', controlPlanePod, '--', 'plimsoll', 'store', 'verify', '--state', '/var/lib/plimsoll'];
    expect(await kubectl(done)).toContain('the store is whole');
    expect(await load?.end()).toEqual([]);
    load = new Load(gateways, [1]);
  });

  it('is rolled back: the version before refuses the newer store, and what serves goes on serving', async () => {
    const before = await uidsOf('gateway');
    const [uid] = await uidsOf('control-plane');
    await callHelm('rollback', 'plimsoll', '1');
    // A version before the first release of this one may stay once it has said so, instead of ending.
    await until('another pod has told why it does not go on', async () => {
      const at = `/api/v1/namespaces/${place.namespace}/pods/${controlPlanePod}`;
      const { metadata, status } = await demandApi(place.cluster, 'GET', at);
      if (metadata.uid === uid) throw new Error('the pod is still the one before');
      const [container] = status.containerStatuses as readonly { ready: boolean; restartCount: number }[];
      expect(container?.ready).toBe(false);
      const words = ['logs', controlPlanePod, ...((container?.restartCount ?? 0) > 0 ? ['--previous'] : [])];
      const said = await kubectl(words);
      if (!said.includes('a newer Plimsoll wrote it')) throw new Error(said);
      return true;
    });
    await untilAnswered();
    expect(await replicaUids()).toEqual(replicas);
    expect(await uidsOf('gateway')).toEqual(expect.arrayContaining([...before]));
    expect(load?.failures).toEqual([]);
  });

  it('is brought back by the backup, as the documentation says, and the version before goes on', async () => {
    const page = readFileSync(path.join(root, 'docs/kubernetes.md'), 'utf8');
    const manifest = /```yaml\n(# restore\.yaml\n[^`]+)```/.exec(page)?.[1] ?? '';
    await kubectl(['scale', 'statefulset/plimsoll-control-plane', '--replicas=0']);
    await kubectl(['wait', `pod/${controlPlanePod}`, '--for=delete', '--timeout=100s']);
    await kubectl(['apply', '-f', '-'], manifest.replace('NEW-IMAGE', images.get(versionOf(present)) ?? ''));
    const done = '--for=jsonpath={.status.phase}=Succeeded';
    await kubectl(['wait', 'pod/plimsoll-restore', done, '--timeout=100s']);
    expect(await kubectl(['logs', 'plimsoll-restore'])).toContain(`schema version ${previousVersion.schemaVersion}`);
    await kubectl(['delete', 'pod/plimsoll-restore']);
    await kubectl(['scale', 'statefulset/plimsoll-control-plane', '--replicas=1']);
    const rolled = ['statefulset/plimsoll-control-plane', 'deployment/plimsoll-gateway'];
    for (const each of rolled) await kubectl(['rollout', 'status', each, '--timeout=170s']);
    await untilReplicasAreKnown();
    await untilAnswered();
    expect(storedSchema()).toBe(previousVersion.schemaVersion);
    expect(await replicaUids()).toEqual(replicas);
    expect(await load?.end()).toEqual([]);
  });
});
