import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Why there can be no certificates; null where there can. */
export const missingOpenssl = spawnSync('openssl', ['version']).status === 0 ? null : 'openssl is not installed';

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateAsk {
  readonly commonName: string;
  /** `DNS:gateway-1,URI:plimsoll:gateway:gateway-1`; none unless given. */
  readonly alternativeNames?: string;
  /** From now on; below zero for one that has expired already. 2 unless given. */
  readonly days?: number;
  /** Who signs it; itself unless given. */
  readonly authority?: CertificateFiles;
}

/** Makes a certificate with its key in a folder, as `NAME.pem` and `NAME.key`. */
export function makeCertificate(folder: string, name: string, ask: CertificateAsk): CertificateFiles {
  const { commonName, alternativeNames, days = 2, authority } = ask;
  const at = (suffix: string): string => path.join(folder, `${name}.${suffix}`);
  const files = { cert: at('pem'), key: at('key') };
  openssl('req', '-new', ...newKey, '-keyout', files.key, '-out', at('csr'), '-subj', `/CN=${commonName}`);
  const isAuthority = authority === undefined && alternativeNames === undefined;
  const extensions = [
    ...(isAuthority ? ['basicConstraints=critical,CA:TRUE'] : []),
    ...(alternativeNames === undefined ? [] : [`subjectAltName=${alternativeNames}`]),
  ];
  writeFileSync(at('ext'), `${extensions.join('\n')}\n`);
  const by =
    authority === undefined
      ? ['-signkey', files.key]
      : ['-CA', authority.cert, '-CAkey', authority.key, '-CAcreateserial'];
  const out = ['-extfile', at('ext'), '-out', files.cert];
  openssl('x509', '-req', '-in', at('csr'), '-days', String(days), ...by, ...out);
  return files;
}

/** Puts one in the place of another, as whoever renews it does. */
export function replaceCertificate(present: CertificateFiles, by: CertificateFiles): void {
  copyFileSync(by.key, present.key);
  copyFileSync(by.cert, present.cert);
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', [...args], { stdio: 'pipe' });
}
