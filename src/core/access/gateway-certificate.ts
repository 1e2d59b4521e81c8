/** A certificate that a client showed when it connected. */
export interface ShownCertificate {
  /** Why it was not verified, in the words of the TLS library; null where it was, against the authorities that are trusted here. */
  readonly problem: string | null;
  /** Common name of its subject, and its alternative names: `DNS:gateway-1`, `URI:plimsoll:gateway:gateway-1`. */
  readonly commonName: string | null;
  readonly alternativeNames: readonly string[];
  readonly validFromMs: number;
  readonly validToMs: number;
}

export interface RefusedCertificate {
  readonly accepted: false;
  readonly code: CertificateProblem;
  readonly reason: string;
}

export type CertificateJudgement = { readonly accepted: true } | RefusedCertificate;

export type CertificateProblem =
  | 'client-certificate-missing'
  | 'client-certificate-expired'
  | 'client-certificate-early'
  | 'client-certificate-untrusted'
  | 'client-certificate-of-another';

const uriPrefix = 'URI:plimsoll:gateway:';

/**
 * Returns whether a gateway may be taken for the one that it says it is. Asked at each request: a connection may outlive its certificate.
 *
 * | certificate | judgement |
 * |---|---|
 * | none | missing |
 * | its last moment is over | expired |
 * | its first moment is still to come | early |
 * | its own time is right, and it was not verified for any reason | untrusted |
 * | trusted and valid, none of its names is the gateway's id | of another |
 * | trusted and valid, with the id as one of its names | accepted |
 *
 * The id is a name of the certificate as a DNS name, as `plimsoll:gateway:ID`, where one star at the end stands for any rest (ids of pods),
 * or as common name where the certificate has no alternative names (RFC 6125, section 6.4.4).
 */
export function judgeGatewayCertificate(
  shown: ShownCertificate | null,
  gatewayId: string,
  nowMs: number,
): CertificateJudgement {
  const refused = refuseUntrusted(shown, nowMs);
  if (refused !== null || shown === null) return refused ?? refuseMissing();
  if (namesOf(shown).some((name) => isName(name, gatewayId))) return { accepted: true };
  const names = namesOf(shown).join(', ').slice(0, 200);
  return refuse('client-certificate-of-another', `its certificate is of ${names === '' ? 'nobody' : names}`);
}

/** Returns why a client's certificate is not taken, whoever it names; null where it was verified and is valid. The first four rows above. */
export function refuseUntrusted(shown: ShownCertificate | null, nowMs: number): RefusedCertificate | null {
  if (shown === null) return refuseMissing();
  if (nowMs > shown.validToMs) {
    return refuse('client-certificate-expired', `its certificate expired on ${dateOf(shown.validToMs)}`);
  }
  if (nowMs < shown.validFromMs) {
    return refuse('client-certificate-early', `its certificate is valid from ${dateOf(shown.validFromMs)} on`);
  }
  // Whatever the problem: one of an expired certificate above it may hide that nobody who is trusted signed it.
  if (shown.problem !== null) {
    return refuse('client-certificate-untrusted', `its certificate was not verified (${shown.problem})`);
  }
  return null;
}

function namesOf({ commonName, alternativeNames }: ShownCertificate): readonly string[] {
  if (alternativeNames.length > 0) return alternativeNames.flatMap(nameOf);
  return commonName === null ? [] : [commonName];
}

function nameOf(alternative: string): readonly string[] {
  if (alternative.startsWith(uriPrefix)) return [alternative.slice(uriPrefix.length)];
  // A star of a DNS name stands for another machine's name, and not for the rest of an id.
  return alternative.startsWith('DNS:') && !alternative.includes('*') ? [alternative.slice('DNS:'.length)] : [];
}

function isName(name: string, gatewayId: string): boolean {
  if (!name.endsWith('*')) return name === gatewayId;
  const start = name.slice(0, -1);
  return start !== '' && !start.includes('*') && gatewayId.startsWith(start) && gatewayId.length > start.length;
}

const refuse = (code: CertificateProblem, reason: string): RefusedCertificate => ({ accepted: false, code, reason });
const refuseMissing = (): RefusedCertificate => refuse('client-certificate-missing', 'no certificate was shown');

const dateOf = (ms: number): string => new Date(ms).toISOString();
