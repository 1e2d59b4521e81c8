import type { InstallationOptions } from '../../../ports/serving/installation.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { componentLabels, componentName, metadataOf, metricsTokenSecret, type Component } from './object-names.ts';

/** For the Prometheus operator. The control plane's metrics need a token with the role `view`; the gateway's are open. */
export function makeServiceMonitors(options: InstallationOptions): readonly JsonObject[] {
  const { tlsSecret } = options;
  const serverName = `${componentName(options, 'control-plane')}.${options.namespace}.svc`;
  return [
    makeMonitor(options, 'control-plane', {
      path: '/metrics',
      authorization: { credentials: { name: metricsTokenSecret(options), key: 'token' } },
      ...(tlsSecret === null
        ? {}
        : { scheme: 'https', tlsConfig: { serverName, ca: { secret: { name: tlsSecret, key: 'ca.crt' } } } }),
    }),
    makeMonitor(options, 'gateway', { path: '/plimsoll/metrics' }),
  ];
}

const makeMonitor = (options: InstallationOptions, component: Component, endpoint: JsonObject): JsonObject => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: metadataOf(options, component),
  spec: {
    selector: { matchLabels: componentLabels(options, component) },
    endpoints: [{ port: 'http', ...endpoint }],
  },
});
