import { chooseScheme } from '../../../core/contract/replica-tls.ts';
import type { ReplicaOwner, ReplicaSetSpec } from '../../../ports/serving/platform.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { containerVolumes, home, makeContainer, modelFolder } from './container.ts';
import { makeFileParts } from './file-parts.ts';
import { admittedCondition, annotationOf, fieldManager, labelOf, selectorLabels } from './labels.ts';
import type { ManifestOptions, Placement } from './placement.ts';
import { makeSecretFiles } from './secret-parts.ts';
import { ownedBy } from './service.ts';
import { makeShmParts } from './shm-parts.ts';

/** No deadline: a pod that is not admitted stays NotReady for as long as its judge wants. */
const noDeadlineSeconds = 2_147_483_647;
/**
 * A node that sends no heartbeat is unreachable after 50 s (`--node-monitor-grace-period`). Its pods then wait this long
 * before others are made in their place. Kubernetes itself says 300 s, for which a service would lack these replicas.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 */
const lostNodeToleration = {
  key: 'node.kubernetes.io/unreachable',
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 20,
};
/** Of nobody: it is in no image, and may write to its own volumes alone. */
export const userId = 65_532;

/**
 * The Deployment of a set, as it is applied. The number of replicas is left out where another one counts.
 * @param template the pod template that this set has already; null for a new set.
 */
export function makeDeployment(
  owner: ReplicaOwner,
  spec: ReplicaSetSpec,
  replicas: number,
  template: JsonObject,
  options: ManifestOptions,
): JsonObject {
  const selector = selectorLabels(options.installation, owner, spec.set);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: spec.set,
      namespace: options.namespace,
      labels: { ...selector, [labelOf.managedBy]: fieldManager },
      annotations: {
        [annotationOf.pair]: spec.pair,
        [annotationOf.template]: JSON.stringify(template),
      },
      ...ownedBy(options.ownerReference),
    },
    spec: {
      ...(spec.isCountedByAnother === true ? {} : { replicas }),
      progressDeadlineSeconds: noDeadlineSeconds,
      revisionHistoryLimit: 0,
      selector: { matchLabels: selector },
      // The template never changes. Where somebody changes it, no pod is given up before it is put back.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template,
    },
  };
}

/** @throws PlimsollError as `makeContainer` and `makeFileParts`. */
export function makePodTemplate(
  owner: ReplicaOwner,
  spec: ReplicaSetSpec,
  placement: Placement,
  options: ManifestOptions,
): JsonObject {
  const selector = selectorLabels(options.installation, owner, spec.set);
  const secrets = makeSecretFiles(spec.workload, owner, options);
  const scheme = chooseScheme(spec.workload.secrets);
  const { imagePullSecrets = [] } = options;
  const shm = makeShmParts(spec.workload);
  const files = makeFileParts(spec, { home, model: modelFolder }, options);
  return {
    metadata: {
      labels: { ...selector, [labelOf.managedBy]: fieldManager },
      annotations: {
        [annotationOf.pair]: spec.pair,
        [annotationOf.release]: String(spec.release),
        [annotationOf.startTimeoutMs]: String(spec.startTimeoutMs),
        ...(scheme === 'https' ? { [annotationOf.scheme]: scheme } : {}),
      },
    },
    spec: {
      ...(files.initContainers.length === 0 ? {} : { initContainers: files.initContainers }),
      containers: [makeContainer(owner, spec, placement, options, [...files.mounts, ...secrets.mounts, ...shm.mounts])],
      volumes: [...containerVolumes, ...files.volumes, ...secrets.volumes, ...shm.volumes],
      readinessGates: [{ conditionType: admittedCondition }],
      terminationGracePeriodSeconds: options.preStopSeconds + Math.max(1, Math.ceil(spec.drainTimeoutMs / 1_000)),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(options.serviceAccount === undefined ? {} : { serviceAccountName: options.serviceAccount }),
      ...(imagePullSecrets.length === 0 ? {} : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: userId,
        runAsGroup: userId,
        fsGroup: userId,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: selector },
        },
      ],
      ...(placement.nodeSelector === undefined ? {} : { nodeSelector: placement.nodeSelector }),
      ...(placement.runtimeClassName === undefined ? {} : { runtimeClassName: placement.runtimeClassName }),
      tolerations: [...(placement.tolerations ?? []), lostNodeToleration],
    },
  };
}
