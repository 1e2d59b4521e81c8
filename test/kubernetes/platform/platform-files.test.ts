import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createServer } from 'node:tls';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ArtifactFile } from '../../../src/core/registry/model-version.ts';
import { makeReplicaFiles } from '../../../src/bin/sources/replica-files.ts';
import type { KubernetesPlatform } from '../../../src/adapters/kubernetes/platform/kubernetes-platform.ts';
import { memoryBlobs } from '../../../src/testing/fakes/memory/memory-blobs.ts';
import { openTestServer } from '../../../src/testing/rigs/control-plane-server.ts';
import type { Server } from '../../../src/control-plane/http/http-parts.ts';
import { demandApi } from '../cluster/api.ts';
import { findImage, putProgramImage } from '../cluster/image.ts';
import { describeInCluster } from '../in-cluster.ts';
import {
  areReady,
  makeSpec,
  never,
  openWorld,
  owner,
  programCommand,
  untilReplicas,
  type PlatformWorld,
} from './platform-world.ts';

const program = path.join(import.meta.dirname, '../programs/own-program.ts');
/** Of the bridge that pods are on. */
const hostAddress = '10.88.0.1';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** Of the address that pods reach, signed by itself. */
function makeCertificate(): { readonly certificate: string; readonly key: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-certificate-'));
  const [certificate, key] = ['tls.crt', 'tls.key'].map((name) => path.join(folder, name)) as [string, string];
  const about = ['-subj', '/CN=plimsoll', '-addext', `subjectAltName=IP:${hostAddress}`];
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...about];
  const made = spawnSync('openssl', [...words, '-keyout', key, '-out', certificate], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  const read = { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
  rmSync(folder, { recursive: true });
  return read;
}

describeInCluster('files of code and model on a real kubelet', (place) => {
  const blobs = memoryBlobs();
  let image = '';
  let world: PlatformWorld;
  let server: Server | null = null;
  let port = 0;
  let files: { readonly code: ArtifactFile; readonly model: ArtifactFile };

  const put = async (name: string, bytes: Buffer): Promise<ArtifactFile> => ({
    path: name,
    ...(await blobs.put(bytes)),
  });
  const serve = async (platform: KubernetesPlatform, at = 0): Promise<void> => {
    const replicaFiles = makeReplicaFiles((...asked) => platform.listFiles(...asked), blobs);
    server = await openTestServer({ replicaFiles, isLocal: () => false });
    await server.listen({ host: '0.0.0.0', port: at });
    port = (server.server.address() as AddressInfo).port;
  };
  const withFiles = () => {
    const spec = makeSpec({ kind: 'ready' }, 1);
    const model = { ...spec.workload.model, files: [files.model] };
    return {
      ...spec,
      workload: { ...spec.workload, command: ['plimsoll'], args: ['serve'], codeFiles: [files.code], model },
    };
  };

  beforeAll(async () => {
    image = findImage(place, 'own') ?? (await putProgramImage(place, 'own', program));
    files = {
      code: await put('bin/run.sh', Buffer.from('#!/bin/sh\n')),
      model: await put('weights/model.bin', randomBytes(5_000_000)),
    };
  });
  beforeEach(async () => {
    world = await openWorld(place, image);
    await serve(world.platform);
  });
  afterEach(async () => {
    await server?.close();
    await world.close();
  });
  const openWithFiles = (): KubernetesPlatform =>
    world.open({ manifest: { own: { image, command: programCommand }, filesFrom: `http://${hostAddress}:${port}` } });
  const restart = async (platform: KubernetesPlatform): Promise<void> => {
    await server?.close();
    await serve(platform, port);
  };

  it('are there before the replica starts, which may read its model and run its programs', async () => {
    const platform = openWithFiles();
    await restart(platform);
    await platform.apply(owner, [withFiles()], never);
    const [replica] = await untilReplicas(platform, areReady(1));
    const found = (await (await fetch(`${replica?.endpoint}/files`)).json()) as object;
    expect(found).toEqual({
      cwd: '/plimsoll',
      files: {
        'bin/run.sh': `${files.code.digest} 755`,
        'model/weights/model.bin': `${files.model.digest} 444`,
      },
    });
  });

  it('are waited for while nobody serves them, and the reason is seen', async () => {
    const platform = openWithFiles();
    await server?.close();
    server = null;
    await platform.apply(owner, [withFiles()], never);
    await untilReplicas(platform, ([first]) => /fetches its files/.test(first?.reason ?? ''));
    // Times of containers are of whole seconds: a fetch that lasts longer than one is seen.
    await delay(1_100);
    await serve(platform, port);
    const [replica] = await untilReplicas(platform, areReady(1));
    expect(replica?.phases.flatMap(({ phases }) => phases)).toContain('weights-fetch');
  });

  it.skipIf(!hasOpenssl).each([
    ['come by https where the pod is told whose certificate to trust', true],
    ['are asked of nobody by https where the pod is not told whom to trust', false],
  ])('%s', async (_what, trusts) => {
    const { certificate, key } = makeCertificate();
    let [connections, requests] = [0, 0];
    const front = createServer({ cert: certificate, key }, (socket) => {
      socket.once('data', () => (requests += 1));
      const onwards = connect(port, '127.0.0.1');
      for (const [one, other] of [
        [socket, onwards],
        [onwards, socket],
      ] as const) {
        one.on('error', () => other.destroy()).on('close', () => other.destroy());
        one.pipe(other);
      }
    });
    front.on('connection', () => (connections += 1));
    await new Promise<void>((resolve) => front.listen(0, '0.0.0.0', resolve));
    try {
      const manifest = {
        own: { image, command: programCommand },
        filesFrom: `https://${hostAddress}:${(front.address() as AddressInfo).port}`,
      };
      await demandApi(place, 'POST', `/api/v1/namespaces/${world.namespace}/secrets`, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'server' },
        stringData: { 'ca.crt': certificate, 'tls.key': key },
      });
      const platform = world.open({ manifest: { ...manifest, ...(trusts ? { filesAuthority: 'server' } : {}) } });
      await restart(platform);
      await platform.apply(owner, [withFiles()], never);
      if (trusts) await untilReplicas(platform, areReady(1));
      // It tries again and again, and sends its token to nobody whom it does not trust.
      else await untilReplicas(platform, ([first]) => connections >= 2 && /its files/.test(first?.reason ?? ''));
      expect(requests > 0).toBe(trusts);
    } finally {
      front.close();
    }
  });

  it('are refused to a token of the same namespace that is bound to no pod, or to a pod of others', async () => {
    const platform = openWithFiles();
    await restart(platform);
    await platform.apply(owner, [withFiles()], never);
    const core = `/api/v1/namespaces/${world.namespace}`;
    const tokenOf = async (boundTo?: object): Promise<string> => {
      const spec = { audiences: ['plimsoll-files'], ...(boundTo === undefined ? {} : { boundObjectRef: boundTo }) };
      const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
      const { status } = await demandApi(place, 'POST', `${core}/serviceaccounts/default/token`, request);
      return String(status.token);
    };
    const ask = async (token: string) => {
      const answer = await fetch(`http://${hostAddress}:${port}/v1/replica-files`, {
        headers: { 'plimsoll-replica-token': token },
      });
      return ((await answer.json()) as { error?: { code: string } }).error?.code;
    };
    expect(await ask(await tokenOf())).toBe('replica-token');
    const container = {
      name: 'a',
      image,
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    };
    const foreign = await demandApi(place, 'POST', `${core}/pods`, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'foreign', labels: { 'plimsoll.dev/set': withFiles().set } },
      spec: {
        nodeSelector: { never: 'here' },
        securityContext: { runAsNonRoot: true, runAsUser: 1_000, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [container],
      },
    });
    const bound = { kind: 'Pod', apiVersion: 'v1', name: 'foreign', uid: foreign.metadata.uid };
    expect(await ask(await tokenOf(bound))).toBe('replica-unknown');
  });
});
