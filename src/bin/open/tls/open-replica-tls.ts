import { makeClientTls } from '../../../adapters/http-control/client-tls.ts';
import { endAtExpiry } from '../../../adapters/http-control/server-certificate.ts';
import { ReplicaTls } from '../../../adapters/replica-http/replica-tls.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import { PlimsollError } from '../../../core/units/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

let opened: ReplicaTls | null = null;

/** Returns what this program shows replicas that speak TLS. One for the process: it remembers whose replica is at which address. */
export function replicaTls(): ReplicaTls {
  opened ??= openReplicaTls(process.env);
  return opened;
}

/**
 * Reads the variables, and their files at each connection: files that cannot be read now may be there later, and say nothing of replicas.
 * @throws PlimsollError `option-invalid` (input) where some of the three are set and others are not.
 */
export function openReplicaTls(env: Environment): ReplicaTls {
  const [ca, cert, key] = ['CA', 'CERT', 'KEY'].map((name) => env[`PLIMSOLL_REPLICA_${name}_FILE`] ?? '');
  const files = [ca, cert, key].filter((file) => file !== undefined && file !== '');
  if (files.length > 0 && files.length < 3) {
    throw new PlimsollError({
      code: 'option-invalid',
      category: 'input',
      message:
        'PLIMSOLL_REPLICA_CA_FILE, PLIMSOLL_REPLICA_CERT_FILE and PLIMSOLL_REPLICA_KEY_FILE are set together, or none of them',
      next: 'set all three',
    });
  }
  return new ReplicaTls({
    read: files.length === 0 ? null : makeClientTls({ ca, cert, key }),
    endAtExpiry: (socket, makeError) => endAtExpiry(socket, systemClock.nowMs(), makeError),
    nowMs: () => systemClock.nowMs(),
  });
}
