import type { InstallationOptions, InstallationStore } from '../../../ports/serving/installation.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import {
  componentLabels,
  componentName,
  controlPlanePort,
  controlPlaneUrl,
  environmentSecret,
  forwardedPort,
  leaseLabel,
  metadataOf,
  readyPort,
  scalerPort,
  tokensSecret,
} from './object-names.ts';
import {
  gatewaySecretOf,
  gatewayTlsFolder,
  kedaSecretOf,
  kedaTlsFolder,
  makePod,
  makePullSecrets,
  makeReplicaTls,
  partOfSecret,
  secretVolume,
  spreadOverNodes,
  stateFolder,
  tlsFolder,
  tlsMount,
  type ComponentSettings,
} from './pod.ts';

const tokensFolder = '/etc/plimsoll/tokens';
const identitiesFolder = '/etc/plimsoll/identities';

const isAlone = ({ store }: InstallationOptions): boolean => store.kind === 'sqlite';

/** With a database two, of which one stands by; with SQLite one that keeps its volume. */
export function makeControlPlane(options: InstallationOptions, settings: ComponentSettings): JsonObject {
  const metadata = metadataOf(options, 'control-plane');
  const selector = { matchLabels: componentLabels(options, 'control-plane') };
  const template = makeTemplate(options, settings);
  if (options.store.kind === 'sqlite') {
    return {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata,
      spec: {
        serviceName: componentName(options, 'control-plane'),
        replicas: 1,
        selector,
        template,
        volumeClaimTemplates: [makeClaim(options.store)],
      },
    };
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas: 2,
      selector,
      // A newer version may change the schema: no older one writes to the store beside it.
      strategy: { type: 'Recreate' },
      template,
    },
  };
}

export function makeControlPlaneService(options: InstallationOptions): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(options, 'control-plane'),
    spec: {
      // Two are ready, and one of them listens.
      selector: { ...componentLabels(options, 'control-plane'), ...(isAlone(options) ? {} : leaseLabel) },
      ports: [
        { name: 'http', port: controlPlanePort, targetPort: 'http', protocol: 'TCP' },
        ...(options.keda ? [{ name: 'scaler', port: scalerPort, targetPort: 'scaler', protocol: 'TCP' }] : []),
      ],
    },
  };
}

function makeTemplate(options: InstallationOptions, { start, resources, pod }: ComponentSettings): JsonObject {
  const { store, tlsSecret, identitiesSecret, keda } = options;
  const [ofGateways, ofKeda, ofReplicas] = [gatewaySecretOf(options), kedaSecretOf(options), makeReplicaTls(options)];
  return makePod(options, 'control-plane', start, {
    args: [
      '--state',
      stateFolder,
      '--listen',
      `0.0.0.0:${controlPlanePort}`,
      '--local-listen',
      `127.0.0.1:${forwardedPort}`,
      '--token-file',
      `${tokensFolder}/tokens`,
      '--ready-listen',
      `0.0.0.0:${readyPort}`,
      ...(tlsSecret === null ? [] : ['--tls-cert', `${tlsFolder}/tls.crt`, '--tls-key', `${tlsFolder}/tls.key`]),
      ...(ofGateways === null ? [] : ['--tls-client-ca', `${gatewayTlsFolder}/ca.crt`]),
      ...(keda ? ['--scaler-listen', `0.0.0.0:${scalerPort}`] : []),
      ...(ofKeda === null ? [] : ['--scaler-client-ca', `${kedaTlsFolder}/ca.crt`]),
      ...(identitiesSecret === null ? [] : ['--identities', `${identitiesFolder}/identities.yaml`]),
    ],
    env: [...makeVariables(options), ...ofReplicas.env],
    ports: [
      { name: 'http', containerPort: controlPlanePort, protocol: 'TCP' },
      ...(keda ? [{ name: 'scaler', containerPort: scalerPort, protocol: 'TCP' }] : []),
      { name: 'ready', containerPort: readyPort, protocol: 'TCP' },
    ],
    container: {
      envFrom: [{ secretRef: { name: environmentSecret(options), optional: true } }],
      readinessProbe: {
        ...(isAlone(options) ? { tcpSocket: { port: 'http' } } : { httpGet: { path: '/', port: 'ready' } }),
        periodSeconds: 2,
        failureThreshold: 2,
      },
      // A turn that was taken: a port takes connections also while nothing goes on behind it.
      livenessProbe: {
        httpGet: { path: '/live', port: 'ready' },
        initialDelaySeconds: 30,
        periodSeconds: 10,
        timeoutSeconds: 5,
        failureThreshold: 6,
      },
    },
    resources,
    mounts: [
      { name: 'tokens', mountPath: tokensFolder, readOnly: true },
      ...(tlsSecret === null ? [] : [tlsMount]),
      ...(ofGateways === null ? [] : [{ name: 'gateway-tls', mountPath: gatewayTlsFolder, readOnly: true }]),
      ...(ofKeda === null ? [] : [{ name: 'keda-tls', mountPath: kedaTlsFolder, readOnly: true }]),
      ...ofReplicas.mounts,
      ...(identitiesSecret === null ? [] : [{ name: 'identities', mountPath: identitiesFolder, readOnly: true }]),
    ],
    volumes: [
      ...(store.kind === 'sqlite' ? [] : [{ name: 'state', emptyDir: {} }]),
      secretVolume('tokens', tokensSecret(options)),
      ...(tlsSecret === null ? [] : [secretVolume('tls', tlsSecret)]),
      // Their keys stay with the gateways.
      ...(ofGateways === null ? [] : [partOfSecret('gateway-tls', ofGateways, ['ca.crt'])]),
      ...(ofKeda === null ? [] : [partOfSecret('keda-tls', ofKeda, ['ca.crt'])]),
      ...ofReplicas.volumes,
      ...(identitiesSecret === null ? [] : [secretVolume('identities', identitiesSecret)]),
    ],
    pod: {
      ...(store.kind === 'sqlite' ? {} : spreadOverNodes(options, 'control-plane')),
      ...makePullSecrets(options),
      ...pod,
    },
  });
}

function makeVariables(options: InstallationOptions): readonly JsonObject[] {
  const values = {
    PLIMSOLL_PLATFORM: 'kubernetes',
    PLIMSOLL_INSTALLATION: options.name,
    PLIMSOLL_REPLICA_IMAGE: options.image,
    PLIMSOLL_URL_FOR_REPLICAS: controlPlaneUrl(options),
    ...(options.tlsSecret === null ? {} : { PLIMSOLL_CA_SECRET_FOR_REPLICAS: options.tlsSecret }),
    ...(options.imagePullSecrets.length === 0
      ? {}
      : { PLIMSOLL_IMAGE_PULL_SECRETS: options.imagePullSecrets.join(',') }),
    ...(options.blobs === null ? {} : { PLIMSOLL_BLOBS: options.blobs }),
  };
  const secretKeyRef = { name: environmentSecret(options), key: 'DATABASE_URL' };
  return [
    ...Object.entries(values).map(([name, value]) => ({ name, value })),
    // Named, so that the pod waits for the database instead of starting with SQLite.
    ...(isAlone(options)
      ? []
      : [
          { name: 'DATABASE_URL', valueFrom: { secretKeyRef } },
          { name: 'PLIMSOLL_POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        ]),
  ];
}

function makeClaim({ size, storageClass }: Extract<InstallationStore, { kind: 'sqlite' }>): JsonObject {
  return {
    metadata: { name: 'state' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      ...(storageClass === null ? {} : { storageClassName: storageClass }),
      resources: { requests: { storage: size } },
    },
  };
}
