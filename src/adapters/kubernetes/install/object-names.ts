import type { InstallationOptions } from '../../../ports/serving/installation.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';

export type Component = 'control-plane' | 'gateway';

type Named = Pick<InstallationOptions, 'name' | 'namespace'>;

export const componentName = ({ name }: Pick<Named, 'name'>, component: Component): string => `${name}-${component}`;
/** The tokens that the control plane takes, under the key `tokens`. */
export const tokensSecret = ({ name }: Pick<Named, 'name'>): string => `${name}-tokens`;
/** The token of the gateways, under the key `token`. */
export const gatewayTokenSecret = ({ name }: Pick<Named, 'name'>): string => `${name}-gateway-token`;
/** The token with which Prometheus reads the control plane's metrics, under the key `token`. */
export const metricsTokenSecret = ({ name }: Pick<Named, 'name'>): string => `${name}-metrics-token`;
/** Variables of the control plane that are secret or of one place alone: DATABASE_URL, AWS_*, PLIMSOLL_REGISTRIES. */
export const environmentSecret = ({ name }: Pick<Named, 'name'>): string => `${name}-environment`;

/** Service account whose tokens commands ask for (`plimsoll status -n NAMESPACE`). */
export const cliAccount = ({ name }: Pick<Named, 'name'>): string => `${name}-cli`;

export const controlPlanePort = 7070;
/** On the loopback address of the pod, where forwarded connections come in. */
export const forwardedPort = 7071;
/** Where a kubelet asks whether a control plane is ready: the one that stands by listens nowhere else. */
export const readyPort = 7072;
/** Where KEDA asks for numbers of replicas. */
export const scalerPort = 6000;
export const gatewayPort = 8080;
/** Of the pod whose control plane holds the lease. */
export const leaseLabel = { 'plimsoll.dev/lease': 'held' } as const;

export const componentLabels = (
  { name }: Pick<Named, 'name'>,
  component: Component,
): Readonly<Record<string, string>> => ({
  'app.kubernetes.io/name': 'plimsoll',
  'app.kubernetes.io/instance': name,
  'app.kubernetes.io/component': component,
});

/** Metadata of an object of one component. */
export const metadataOf = (
  options: Named,
  component: Component,
  name = componentName(options, component),
): JsonObject => ({
  name,
  namespace: options.namespace,
  labels: componentLabels(options, component),
});

/** Where other pods reach the control plane. */
export function controlPlaneUrl(options: Pick<InstallationOptions, 'name' | 'namespace' | 'tlsSecret'>): string {
  const scheme = options.tlsSecret === null ? 'http' : 'https';
  return `${scheme}://${componentName(options, 'control-plane')}.${options.namespace}.svc:${controlPlanePort}`;
}
