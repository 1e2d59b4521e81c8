import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';

export interface ClientTlsFiles {
  /** Certificates to trust beside the system's. */
  readonly ca?: string | undefined;
  /** What this client shows of itself. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface ClientTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Reads the files for each connection anew, so that a renewed certificate is shown without a restart.
 * @throws PlimsollError `option-invalid` (input) where one of certificate and key is missing.
 */
export function makeClientTls(files: ClientTlsFiles): () => Promise<ClientTls> {
  const { ca, cert, key } = files;
  if ((cert === undefined) !== (key === undefined)) {
    throw new PlimsollError({
      code: 'option-invalid',
      category: 'input',
      message: `--tls-${cert === undefined ? 'key' : 'cert'} needs --tls-${cert === undefined ? 'cert' : 'key'} beside it`,
      next: nextStep(adapterSteps, 'option-invalid/gateway-tls-cert'),
    });
  }
  return async () => {
    const read = {
      ...(ca === undefined ? {} : { ca: await readPem(ca) }),
      ...(cert === undefined || key === undefined ? {} : { cert: await readPem(cert), key: await readPem(key) }),
    };
    if (cert !== undefined) requireUsable(read, cert);
    return read;
  };
}

/** A certificate and a key that are replaced one after the other do not fit together for a moment: the next connection reads again. */
function requireUsable(read: ClientTls, cert: string): void {
  try {
    createSecureContext(read);
  } catch (cause) {
    throw unusable(`the certificate ${cert} and its key cannot be used`, cert, cause);
  }
}

async function readPem(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw unusable(`the file ${file} cannot be read`, file, cause);
  });
}

function unusable(what: string, file: string, cause: unknown): PlimsollError {
  return new PlimsollError({
    code: 'tls-unusable',
    category: 'input',
    message: `${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
    next: `openssl x509 -in ${file} -noout -subject -enddate`,
    cause,
  });
}
