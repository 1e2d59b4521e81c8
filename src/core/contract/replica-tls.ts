/** The variables by which a replica finds its certificate, its key, and the authorities of its clients' certificates. */
export const replicaTlsVariables = {
  cert: 'PLIMSOLL_TLS_CERT_FILE',
  key: 'PLIMSOLL_TLS_KEY_FILE',
  authorities: 'PLIMSOLL_TLS_CA_FILE',
} as const;

/**
 * Returns the secrets that `code.tls` stands for: the three files of a Secret of the type `kubernetes.io/tls`, as cert-manager makes it.
 * Returns none without `code.tls`.
 * https://cert-manager.io/docs/usage/certificate/ (2026-11-29)
 */
export function makeTlsSecrets(secret: string | undefined): Readonly<Record<string, string>> {
  if (secret === undefined) return {};
  const fileOf = (key: string): string => `secret-file/${secret}#${key}`;
  return {
    [replicaTlsVariables.cert]: fileOf('tls.crt'),
    [replicaTlsVariables.key]: fileOf('tls.key'),
    [replicaTlsVariables.authorities]: fileOf('ca.crt'),
  };
}

/** Returns how a replica with these secrets is reached. */
export function chooseScheme(secrets: Readonly<Record<string, string>>): 'http' | 'https' {
  return secrets[replicaTlsVariables.cert] === undefined ? 'http' : 'https';
}
