import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Why there is no openssl to make certificates with; null when there is one. */
export const missingOpenssl = spawnSync('openssl', ['version']).status === 0 ? null : 'openssl is not installed';

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** An authority of its own in a temporary folder, and certificates that it signs. */
export class TestAuthority {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-authority-'));
  readonly ca: CertificateFiles = { cert: path.join(this.folder, 'ca.pem'), key: path.join(this.folder, 'ca.key') };

  constructor(name: string) {
    const how = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'];
    this.#run('req', ...how, '-subj', `/CN=${name}`, '-keyout', this.ca.key, '-out', this.ca.cert);
    writeFileSync(path.join(this.folder, 'index.txt'), '');
    writeFileSync(path.join(this.folder, 'serial'), '01\n');
    writeFileSync(
      path.join(this.folder, 'ca.conf'),
      [
        '[ca]',
        'default_ca = own',
        '[own]',
        `database = ${this.folder}/index.txt`,
        `serial = ${this.folder}/serial`,
        `new_certs_dir = ${this.folder}`,
        'default_md = sha256',
        'policy = any',
        'copy_extensions = copy',
        'unique_subject = no',
        '[any]',
        'commonName = supplied',
        '',
      ].join('\n'),
    );
  }

  /** @param validity as `20200101000000Z`; ten years from 2025 where it is left out. */
  sign(name: string, alternative: string, validity = ['20250101000000Z', '20350101000000Z']): CertificateFiles {
    const file = (ending: string): string => path.join(this.folder, `${name}.${ending}`);
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file('key')];
    const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${alternative}`];
    this.#run('req', '-new', ...key, ...names, '-out', file('csr'));
    const [from = '', to = ''] = validity;
    const dates = ['-startdate', from, '-enddate', to];
    const by = ['-config', path.join(this.folder, 'ca.conf'), '-cert', this.ca.cert, '-keyfile', this.ca.key];
    this.#run('ca', '-batch', '-notext', ...by, ...dates, '-in', file('csr'), '-out', file('pem'));
    return { cert: file('pem'), key: file('key') };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #run(...args: readonly string[]): void {
    const run = spawnSync('openssl', args, { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`openssl ${args[0]} ended with ${run.status}: ${run.stderr}`);
  }
}
