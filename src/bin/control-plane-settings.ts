import { existsSync } from 'node:fs';
import path from 'node:path';
import { listenText, parseListenAddress, type ListenAddress } from './listen-address.ts';
import { chooseAccess, type AccessChoice } from './open/open-access.ts';
import { readTlsFiles, type TlsFiles } from './open/tls/tls-files.ts';

export interface Settings {
  readonly listen: ListenAddress;
  readonly local: ListenAddress;
  readonly tls: TlsFiles | null;
  /** Null for nowhere. */
  readonly readyListen: ListenAddress | null;
  /** Where KEDA asks; null for nowhere. */
  readonly scalerListen: string | null;
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
  const [asked, ready] = [values['scaler-listen'], values['ready-listen']];
  return {
    stateFolder,
    listen,
    local: parseListenAddress(values['local-listen'] ?? '127.0.0.1:0', '--local-listen'),
    readyListen: ready === undefined ? null : parseListenAddress(ready, '--ready-listen'),
    tls: readTlsFiles(values['tls-cert'], values['tls-key'], values['tls-client-ca']),
    access: await chooseAccess(stateFolder, listen, values),
    scalerListen: asked === undefined ? null : listenText(parseListenAddress(asked, '--scaler-listen')),
    dashboardFolder: values.dashboard ?? builtPage(),
  };
}

/** The page beside the bundle, else the one that was built in the clone. */
function builtPage(): string | null {
  const folders = ['../dashboard', '../../dashboard/dist'].map((folder) => path.join(import.meta.dirname, folder));
  return folders.find((folder) => existsSync(path.join(folder, 'index.html'))) ?? null;
}
