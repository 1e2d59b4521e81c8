import { describe, expect, it } from 'vitest';
import { chooseScheme, makeTlsSecrets } from './replica-tls.ts';

describe('makeTlsSecrets', () => {
  it('names the three files of a Secret as cert-manager makes it', () => {
    expect(makeTlsSecrets('digits-tls')).toEqual({
      PLIMSOLL_TLS_CERT_FILE: 'secret-file/digits-tls#tls.crt',
      PLIMSOLL_TLS_KEY_FILE: 'secret-file/digits-tls#tls.key',
      PLIMSOLL_TLS_CA_FILE: 'secret-file/digits-tls#ca.crt',
    });
  });

  it('gives nothing without `code.tls`', () => {
    expect(makeTlsSecrets(undefined)).toEqual({});
  });
});

describe('chooseScheme', () => {
  it.each([
    ['http', { HF_TOKEN: 'secret/hf#token' }],
    ['https', makeTlsSecrets('digits-tls')],
  ])('%s', (scheme, secrets) => {
    expect(chooseScheme(secrets)).toBe(scheme);
  });
});
