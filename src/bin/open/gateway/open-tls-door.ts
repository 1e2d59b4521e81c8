import type { TlsDoor } from '../../../gateway/front/tls-door.ts';
import type { GatewayLog } from '../../../gateway/log.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { parseListenAddress } from '../../listen-address.ts';
import { readTls, readTlsFiles } from '../tls/tls-files.ts';
import { watchTls } from '../tls/watch-tls.ts';

interface TlsDoorOptions {
  readonly 'https-listen'?: string;
  readonly 'https-cert'?: string;
  readonly 'https-key'?: string;
}

const next = 'plimsoll gateway --https-listen HOST:PORT --https-cert FILE --https-key FILE';

/**
 * Where clients of a gateway come in over TLS; null where none was asked for. Certificates are read again when they change.
 * @throws PlimsollError `option-invalid`, `tls-unusable` (input).
 */
export function openTlsDoor(options: TlsDoorOptions, log: GatewayLog): TlsDoor | null {
  const files = readTlsFiles(options['https-cert'], options['https-key'], undefined, { option: '--https', next });
  const listen = options['https-listen'];
  if (files === null && listen === undefined) return null;
  if (files === null || listen === undefined) throw incomplete(listen === undefined);
  const warn = (facts: object, text: string): void => log('tls.certificate', { ...facts, text });
  return {
    listen: parseListenAddress(listen, '--https-listen'),
    certificate: readTls(files),
    follow(server) {
      const watch = watchTls(server, files, { warn });
      return () => clearInterval(watch);
    },
  };
}

function incomplete(lacksAddress: boolean): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: lacksAddress
      ? '--https-cert and --https-key need --https-listen beside them'
      : '--https-listen needs --https-cert and --https-key beside it',
    next,
  });
}
