import { existsSync } from 'node:fs';
import path from 'node:path';
import { programSteps } from '../core/units/next-steps/program-steps.ts';
import { nextStep } from '../core/units/next-steps/next-step.ts';
import { parseListenAddress, type ListenAddress } from './listen-address.ts';
import { PlimsollError } from '../core/units/errors.ts';
import { chooseAccess, type AccessChoice } from './open/open-access.ts';
import { readTlsFiles, type TlsFiles } from './open/tls/tls-files.ts';

export interface ScalerSettings {
  readonly listen: ListenAddress;
  /** With the authorities of KEDA's certificates; null for plain text. */
  readonly tls: TlsFiles | null;
}

export interface Settings {
  readonly listen: ListenAddress;
  readonly local: ListenAddress;
  readonly tls: TlsFiles | null;
  /** Null for nowhere. */
  readonly readyListen: ListenAddress | null;
  /** Where KEDA asks; null for nowhere. */
  readonly scaler: ScalerSettings | null;
  readonly access: AccessChoice;
  readonly stateFolder: string;
  readonly dashboardFolder: string | null;
}

/** As `controlPlaneOptions` of the command line reads them. @throws PlimsollError `option-invalid`, `tls-unusable` (input), as `chooseAccess`. */
export async function readSettings(
  values: {
    readonly listen: string;
    readonly 'local-listen'?: string;
    readonly 'scaler-listen'?: string;
    readonly 'scaler-client-ca'?: string;
    readonly 'ready-listen'?: string;
    readonly 'token-file'?: string;
    readonly identities?: string;
    readonly 'tls-cert'?: string;
    readonly 'tls-key'?: string;
    readonly 'tls-client-ca'?: string;
    readonly dashboard?: string;
  },
  stateFolder: string,
): Promise<Settings> {
  const listen = parseListenAddress(values.listen, '--listen');
  const ready = values['ready-listen'];
  return {
    stateFolder,
    listen,
    local: parseListenAddress(values['local-listen'] ?? '127.0.0.1:0', '--local-listen'),
    readyListen: ready === undefined ? null : parseListenAddress(ready, '--ready-listen'),
    tls: readTlsFiles(values['tls-cert'], values['tls-key'], values['tls-client-ca']),
    access: await chooseAccess(stateFolder, listen, values),
    scaler: readScalerSettings(values),
    dashboardFolder: values.dashboard ?? builtPage(),
  };
}

/**
 * Returns where KEDA asks, with the certificate of the control plane.
 * @throws PlimsollError `option-invalid`, `tls-unusable` (input).
 */
export function readScalerSettings(values: {
  readonly 'scaler-listen'?: string;
  readonly 'scaler-client-ca'?: string;
  readonly 'tls-cert'?: string;
  readonly 'tls-key'?: string;
}): ScalerSettings | null {
  const { 'scaler-listen': asked, 'scaler-client-ca': clientCa, 'tls-cert': cert, 'tls-key': key } = values;
  if (clientCa !== undefined && (asked === undefined || cert === undefined)) {
    throw new PlimsollError({
      code: 'option-invalid',
      category: 'input',
      message: `--scaler-client-ca needs ${asked === undefined ? '--scaler-listen' : '--tls-cert and --tls-key'} beside it`,
      next: nextStep(programSteps, 'option-invalid/up-scaler-listen'),
    });
  }
  if (asked === undefined) return null;
  return { listen: parseListenAddress(asked, '--scaler-listen'), tls: readTlsFiles(cert, key, clientCa) };
}

/** The page beside the bundle, else the one that was built in the clone. */
function builtPage(): string | null {
  const folders = ['../dashboard', '../../dashboard/dist'].map((folder) => path.join(import.meta.dirname, folder));
  return folders.find((folder) => existsSync(path.join(folder, 'index.html'))) ?? null;
}
