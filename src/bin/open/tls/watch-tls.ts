import type { Server as TlsServer } from 'node:tls';
import { readTls, versionOfFiles, type TlsFiles } from './tls-files.ts';

const lookEveryMs = 2_000;

/** Certificates are renewed under a running server; files that do not fit together leave the old ones in force. */
export function watchTls(
  door: Pick<TlsServer, 'setSecureContext'>,
  files: TlsFiles,
  log: { readonly warn: (facts: object, text: string) => void },
  forgetCertificates: () => void = () => undefined,
  everyMs = lookEveryMs,
): NodeJS.Timeout {
  const versions = (): readonly [string, string] => [
    versionOfFiles([files.cert, files.key]),
    versionOfFiles([files.clientCa]),
  ];
  let [own, authorities] = versions();
  const timer = setInterval(() => {
    const [ownNow, authoritiesNow] = versions();
    if (ownNow === own && authoritiesNow === authorities) return;
    const isOther = authoritiesNow !== authorities;
    [own, authorities] = [ownNow, authoritiesNow];
    try {
      door.setSecureContext(readTls(files));
      if (isOther) forgetCertificates();
      log.warn(files, 'the TLS certificate was read again');
    } catch (thrown) {
      log.warn({ ...files, err: thrown }, 'the changed TLS certificate cannot be used; the one before stays');
    }
  }, everyMs);
  timer.unref();
  return timer;
}
