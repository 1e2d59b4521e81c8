import type { InstallationOptions } from '../../../ports/serving/installation.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { metadataOf } from './object-names.ts';
import { kedaSecretOf } from './pod.ts';

/**
 * Makes what a trigger of KEDA names as its `authenticationRef`: whom KEDA trusts, and what it shows of itself.
 * Null where the port has no TLS: then there is nothing to name.
 * @see https://keda.sh/docs/latest/scalers/external/ (parameters of authentication, read 2026-11-29)
 */
export function makeKedaAuthentication(options: InstallationOptions): JsonObject | null {
  const { tlsSecret, keda } = options;
  if (tlsSecret === null || !keda) return null;
  const shown = kedaSecretOf(options);
  const part = (parameter: string, name: string, key: string): JsonObject => ({ parameter, name, key });
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'TriggerAuthentication',
    metadata: metadataOf(options, 'control-plane', `${options.name}-keda`),
    spec: {
      secretTargetRef: [
        part('caCert', tlsSecret, 'ca.crt'),
        ...(shown === null ? [] : [part('tlsClientCert', shown, 'tls.crt'), part('tlsClientKey', shown, 'tls.key')]),
      ],
    },
  };
}
