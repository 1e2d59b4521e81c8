/** Two control planes on PostgreSQL in a cluster: both are Ready, and the Service leads to the one with the lease. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import buildProgramOnce from '../../build-program.ts';
import { missingPostgres, password, PostgresServer } from '../../peers/postgres-server.ts';
import { demandApi } from '../cluster/api.ts';
import { putLayout } from '../cluster/layout-image.ts';
import { nodeAddress, placeFromEnvironment, type ClusterPlace } from '../cluster/place.ts';
import { ServiceNames } from '../cluster/service-names.ts';
import { ServiceProxy } from '../cluster/service-proxy.ts';
import { missingBase, until, type Pod } from './installation-world.ts';
import { buildPresent, buildPrevious, missingPrevious, type BuiltVersion } from './previous.ts';
import {
  makeInstalledNamespace,
  makeSecrets,
  podsOf,
  putSecret,
  removeInstalledNamespace,
  runKubectl,
  runProgram,
  type InstalledPlace,
} from './world.ts';

const cluster = placeFromEnvironment();
const missing = cluster === null ? 'no cluster' : (missingBase() ?? missingPostgres);
if (missing !== null && cluster !== null) console.warn(`skipped: ${missing}`);
const noPrevious = missingPrevious();
if (noPrevious !== null) console.warn(`skipped: ${noPrevious}`);

const deployment = 'deployment/pair-control-plane';
const service = 'pair-control-plane';

describe.skipIf(missing !== null)('two control planes on PostgreSQL', () => {
  const place: InstalledPlace = {
    cluster: cluster as ClusterPlace,
    namespace: 'pair',
    folder: mkdtempSync(path.join(tmpdir(), 'plimsoll-pair-')),
  };
  const proxy = new ServiceProxy(place.cluster);
  const serviceNames = new ServiceNames();
  let server: PostgresServer;
  let watch: EndpointWatch;
  let token = '';
  let address = '';

  const install = async ({ program, layout, digest }: BuiltVersion): Promise<void> => {
    const image = putLayout(place.cluster, layout, 'plimsoll', digest);
    const words = ['install', 'kubernetes', '--print', '--namespace', place.namespace, '--image', image];
    const more = ['--name', 'pair', '--store', 'postgresql', '--blobs', 's3://models/plimsoll', '--gateways', '1'];
    const { stdout } = await runProgram(program, [...words, ...more]);
    const applied = await runKubectl(place.cluster, ['apply', '--server-side', '-f', '-'], stdout);
    expect(applied).toMatchObject({ status: 0, stderr: '' });
  };
  const rolledOut = async (): Promise<void> => {
    const words = ['rollout', 'status', deployment, '-n', place.namespace, '--timeout', '100s'];
    expect(await runKubectl(place.cluster, words)).toMatchObject({ status: 0 });
  };
  const leaders = (): Promise<readonly string[]> => proxy.readyAddresses(place.namespace, service);
  const pods = (): Promise<readonly Pod[]> => podsOf(place, 'control-plane', 'pair');
  const untilLed = async (otherThan?: string): Promise<Pod> => {
    let pod: Pod | undefined;
    await until('the Service leads to one control plane, which answers', async () => {
      const led = await leaders();
      pod = (await pods()).find(({ status }) => status.podIP === led[0]);
      if (led.length !== 1 || pod === undefined || pod.metadata.name === otherThan) return false;
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`http://${address}:7070/v1/identity`, { headers })).status === 200;
    });
    return pod as Pod;
  };

  beforeAll(async () => {
    buildProgramOnce();
    await makeInstalledNamespace(place);
    await proxy.openApiServer();
    await serviceNames.open(place.cluster);
    server = await PostgresServer.start(["listen_addresses = '*'"]);
    appendFileSync(path.join(server.data, 'pg_hba.conf'), 'host all all 10.88.0.0/24 scram-sha-256\n');
    await server.ask('select pg_reload_conf()');
    const login = `plimsoll:${encodeURIComponent(password)}@${nodeAddress}:${server.port}`;
    const url = `postgresql://${login}/${await server.newDatabase()}`;
    const present = buildPresent();
    await putSecret(place, 'pair-environment', { DATABASE_URL: url });
    ({ admin: token } = await makeSecrets(place, present.program, 'pair'));
    await install(noPrevious === null ? buildPrevious() : present);
    address = await proxy.open(place.namespace, service, 7070, 7070);
    await untilLed();
    if (noPrevious === null) await install(present);
    watch = new EndpointWatch(leaders);
  }, 240_000);

  afterAll(async () => {
    await watch?.end();
    await proxy.close();
    await serviceNames.close();
    await removeInstalledNamespace(place);
    server?.remove();
    rmSync(place.folder, { recursive: true, force: true });
  }, 180_000);

  it('are rolled out: both get ready, also where the version before had one that never did', async () => {
    await rolledOut();
    await untilLed();
    expect(await pods()).toHaveLength(2);
  });

  it('answer by the other one when the pod with the lease is removed', async () => {
    const before = await untilLed();
    const at = `/api/v1/namespaces/${place.namespace}/pods/${before.metadata.name}`;
    await demandApi(place.cluster, 'DELETE', at);
    await untilLed(before.metadata.name);
    await rolledOut();
  });

  it('answer by one of them when the container with the lease is killed and starts again in its pod', async () => {
    const before = await untilLed();
    const restartsOf = async (): Promise<number> => {
      const at = `/api/v1/namespaces/${place.namespace}/pods/${before.metadata.name}`;
      return (await demandApi(place.cluster, 'GET', at)).status.containerStatuses[0].restartCount as number;
    };
    const restarts = await restartsOf();
    const kill = "process.kill(1, 'SIGTERM')";
    const words = ['exec', before.metadata.name, '-n', place.namespace, '--', '/usr/bin/node', '-e', kill];
    expect(await runKubectl(place.cluster, words)).toMatchObject({ status: 0 });
    await until('it starts again', async () => (await restartsOf()) > restarts);
    await rolledOut();
    await untilLed();
  });

  it('were never both led to', async () => {
    expect(await watch.end()).toEqual([]);
    expect(watch.looks).toBeGreaterThan(20);
  });
});

/** Looks all the time where a Service leads. */
class EndpointWatch {
  readonly #ending = new AbortController();
  readonly #wrong: string[] = [];
  readonly #done: Promise<void>;
  looks = 0;

  constructor(addresses: () => Promise<readonly string[]>) {
    this.#done = this.#run(addresses);
  }

  /** @returns each time that there were several. */
  async end(): Promise<readonly string[]> {
    this.#ending.abort();
    await this.#done;
    return this.#wrong;
  }

  async #run(addresses: () => Promise<readonly string[]>): Promise<void> {
    for (; !this.#ending.signal.aborted; await delay(100)) {
      const now = await addresses();
      this.looks += 1;
      if (now.length > 1) this.#wrong.push(now.join(' '));
    }
  }
}
