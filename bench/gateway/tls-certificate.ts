import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Files in PEM. */
export interface TlsCertificate {
  readonly cert: string;
  readonly key: string;
  remove(): void;
}

/** A certificate for 127.0.0.1 that is signed by itself, with a key on P-256; null without openssl. */
export function makeTlsCertificate(): TlsCertificate | null {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-tls-'));
  const [cert, key] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const made = spawnSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert]);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  if (made.status === 0) return { cert, key, remove };
  remove();
  return null;
}
