import { replicaTlsVariables } from '../../../core/contract/replica-tls.ts';
import { asPlimsollError, PlimsollError } from '../../../core/units/errors.ts';
import type { MakeServer } from '../../../model-server/http/http-server.ts';
import { makeTlsServers } from '../../../model-server/http/tls-server.ts';
import { readTls, type TlsContent, type TlsFiles } from './tls-files.ts';
import { watchTls } from './watch-tls.ts';

/**
 * Returns what makes the server of a replica with the certificate that it was given; changed files are read again while it serves.
 * @throws PlimsollError `option-invalid`, `tls-unusable` (input).
 */
export function openTlsServers(
  env: Readonly<Record<string, string | undefined>>,
  log: (line: string) => void,
): MakeServer {
  const { cert = '', key = '', clientCa = '' } = namedFiles(env);
  if (cert === '' || key === '' || clientCa === '') {
    const names = Object.values(replicaTlsVariables).join(', ');
    throw new PlimsollError({
      code: 'option-invalid',
      category: 'input',
      message: `of ${names} some are set and others are not`,
      next: 'set all three, or none',
    });
  }
  const files = { cert, key, clientCa };
  return makeTlsServers({
    content: readShort(files),
    follow(server) {
      const warn = (facts: object, text: string): void =>
        log(`${text} (${cert})${'err' in facts ? `: ${String(facts.err)}` : ''}`);
      const watch = watchTls(server, files, { warn });
      server.once('close', () => clearInterval(watch));
    },
  });
}

const namedFiles = (env: Readonly<Record<string, string | undefined>>) => ({
  cert: env[replicaTlsVariables.cert],
  key: env[replicaTlsVariables.key],
  clientCa: env[replicaTlsVariables.authorities],
});

/** The paths are long, and a platform shows the first words alone. */
function readShort(files: TlsFiles): TlsContent {
  try {
    return readTls(files);
  } catch (thrown) {
    const { code, category, next, cause } = asPlimsollError(thrown);
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PlimsollError({ code, category, message: `its certificate cannot be used: ${why}`, next, cause });
  }
}
