import type { InstallationOptions } from '../../ports/serving/installation.ts';

/** What has to be there first. None of it is made here, because all of it is secret or belongs to somebody else. */
export function listPreparation({
  name,
  namespace,
  store,
  tlsSecret,
  gatewayTlsSecret,
  keda,
  kedaTlsSecret,
  replicaTlsSecret,
  identitiesSecret,
  serviceMonitor,
  accountTokens,
  admissionPolicy,
}: InstallationOptions): readonly string[] {
  const secret = (suffix: string, from: string): string =>
    `  kubectl create secret generic ${name}-${suffix} -n ${namespace} ${from}`;
  return [
    'Once, before this is applied:',
    `  kubectl create namespace ${namespace}`,
    `  kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=restricted`,
    '  plimsoll token add gateway --role gateway --expires 365d --file tokens > gateway.token',
    '  plimsoll token add admin --role operate --file tokens > admin.token',
    ...(serviceMonitor
      ? ['  plimsoll token add prometheus --role view --expires 365d --file tokens > metrics.token']
      : []),
    ...(accountTokens
      ? [
          `  plimsoll token add system:serviceaccount:${namespace}:${name}-cli --role operate --expires 365d --file tokens`,
        ]
      : []),
    secret('tokens', '--from-file=tokens'),
    secret('gateway-token', '--from-file=token=gateway.token'),
    ...(serviceMonitor ? [secret('metrics-token', '--from-file=token=metrics.token')] : []),
    ...(store.kind === 'postgresql'
      ? [secret('environment', '--from-literal=DATABASE_URL=... --from-literal=AWS_ACCESS_KEY_ID=... ...')]
      : []),
    ...(tlsSecret === null ? [] : [`  (the Secret ${tlsSecret} with tls.crt, tls.key and ca.crt)`]),
    ...(tlsSecret === null || gatewayTlsSecret === null
      ? []
      : [
          `  (the Secret ${gatewayTlsSecret} with tls.crt, tls.key and ca.crt; the certificate names URI:plimsoll:gateway:${name}-gateway-*)`,
        ]),
    ...(keda ? ['  (KEDA, whose operator may read the Secrets of this namespace)'] : []),
    ...(tlsSecret === null || !keda || kedaTlsSecret === null
      ? []
      : [`  (the Secret ${kedaTlsSecret} with tls.crt, tls.key and ca.crt; an authority of its own signs KEDA alone)`]),
    ...(replicaTlsSecret === null
      ? []
      : [
          `  (the Secret ${replicaTlsSecret} with tls.crt, tls.key and ca.crt, which replicas with a certificate trust)`,
        ]),
    ...(admissionPolicy
      ? []
      : ['  (without its admission policy the control plane may mount every Secret of the namespace)']),
    ...(identitiesSecret === null
      ? []
      : [`  kubectl create secret generic ${identitiesSecret} -n ${namespace} --from-file=identities.yaml`]),
  ];
}
