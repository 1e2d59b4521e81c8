import { isLoopback, listenText, type ListenAddress } from '../../listen-address.ts';
import type { StorePlace } from '../place/store-place.ts';

/** Warns of credentials and records that cross a network in plain text. */
export async function warnOfPlainText(
  log: { warn(facts: object, text: string): void },
  listen: ListenAddress,
  isEncrypted: boolean,
  place: StorePlace,
): Promise<void> {
  if (!isEncrypted && !isLoopback(listen.host)) {
    log.warn({ listen: listenText(listen) }, 'tokens come in unencrypted; --tls-cert and --tls-key encrypt them');
  }
  if (place.kind !== 'postgresql') return;
  const { parseDatabaseUrl } = await import('../../../adapters/sql/postgres/database-url.ts');
  const { tls, host, shown } = parseDatabaseUrl(place.url);
  const isOwn = host.startsWith('/') || isLoopback(host);
  if (tls === 'disable' && !isOwn) {
    log.warn(
      { store: shown },
      'records go to PostgreSQL unencrypted; ?sslmode=verify-full in DATABASE_URL encrypts them',
    );
  }
  if (tls === 'require' && !isOwn) {
    log.warn(
      { store: shown },
      'records go to PostgreSQL encrypted, to whoever answers; ?sslmode=verify-full in DATABASE_URL checks who that is',
    );
  }
}
