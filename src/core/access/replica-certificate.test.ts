import { describe, expect, it } from 'vitest';
import { explainReplicaTls, namesOfReplica } from './replica-certificate.ts';

const owner = { service: 'digits', environment: 'prod' };

describe('namesOfReplica', () => {
  it('one is of the environment, one of all', () => {
    expect(namesOfReplica(owner)).toEqual(['digits.prod.plimsoll', 'digits.plimsoll']);
  });
});

describe('explainReplicaTls', () => {
  it.each([
    ['CERT_HAS_EXPIRED', 'replica-certificate-expired', /has expired/],
    ['CERT_NOT_YET_VALID', 'replica-certificate-early', /not valid yet/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'replica-certificate-of-another', /neither digits.prod.plimsoll nor digits.pl/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'replica-certificate-untrusted', /UNABLE_TO_VERIFY_LEAF_SIGNATURE/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'replica-certificate-untrusted', /no authority/],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'replica-certificate-untrusted', /no authority/],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'replica-refuses-certificate', /ALERT_CERTIFICATE_REQUIRED/],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'replica-refuses-certificate', /PLIMSOLL_REPLICA_CERT_FILE/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'replica-speaks-plain-http', /does not speak TLS/],
  ])('%s', (code, problem, reason) => {
    const told = explainReplicaTls(code, owner);
    expect(told).toMatchObject({ code: problem, reason: expect.stringMatching(reason) as string });
    expect(told?.next).not.toBe('');
  });

  it.each(['ECONNREFUSED', 'EMFILE', 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', ''])('nothing of %s', (code) => {
    expect(explainReplicaTls(code, owner)).toBeNull();
  });
});
