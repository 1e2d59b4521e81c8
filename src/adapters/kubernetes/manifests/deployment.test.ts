import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { asPlimsollError } from '../../../core/units/errors.ts';
import { makeTlsSecrets } from '../../../core/contract/replica-tls.ts';
import { digestOf } from '../../../core/units/digest.ts';
import type { ReplicaSetSpec, Workload } from '../../../ports/serving/platform.ts';
import { objectAt, type JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { makeDeployment, makePodTemplate } from './deployment.ts';
import type { ManifestOptions, Placement } from './placement.ts';

const owner = { service: 'digits', environment: 'live' };
const image = `registry.example/server@sha256:${'a'.repeat(64)}`;
const options: ManifestOptions = {
  installation: 'first',
  namespace: 'inference',
  own: { image, command: ['/bin/node', '/plimsoll.mjs'] },
  preStopSeconds: 5,
  secretGrants: (name) => (name === 'hub' ? [{ service: 'digits', environment: null }] : []),
};

function spec(workload: Partial<Workload> = {}, more: Partial<ReplicaSetSpec> = {}): ReplicaSetSpec {
  return {
    set: 'digits-live-aaaaaaaaaaaa',
    pair: digestOf('pair'),
    release: 7,
    replicas: 3,
    stopFirst: [],
    drainTimeoutMs: 30_000,
    startTimeoutMs: 90_000,
    ...more,
    workload: {
      command: ['plimsoll', 'serve'],
      args: ['--port', '${PLIMSOLL_PORT}'],
      env: {},
      secrets: {},
      protocol: 'open-inference-v2',
      codeFiles: [],
      model: { name: 'digits', version: 4, digest: digestOf('model'), files: [] },
      devices: 1,
      ...workload,
    },
  };
}

const template = (
  workload: Partial<Workload> = {},
  placement: Placement = {},
  more: Partial<ManifestOptions> = {},
): JsonObject => makePodTemplate(owner, spec(workload), placement, { ...options, ...more });
const containerOf = (made: JsonObject): JsonObject =>
  objectAt({ first: (objectAt(made, 'spec')['containers'] as unknown[])[0] }, 'first');

describe('the Deployment of a set', () => {
  it('is this one', async () => {
    const workload = { env: { LOG: 'info' }, secrets: { TOKEN: 'secret/hub#token' } };
    const placement = {
      resources: { limits: { 'nvidia.com/gpu': '1' } },
      nodeSelector: { pool: 'a' },
      tolerations: [{ operator: 'Exists' }],
      runtimeClassName: 'nvidia',
    };
    const made = makeDeployment(owner, spec(workload), 3, template(workload, placement), {
      ...options,
      ownerReference: { apiVersion: 'v1', kind: 'ConfigMap', name: 'plimsoll', uid: 'u1' },
    });
    await expect(`${JSON.stringify(made, null, 2)}\n`).toMatchFileSnapshot(
      path.join(import.meta.dirname, 'fixtures/deployment.golden'),
    );
  });

  it('has no number of replicas where another one counts', () => {
    const made = makeDeployment(owner, { ...spec(), isCountedByAnother: true }, 3, template(), options);
    expect(objectAt(made, 'spec')).not.toHaveProperty('replicas');
  });

  it.each<[number, number]>([
    [200, 6],
    [30_000, 35],
    [30_001, 36],
  ])('that drains for %d ms ends in %d s, with the time for gateways', (drainTimeoutMs, seconds) => {
    const made = makePodTemplate(owner, spec({}, { drainTimeoutMs }), {}, options);
    expect(objectAt(made, 'spec')['terminationGracePeriodSeconds']).toBe(seconds);
  });

  it('has no preStop where gateways need no time: Kubernetes before 1.33 refuses 0 s', () => {
    expect(containerOf(template({}, {}, { preStopSeconds: 0 }))).not.toHaveProperty('lifecycle');
  });

  it.each<[number, number]>([
    [200, 1],
    [1_000, 1],
    [1_001, 2],
    [600_000, 600],
  ])('gives a start of %d ms %d tries of a second', (startTimeoutMs, tries) => {
    const made = makePodTemplate(owner, spec({}, { startTimeoutMs }), {}, options);
    expect(objectAt(containerOf(made), 'startupProbe')['failureThreshold']).toBe(tries);
  });

  it.each<[Workload['protocol'], string, string]>([
    ['open-inference-v2', '/v2/health/ready', '/v2/models/digits/ready'],
    ['openai', '/health', '/health'],
  ])('asks %s at %s, then %s', (protocol, startup, readiness) => {
    const container = containerOf(template({ protocol }));
    expect(objectAt(container, 'startupProbe', 'httpGet')['path']).toBe(startup);
    expect(objectAt(container, 'readinessProbe', 'httpGet')['path']).toBe(readiness);
  });

  it('fills in what is known, and leaves to the kubelet what it knows alone', () => {
    const {
      command,
      args,
      image: used,
    } = containerOf(
      template({
        args: ['${PLIMSOLL_PORT}', '${PLIMSOLL_REPLICA_ID}', '$(HOME)', '${HOME}', '${PLIMSOLL_MODEL_NAME}'],
      }),
    );
    expect(used).toBe(image);
    expect(command).toEqual(['/bin/node', '/plimsoll.mjs']);
    expect(args).toEqual(['serve', '8080', '$(PLIMSOLL_REPLICA_ID)', '$$(HOME)', '${HOME}', 'digits']);
  });

  it('lets no variable of the contract take the place of a convention', () => {
    const { env } = containerOf(template({ env: { PLIMSOLL_PORT: '1' }, secrets: { PLIMSOLL_HOST: 'secret/hub#a' } }));
    const names = (env as readonly { name: string }[]).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(env).toContainEqual({ name: 'PLIMSOLL_PORT', value: '8080' });
  });

  it('mounts a volume in memory at /dev/shm, as large as the workload says', () => {
    const made = template({ host: { memoryBytes: 2 ** 34, shmBytes: 2 ** 33 } });
    expect(objectAt(made, 'spec')['volumes']).toContainEqual({
      name: 'shm',
      emptyDir: { medium: 'Memory', sizeLimit: '8589934592' },
    });
    expect(containerOf(made)['volumeMounts']).toContainEqual({ name: 'shm', mountPath: '/dev/shm' });
  });

  it('leaves /dev/shm to the container runtime where the workload says nothing of it', () => {
    expect(JSON.stringify(template({ host: { memoryBytes: 2 ** 34 } }))).not.toContain('shm');
  });

  it('mounts secrets that are read from files, each called as its variable', () => {
    const made = template({ secrets: { KEY_FILE: 'secret-file/hub#key.json', TOKEN: 'secret/hub#token' } });
    const container = containerOf(made);
    expect(container['env']).toContainEqual({ name: 'KEY_FILE', value: '/etc/plimsoll/secrets/KEY_FILE' });
    expect(container['volumeMounts']).toContainEqual({
      name: 'secrets',
      mountPath: '/etc/plimsoll/secrets',
      readOnly: true,
    });
    const sources = [{ secret: { name: 'hub', items: [{ key: 'key.json', path: 'KEY_FILE' }] } }];
    expect(objectAt(made, 'spec')['volumes']).toContainEqual({
      name: 'secrets',
      projected: { sources, defaultMode: 0o440 },
    });
  });

  it('refuses a file of a secret that is not granted', () => {
    expect(() => template({ secrets: { KEY_FILE: 'secret-file/other#key' } })).toThrow('is not granted to digits');
  });

  it('runs what an image of its own runs, where no command is given', () => {
    const own = `other.example/vllm@sha256:${'b'.repeat(64)}`;
    const container = containerOf(template({ image: own, command: [], args: ['--max-model-len', '4096'] }));
    expect(container).toMatchObject({ image: own, args: ['--max-model-len', '4096'] });
    expect(container).not.toHaveProperty('command');
  });

  it('is refused for the built-in server where nobody said which image has it', () => {
    const own = { image: null, command: ['plimsoll'] };
    expect(() => template({}, {}, { own })).toThrow('nobody said which image');
  });

  const model = {
    name: 'digits',
    version: 4,
    digest: digestOf('model'),
    files: [{ path: 'a', digest: digestOf('a'), bytes: 1 }],
  };

  it('serves a model that is in its image, where a golden set shows it', () => {
    const wanted = spec({ image, command: [], model }, { golden: digestOf('golden') });
    const { env } = containerOf(makePodTemplate(owner, wanted, {}, options));
    expect(env).toContainEqual({ name: 'PLIMSOLL_MODEL_FILES', value: JSON.stringify({ a: digestOf('a') }) });
  });

  it.each<[string, Partial<Workload>, string]>([
    ['a tag', { image: 'server:1' }, 'image-not-pinned'],
    ['a short digest', { image: 'server@sha256:abc' }, 'image-not-pinned'],
    ['a command alone', { command: ['python'] }, 'code-image-missing'],
    ['nothing', { command: [] }, 'code-image-missing'],
    ['an unknown variable', { args: ['${PLIMSOLL_NOTHING}'] }, 'variable-unknown'],
    ['a secret of no form', { secrets: { A: 'hub' } }, 'secret-reference'],
    ['a secret of others', { secrets: { A: 'secret/database#url' } }, 'secret-not-granted'],
    ['files', { codeFiles: [{ path: 'a', digest: digestOf('a'), bytes: 1 }] }, 'replica-files-missing'],
    ['files of a model for the built-in server', { model }, 'replica-files-missing'],
    ['a model in an image without a golden set', { model, image }, 'replica-files-missing'],
  ])('is refused for %s', (_what, workload, code) => {
    try {
      template(workload);
    } catch (thrown) {
      const error = asPlimsollError(thrown);
      expect([error.code, error.next === undefined]).toEqual([code, false]);
      return;
    }
    throw new Error('it was made');
  });
});

describe('a set with files', () => {
  const files = {
    codeFiles: [{ path: 'serve.py', digest: digestOf('a'), bytes: 1 }],
    model: {
      name: 'digits',
      version: 4,
      digest: digestOf('model'),
      files: [{ path: 'model.onnx', digest: digestOf('b'), bytes: 2 }],
    },
  };
  const made = template(files, {}, { filesFrom: 'http://plimsoll:7070' });
  const [fetching] = objectAt(made, 'spec')['initContainers'] as [JsonObject];

  it('has them fetched by an image of our own, whose token is for nothing else', () => {
    expect(fetching).toMatchObject({
      name: 'files',
      image,
      command: ['/bin/node', '/plimsoll.mjs'],
      securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
    });
    expect((fetching['args'] as string[]).join(' ')).toBe(
      'fetch-files --from http://plimsoll:7070 --token-file /var/run/plimsoll/token --code-into /plimsoll --model-into /plimsoll/model ' +
        `--list-digest ${digestOf({ code: files.codeFiles, model: files.model.files })}`,
    );
    const sources = [{ serviceAccountToken: { audience: 'plimsoll-files', expirationSeconds: 3_600, path: 'token' } }];
    expect(objectAt(made, 'spec')['volumes']).toContainEqual({ name: 'files-token', projected: { sources } });
  });

  it('trusts the authority of the control plane by its certificate alone, where the installation names one', () => {
    const trusting = template(files, {}, { filesFrom: 'https://plimsoll:7070', filesAuthority: 'server' });
    const [{ env, volumeMounts }] = objectAt(trusting, 'spec')['initContainers'] as [JsonObject];
    expect(env).toEqual([{ name: 'NODE_EXTRA_CA_CERTS', value: '/var/run/plimsoll-ca/ca.crt' }]);
    expect(volumeMounts).toContainEqual({ name: 'files-ca', mountPath: '/var/run/plimsoll-ca', readOnly: true });
    const secret = { secretName: 'server', items: [{ key: 'ca.crt', path: 'ca.crt' }] };
    expect(objectAt(trusting, 'spec')['volumes']).toContainEqual({ name: 'files-ca', secret });
    expect(JSON.stringify(containerOf(trusting))).not.toContain('-ca');
    expect(JSON.stringify(made)).not.toContain('-ca');
  });

  it('lets the replica read its model, and gives it no token', () => {
    const container = containerOf(made);
    expect(container['volumeMounts']).toEqual([
      { name: 'home', mountPath: '/plimsoll' },
      { name: 'model', mountPath: '/plimsoll/model', readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
    ]);
    expect(container['workingDir']).toBe('/plimsoll');
  });
});

describe('a set whose replicas have a certificate', () => {
  const secrets = makeTlsSecrets('hub');
  const probesOf = (container: JsonObject): JsonObject => ({
    started: objectAt(container, 'startupProbe'),
    ready: objectAt(container, 'readinessProbe'),
  });

  it('mounts the Secret, names its files in words, and is asked for health over https', () => {
    const made = template({ secrets, args: ['--ssl-certfile', '${PLIMSOLL_TLS_CERT_FILE}'] });
    expect(objectAt(made, 'metadata', 'annotations')).toMatchObject({ 'plimsoll.dev/scheme': 'https' });
    const container = containerOf(made);
    expect(container['args']).toEqual(['serve', '--ssl-certfile', '/etc/plimsoll/secrets/PLIMSOLL_TLS_CERT_FILE']);
    expect(JSON.stringify(objectAt(made, 'spec')['volumes'])).toContain(
      '{"secret":{"name":"hub","items":[{"key":"ca.crt","path":"PLIMSOLL_TLS_CA_FILE"}]}}',
    );
    expect(probesOf(container)).toMatchObject({
      started: { httpGet: { path: '/v2/health/ready', scheme: 'HTTPS' } },
      ready: { httpGet: { path: '/v2/models/digits/ready', scheme: 'HTTPS' } },
    });
  });

  it('of an image that may refuse a kubelet is asked for its port alone', () => {
    const probes = probesOf(containerOf(template({ secrets, image, command: [] })));
    expect(probes).toMatchObject({ started: { tcpSocket: { port: 'http' } }, ready: { tcpSocket: { port: 'http' } } });
  });

  it('without one is as before', () => {
    expect(JSON.stringify(template())).not.toMatch(/HTTPS|plimsoll.dev\/scheme/);
  });
});
