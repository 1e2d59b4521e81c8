import type { InstallationOptions, InstallationStore } from '../../../ports/serving/installation.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import {
  componentLabels,
  componentName,
  controlPlanePort,
  controlPlaneUrl,
  environmentSecret,
  forwardedPort,
  metadataOf,
  tokensSecret,
} from './object-names.ts';
import {
  makePod,
  secretVolume,
  spreadOverNodes,
  stateFolder,
  tlsFolder,
  tlsMount,
  type ComponentSettings,
} from './pod.ts';

const tokensFolder = '/etc/plimsoll/tokens';
/** No deadline: a control plane that stands by is not ready, for as long as another one has the lease. */
const noDeadlineSeconds = 2_147_483_647;

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
      progressDeadlineSeconds: noDeadlineSeconds,
      selector,
      // The one that stands by is not ready, and no rollout would ever end that waits for it.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: '100%' } },
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
      selector: componentLabels(options, 'control-plane'),
      ports: [{ name: 'http', port: controlPlanePort, targetPort: 'http', protocol: 'TCP' }],
    },
  };
}

function makeTemplate(options: InstallationOptions, { start, resources, pod }: ComponentSettings): JsonObject {
  const { store, tlsSecret } = options;
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
      ...(tlsSecret === null ? [] : ['--tls-cert', `${tlsFolder}/tls.crt`, '--tls-key', `${tlsFolder}/tls.key`]),
    ],
    env: makeVariables(options),
    ports: [{ name: 'http', containerPort: controlPlanePort, protocol: 'TCP' }],
    container: {
      envFrom: [{ secretRef: { name: environmentSecret(options), optional: true } }],
      // Only the one with the lease listens, so that the Service leads to it alone.
      readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 2, failureThreshold: 2 },
    },
    resources,
    mounts: [{ name: 'tokens', mountPath: tokensFolder, readOnly: true }, ...(tlsSecret === null ? [] : [tlsMount])],
    volumes: [
      ...(store.kind === 'sqlite' ? [] : [{ name: 'state', emptyDir: {} }]),
      secretVolume('tokens', tokensSecret(options)),
      ...(tlsSecret === null ? [] : [secretVolume('tls', tlsSecret)]),
    ],
    pod: { ...(store.kind === 'sqlite' ? {} : spreadOverNodes(options, 'control-plane')), ...pod },
  });
}

function makeVariables(options: InstallationOptions): readonly JsonObject[] {
  const values = {
    PLIMSOLL_PLATFORM: 'kubernetes',
    PLIMSOLL_INSTALLATION: options.name,
    PLIMSOLL_REPLICA_IMAGE: options.image,
    PLIMSOLL_URL_FOR_REPLICAS: controlPlaneUrl(options),
    ...(options.tlsSecret === null ? {} : { PLIMSOLL_CA_SECRET_FOR_REPLICAS: options.tlsSecret }),
    ...(options.blobs === null ? {} : { PLIMSOLL_BLOBS: options.blobs }),
  };
  const secretKeyRef = { name: environmentSecret(options), key: 'DATABASE_URL' };
  return [
    ...Object.entries(values).map(([name, value]) => ({ name, value })),
    // Named, so that the pod waits for the database instead of starting with SQLite.
    ...(options.store.kind === 'postgresql' ? [{ name: 'DATABASE_URL', valueFrom: { secretKeyRef } }] : []),
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
