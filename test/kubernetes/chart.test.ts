/** The chart with the real helm gives what `plimsoll install kubernetes --print` prints, whatever is chosen. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ownWords } from '../../src/testing/rigs/own-program.ts';
import { helmVariable } from './helm/build-helm.ts';

const root = path.resolve(import.meta.dirname, '../..');
const helm = process.env[helmVariable] ?? '';
const image = `registry.example/team/plimsoll@sha256:${'a'.repeat(64)}`;

interface Choice {
  readonly args: readonly string[];
  readonly values: readonly string[];
}
const switches: readonly Choice[] = [
  {
    args: [
      '--tls-secret',
      'server',
      '--gateway-tls-secret',
      'gateways',
      '--keda',
      '--keda-tls-secret',
      'keda',
      '--identities-secret',
      'providers',
    ],
    values: [
      'tlsSecret=server',
      'gatewayTlsSecret=gateways',
      'keda=true',
      'kedaTlsSecret=keda',
      'identitiesSecret=providers',
    ],
  },
  {
    args: [
      '--replica-secret',
      'hf',
      'digits-tls',
      '--service-monitor',
      '--service-account-tokens',
      '--replica-tls-secret',
      'replicas',
    ],
    values: [
      'replicaSecrets={hf,digits-tls}',
      'serviceMonitor=true',
      'serviceAccountTokens=true',
      'replicaTlsSecret=replicas',
    ],
  },
  {
    args: ['--image-pull-secret', 'one', 'two', '--blobs', 's3://models/plimsoll'],
    values: ['imagePullSecrets[0].name=one', 'imagePullSecrets[1].name=two', 'blobs=s3://models/plimsoll'],
  },
  {
    args: ['--storage-class', 'fast', '--storage', '20Gi', '--no-admission-policy'],
    values: ['store.storageClass=fast', 'store.size=20Gi', 'admissionPolicy=false'],
  },
];
/** Every set of switches; with PostgreSQL those with a bucket and without a volume. */
const choices: readonly (readonly [store: string, chosen: readonly Choice[]])[] = [0, 1, 2, 3].flatMap((bits) => {
  const some = switches.slice(0, 2).filter((_each, at) => ((bits >> at) & 1) === 1);
  const [blobs, volume] = [switches.slice(2, 3), switches.slice(3)];
  return [
    ['sqlite', some],
    ['sqlite', [...some, ...blobs]],
    ['sqlite', [...some, ...volume]],
    ['sqlite', [...some, ...blobs, ...volume]],
    ['postgresql', [...some, ...blobs]],
  ] as const;
});

function template(release: string, values: readonly string[]): ReturnType<typeof run> {
  const set = values.flatMap((value) => ['--set', value]);
  const where = ['--namespace', 'inference', '--kube-version', '1.36.3'];
  return run(helm, ['template', release, path.join(root, 'deploy/chart'), ...where, ...set]);
}

function run(file: string, args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(file, args, { encoding: 'utf8', timeout: 60_000 });
}

/** Objects by kind and name. */
function objectsOf(text: string): Readonly<Record<string, unknown>> {
  const objects = parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as { kind: string; metadata: { name: string } } | null;
  });
  return Object.fromEntries(
    objects.flatMap((each) => (each === null ? [] : [[`${each.kind}/${each.metadata.name}`, each]])),
  );
}

describe.skipIf(helm === '')('the chart', () => {
  it('passes helm lint as it is, and is refused without an image all the same', () => {
    const { status, stdout } = run(helm, ['lint', path.join(root, 'deploy/chart')]);
    expect(stdout).toContain('0 chart(s) failed');
    expect(status).toBe(0);
    expect(template('plimsoll', []).stderr).toContain('image: set that of Plimsoll by its digest');
  });

  const named = choices.map(([store, chosen]) => ({
    store,
    chosen,
    shown: chosen.flatMap((each) => each.args).join(' '),
  }));
  it.each(named)('with $store $shown gives what is printed', ({ store, chosen }) => {
    const [file = '', ...words] = ownWords;
    const args = ['--name', 'first', '--namespace', 'inference', '--gateways', '3', '--store', store];
    const printed = run(file, [
      ...words,
      ...['install', 'kubernetes', '--print', '--image', image, ...args],
      ...chosen.flatMap((each) => each.args),
    ]);
    expect(printed).toMatchObject({ status: 0 });
    const values = [`image=${image}`, 'gateways=3', `store.kind=${store}`, ...chosen.flatMap((each) => each.values)];
    const rendered = template('first', values);
    expect(rendered).toMatchObject({ status: 0 });
    const objects = objectsOf(printed.stdout);
    expect(Object.keys(objects).length).toBeGreaterThanOrEqual(12);
    expect(objectsOf(rendered.stdout)).toEqual(objects);
  });

  it('with default values gives what is printed with default options', () => {
    const [file = '', ...words] = ownWords;
    const printed = run(file, [
      ...words,
      'install',
      'kubernetes',
      '--print',
      '--image',
      image,
      '--namespace',
      'inference',
    ]);
    expect(objectsOf(template('plimsoll', [`image=${image}`]).stdout)).toEqual(objectsOf(printed.stdout));
  });

  it('takes where pods run and who may pull from the values', () => {
    const { stdout } = template('first', [
      `image=${image}`,
      'imagePullSecrets[0].name=pull',
      'gateway.nodeSelector.pool=edge',
      'controlPlane.tolerations[0].operator=Exists',
      'gateway.resources.limits.memory=1Gi',
    ]);
    const objects = objectsOf(stdout);
    expect(objects['Deployment/first-gateway']).toMatchObject({
      spec: {
        template: {
          spec: {
            imagePullSecrets: [{ name: 'pull' }],
            nodeSelector: { pool: 'edge' },
            containers: [{ resources: { limits: { memory: '1Gi' }, requests: { cpu: '250m' } } }],
          },
        },
      },
    });
    expect(objects['StatefulSet/first-control-plane']).toMatchObject({
      spec: { template: { spec: { imagePullSecrets: [{ name: 'pull' }], tolerations: [{ operator: 'Exists' }] } } },
    });
  });

  it.each([
    ['no image', [], /image: set that of Plimsoll/],
    ['a tag', ['image=plimsoll:1'], /\/image/],
    ['two control planes without a bucket', [`image=${image}`, 'store.kind=postgresql'], /\/blobs/],
    ['a certificate of KEDA without TLS', [`image=${image}`, 'keda=true', 'kedaTlsSecret=keda'], /\/tlsSecret/],
    ['no gateway', [`image=${image}`, 'gateways=0'], /\/gateways/],
    ['a value of another name', [`image=${image}`, 'replicas=3'], /'replicas' not allowed/],
  ])('is refused for %s', (_what, values, said) => {
    const { status, stderr } = template('first', values);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(said);
  });

  it('passes the lint of helm', () => {
    expect(run(helm, ['lint', path.join(root, 'deploy/chart'), '--set', `image=${image}`])).toMatchObject({
      status: 0,
    });
  });
});
