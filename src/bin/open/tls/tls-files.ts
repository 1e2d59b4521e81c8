import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { programSteps } from '../../../core/units/next-steps/program-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../../core/units/errors.ts';

/** Files of PEM that a server is opened with. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Authorities of the certificates that gateways show; left out where none is asked for. */
  readonly clientCa?: string;
}

/** What they hold, for a server. */
export interface TlsContent {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
}

/** Options as they are named to whoever gave one without the other. */
export interface TlsOptionNames {
  readonly option: string;
  readonly next: string;
}

const controlPlaneNames: TlsOptionNames = {
  option: '--tls',
  next: nextStep(programSteps, 'option-invalid/up-tls-cert'),
};

/** @throws PlimsollError `option-invalid`, `tls-unusable` (input). */
export function readTlsFiles(
  cert: string | undefined,
  key: string | undefined,
  clientCa?: string,
  { option, next }: TlsOptionNames = controlPlaneNames,
): TlsFiles | null {
  if (cert === undefined && key === undefined) {
    if (clientCa === undefined) return null;
    throw incomplete(`${option}-client-ca needs ${option}-cert and ${option}-key beside it`, next);
  }
  if (cert === undefined || key === undefined) {
    const [missing, given] = cert === undefined ? ['cert', 'key'] : ['key', 'cert'];
    throw incomplete(`${option}-${given} needs ${option}-${missing} beside it`, next);
  }
  const files = { cert, key, ...(clientCa === undefined ? {} : { clientCa }) };
  readTls(files);
  return files;
}

/** @throws PlimsollError `tls-unusable` (input). */
export function readTls({ cert, key, clientCa }: TlsFiles): TlsContent {
  try {
    const own = { cert: readFileSync(cert), key: readFileSync(key) };
    createSecureContext(own);
    return clientCa === undefined ? own : { ...own, ca: readAuthorities(clientCa) };
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    throw new PlimsollError({
      code: 'tls-unusable',
      category: 'input',
      message: `the certificate ${cert} and the key ${key} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      next: `openssl x509 -in ${cert} -noout -subject -enddate`,
      cause,
    });
  }
}

/** Without one certificate nobody would be trusted, and with an empty text OpenSSL says nothing of it. */
function readAuthorities(file: string): Buffer {
  try {
    const ca = readFileSync(file);
    if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new Error('it holds no certificate');
    createSecureContext({ ca });
    return ca;
  } catch (cause) {
    throw new PlimsollError({
      code: 'tls-unusable',
      category: 'input',
      message: `the authorities in ${file} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      next: `openssl x509 -in ${file} -noout -subject -enddate`,
      cause,
    });
  }
}

/** Changes when one of the files does. */
export function versionOfFiles(files: readonly (string | undefined)[]): string {
  return files.map((file) => (file === undefined ? '' : versionOf(file))).join(' ');
}

function versionOf(file: string): string {
  try {
    const { mtimeNs, size, ino } = statSync(file, { bigint: true });
    return `${mtimeNs}:${size}:${ino}`;
  } catch {
    return 'missing';
  }
}

function incomplete(message: string, next: string): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message,
    next,
  });
}
