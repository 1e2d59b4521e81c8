import type { InstallationOptions } from '../../../ports/serving/installation.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import {
  componentLabels,
  componentName,
  controlPlaneUrl,
  gatewayPort,
  gatewayTokenSecret,
  metadataOf,
} from './object-names.ts';
import {
  gatewaySecretOf,
  gatewayTlsFolder,
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

const tokenFolder = '/etc/plimsoll/gateway-token';
/** Between the end of new connections and SIGTERM, for those who have not heard yet. */
const preStopSeconds = 5;
/** `--drain-timeout` of the gateway. */
const drainSeconds = 20;

export function makeGateways(options: InstallationOptions, { start, resources, pod }: ComponentSettings): JsonObject {
  const { tlsSecret } = options;
  const shown = gatewaySecretOf(options);
  const ofReplicas = makeReplicaTls(options);
  const template = makePod(options, 'gateway', start, {
    args: [
      '--state',
      stateFolder,
      '--listen',
      `0.0.0.0:${gatewayPort}`,
      '--id',
      '$(POD_NAME)',
      '--control-plane',
      controlPlaneUrl(options),
      '--token-file',
      `${tokenFolder}/token`,
      ...(tlsSecret === null ? ['--plain-http'] : ['--ca-file', `${tlsFolder}/ca.crt`]),
      ...(shown === null
        ? []
        : ['--tls-cert', `${gatewayTlsFolder}/tls.crt`, '--tls-key', `${gatewayTlsFolder}/tls.key`]),
      '--drain-timeout',
      String(drainSeconds * 1_000),
    ],
    env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }, ...ofReplicas.env],
    ports: [{ name: 'http', containerPort: gatewayPort, protocol: 'TCP' }],
    container: {
      readinessProbe: { httpGet: { path: '/plimsoll/ready', port: 'http' }, periodSeconds: 2, failureThreshold: 2 },
      livenessProbe: { httpGet: { path: '/plimsoll/live', port: 'http' }, periodSeconds: 10, failureThreshold: 6 },
      lifecycle: { preStop: { sleep: { seconds: preStopSeconds } } },
    },
    resources,
    mounts: [
      { name: 'token', mountPath: tokenFolder, readOnly: true },
      ...(tlsSecret === null ? [] : [tlsMount]),
      ...(shown === null ? [] : [{ name: 'gateway-tls', mountPath: gatewayTlsFolder, readOnly: true }]),
      ...ofReplicas.mounts,
    ],
    volumes: [
      { name: 'state', emptyDir: {} },
      secretVolume('token', gatewayTokenSecret(options)),
      // The key stays with the control plane.
      ...(tlsSecret === null
        ? []
        : [{ name: 'tls', secret: { secretName: tlsSecret, items: [{ key: 'ca.crt', path: 'ca.crt' }] } }]),
      ...(shown === null ? [] : [partOfSecret('gateway-tls', shown, ['tls.crt', 'tls.key'])]),
      ...ofReplicas.volumes,
    ],
    pod: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: preStopSeconds + drainSeconds + 5,
      ...spreadOverNodes(options, 'gateway'),
      ...makePullSecrets(options),
      ...pod,
    },
  });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(options, 'gateway'),
    spec: {
      replicas: options.gateways,
      selector: { matchLabels: componentLabels(options, 'gateway') },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template,
    },
  };
}

/** Where clients come in. */
export function makeGatewayService(options: InstallationOptions): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(options, 'gateway'),
    spec: {
      selector: componentLabels(options, 'gateway'),
      ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }],
    },
  };
}

/** A drained node takes one gateway at a time. */
export function makeDisruptionBudget(options: InstallationOptions): JsonObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadataOf(options, 'gateway', componentName(options, 'gateway')),
    spec: { maxUnavailable: 1, selector: { matchLabels: componentLabels(options, 'gateway') } },
  };
}
