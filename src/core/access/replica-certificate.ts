interface Owner {
  readonly service: string;
  readonly environment: string;
}

/**
 * Returns the DNS names of which the certificate of a replica has one: of its environment, or of every environment of its service.
 * Replicas of measurements have environments of their own.
 */
export function namesOfReplica({ service, environment }: Owner): readonly [string, string] {
  return [`${service}.${environment}.plimsoll`, `${service}.plimsoll`];
}

/** Why a connection to a replica over TLS did not come about. */
interface ReplicaTlsProblem {
  readonly code:
    | 'replica-certificate-expired'
    | 'replica-certificate-early'
    | 'replica-certificate-of-another'
    | 'replica-certificate-untrusted'
    | 'replica-refuses-certificate'
    | 'replica-speaks-plain-http';
  /** State and cause. */
  readonly reason: string;
  readonly next: string;
}

/**
 * Returns what an error of TLS says of a replica; null for an error that is not of TLS.
 *
 * | code of Node or OpenSSL | problem |
 * |---|---|
 * | CERT_HAS_EXPIRED | expired |
 * | CERT_NOT_YET_VALID | early |
 * | ERR_TLS_CERT_ALTNAME_INVALID | of another |
 * | UNABLE_TO_..., SELF_SIGNED_..., DEPTH_ZERO_..., other CERT_... | untrusted |
 * | an alert of the server about a certificate | it refuses ours |
 * | ERR_SSL_WRONG_VERSION_NUMBER, ERR_SSL_PACKET_LENGTH_TOO_LONG, HTTP_REQUEST | it speaks plain HTTP |
 *
 * https://nodejs.org/docs/latest-v24.x/api/tls.html#x509-certificate-error-codes (2026-11-29)
 */
export function explainReplicaTls(code: string, owner: Owner): ReplicaTlsProblem | null {
  const renew = 'renew the Secret of `code.tls`: the replica reads its files again';
  if (code === 'CERT_HAS_EXPIRED') {
    return { code: 'replica-certificate-expired', reason: 'its certificate has expired', next: renew };
  }
  if (code === 'CERT_NOT_YET_VALID') {
    const next = 'compare the clocks of the two machines, or renew the Secret of `code.tls`';
    return { code: 'replica-certificate-early', reason: 'its certificate is not valid yet', next };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = namesOfReplica(owner);
    const reason = `its certificate names neither ${names.join(' nor ')}`;
    return {
      code: 'replica-certificate-of-another',
      reason,
      next: `issue a certificate with the DNS name ${names[0]}`,
    };
  }
  if (/^(CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/.test(code)) {
    const reason = `no authority of PLIMSOLL_REPLICA_CA_FILE vouches for its certificate (${code})`;
    const next = 'issue the certificate by that authority, or add its authority to the file';
    return { code: 'replica-certificate-untrusted', reason, next };
  }
  if (/^ERR_SSL_.*ALERT.*(CERTIFICATE|UNKNOWN_CA)/.test(code)) {
    const reason = `it does not take the certificate of PLIMSOLL_REPLICA_CERT_FILE (${code})`;
    const next = 'put the authority of that certificate into `ca.crt` of the Secret of `code.tls`';
    return { code: 'replica-refuses-certificate', reason, next };
  }
  if (/^(ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)|EPROTO)$/.test(code)) {
    const next = 'start it with ${PLIMSOLL_TLS_CERT_FILE} and ${PLIMSOLL_TLS_KEY_FILE}, or remove `code.tls`';
    return { code: 'replica-speaks-plain-http', reason: 'it does not speak TLS', next };
  }
  return null;
}
