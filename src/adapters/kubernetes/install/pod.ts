import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { userId } from '../manifests/deployment.ts';
import { componentLabels, componentName, type Component } from './object-names.ts';

/** How a program of the image is started. */
export interface ProgramStart {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface ComponentSettings {
  readonly start: ProgramStart;
  /** Resources of the container, in the words of a pod's specification. */
  readonly resources: unknown;
  /** Further fields of the pod's specification: where it may run. */
  readonly pod?: JsonObject;
}

export interface PodParts {
  readonly args: readonly string[];
  readonly env: readonly JsonObject[];
  readonly ports: readonly JsonObject[];
  /** Further fields of the container: probes, and where variables come from. */
  readonly container: JsonObject;
  readonly resources: unknown;
  readonly mounts: readonly JsonObject[];
  readonly volumes: readonly JsonObject[];
  /** Further fields of the pod. */
  readonly pod: JsonObject;
}

export const stateFolder = '/var/lib/plimsoll';

/** A pod of Plimsoll's own image, as the pod security standard `restricted` allows it, with a read-only root file system. */
export function makePod(
  options: { readonly name: string; readonly image: string },
  component: Component,
  start: ProgramStart,
  parts: PodParts,
): JsonObject {
  return {
    metadata: { labels: componentLabels(options, component) },
    spec: {
      serviceAccountName: componentName(options, component),
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: userId,
        runAsGroup: userId,
        fsGroup: userId,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...parts.pod,
      containers: [
        {
          name: component,
          image: options.image,
          imagePullPolicy: 'IfNotPresent',
          command: start.command,
          args: parts.args,
          env: [...Object.entries(start.env).map(([name, value]) => ({ name, value })), ...parts.env],
          ports: parts.ports,
          ...parts.container,
          resources: parts.resources,
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          volumeMounts: [
            { name: 'state', mountPath: stateFolder },
            { name: 'tmp', mountPath: '/tmp' },
            ...parts.mounts,
          ],
        },
      ],
      volumes: [{ name: 'tmp', emptyDir: {} }, ...parts.volumes],
    },
  };
}

/** Two pods of a component on different nodes, where there are several. */
export const spreadOverNodes = (options: { readonly name: string }, component: Component): JsonObject => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: componentLabels(options, component) },
    },
  ],
});

/** With what nodes pull the image, from a registry that asks who pulls. */
export const makePullSecrets = ({ imagePullSecrets }: { readonly imagePullSecrets: readonly string[] }): JsonObject =>
  imagePullSecrets.length === 0 ? {} : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) };

/** Readable for the group of the pod, and not for others. */
export const secretVolume = (name: string, secretName: string): JsonObject => ({
  name,
  secret: { secretName, defaultMode: 0o440 },
});

/** Of gateways, who show it: certificate and key. */
export const gatewayTlsFolder = '/etc/plimsoll/gateway-tls';

/** The Secret with certificates of gateways; null where the control plane has no https to ask for them by. */
export const gatewaySecretOf = (options: {
  readonly tlsSecret: string | null;
  readonly gatewayTlsSecret: string | null;
}): string | null => (options.tlsSecret === null ? null : options.gatewayTlsSecret);

/** Of KEDA, who shows it: the control plane has the authority alone. */
export const kedaTlsFolder = '/etc/plimsoll/keda-tls';

/** The Secret with the certificate of KEDA; null where KEDA has no port, or the port no TLS. */
export const kedaSecretOf = (options: {
  readonly tlsSecret: string | null;
  readonly keda: boolean;
  readonly kedaTlsSecret: string | null;
}): string | null => (options.tlsSecret === null || !options.keda ? null : options.kedaTlsSecret);

/** Some keys of a Secret as files of a pod. */
export const partOfSecret = (name: string, secretName: string, keys: readonly string[]): JsonObject => ({
  name,
  secret: { secretName, defaultMode: 0o440, items: keys.map((key) => ({ key, path: key })) },
});

export const tlsFolder = '/etc/plimsoll/tls';
export const tlsMount: JsonObject = { name: 'tls', mountPath: tlsFolder, readOnly: true };

const replicaTlsFolder = '/etc/plimsoll/replica-tls';

/** Returns what gateways and control planes show replicas with a certificate; nothing where no replica has one. */
export function makeReplicaTls({ replicaTlsSecret: secret }: { readonly replicaTlsSecret: string | null }): {
  readonly env: readonly JsonObject[];
  readonly mounts: readonly JsonObject[];
  readonly volumes: readonly JsonObject[];
} {
  if (secret === null) return { env: [], mounts: [], volumes: [] };
  const variable = (name: string, key: string): JsonObject => ({
    name: `PLIMSOLL_REPLICA_${name}_FILE`,
    value: `${replicaTlsFolder}/${key}`,
  });
  return {
    env: [variable('CA', 'ca.crt'), variable('CERT', 'tls.crt'), variable('KEY', 'tls.key')],
    mounts: [{ name: 'replica-tls', mountPath: replicaTlsFolder, readOnly: true }],
    volumes: [partOfSecret('replica-tls', secret, ['ca.crt', 'tls.crt', 'tls.key'])],
  };
}
