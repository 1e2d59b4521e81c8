import type { FastifyBaseLogger } from 'fastify';
import { hostname } from 'node:os';
import path from 'node:path';
import { systemClock } from '../../../adapters/system/clock.ts';
import { formatLogAnchor } from '../../../core/records/audit/anchor-lines.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { OpenAnchors } from '../../../ports/records/anchors.ts';
import type { StoreReader } from '../../../ports/records/store.ts';
import { readAnchorPlace } from '../../../prove/audit/anchor-places.ts';
import { keepAnchored } from '../../../prove/audit/keep-anchored.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Opens places for anchors that are no files, with the credentials of the environment. */
export function openAnchors(env: Env): OpenAnchors {
  return {
    async syslog(socket) {
      const { openSyslogSocket } = await import('../../../adapters/syslog/syslog-socket.ts');
      const send = await openSyslogSocket(socket);
      const from = { host: hostname(), pid: process.pid };
      return { append: (anchor) => send(formatLogAnchor(anchor, from)), close: () => Promise.resolve() };
    },
    async oci(repository) {
      const [{ makeOciAnchors }, { registryTimes }] = await Promise.all([
        import('../../../adapters/oci/anchors/oci-anchors.ts'),
        import('../../../adapters/oci/registry/registry-http.ts'),
      ]);
      const plainHttp = env['PLIMSOLL_PLAIN_HTTP'] === '1';
      return makeOciAnchors(repository, { clock: systemClock, env, plainHttp, times: registryTimes });
    },
  };
}

/**
 * Keeps the hash of the newest event at the places of PLIMSOLL_AUDIT_ANCHOR, several with spaces between them, until `signal`
 * is aborted; does nothing without it. A place that fails holds up no other.
 * @throws PlimsollError `anchor-relative`, `anchor-invalid` (input), at once: this program runs in another folder than
 *   whoever set it.
 */
export function openAnchoring(
  env: Env,
  store: Pick<StoreReader, 'chainHead'>,
  log: Pick<FastifyBaseLogger, 'error'>,
  signal: AbortSignal,
): Promise<void> {
  const named = (env['PLIMSOLL_AUDIT_ANCHOR'] ?? '').split(/\s+/).filter((written) => written !== '');
  const relative = named.find((written) => !/^(?:syslog|oci):/.test(written) && !path.isAbsolute(written));
  if (relative !== undefined) throw anchorRelative(relative);
  const places = named.map((written) => readAnchorPlace(written, '/'));
  return Promise.all(places.map((place) => keepAt(place, openAnchors(env), { store, log }, signal))).then(
    () => undefined,
  );
}

async function keepAt(
  { written, everyMs, open }: ReturnType<typeof readAnchorPlace>,
  ports: OpenAnchors,
  { store, log }: { readonly store: Pick<StoreReader, 'chainHead'>; readonly log: Pick<FastifyBaseLogger, 'error'> },
  signal: AbortSignal,
): Promise<void> {
  const tell = (err: unknown): void => {
    log.error({ err, place: written }, 'the newest hash of the history could not be anchored');
  };
  try {
    const place = await open(ports);
    try {
      await keepAnchored({ store, clock: systemClock, place, everyMs, tell }, signal);
    } finally {
      await place.close();
    }
  } catch (thrown) {
    tell(thrown);
  }
}

function anchorRelative(file: string): PlimsollError {
  return new PlimsollError({
    code: 'anchor-relative',
    category: 'input',
    message: `PLIMSOLL_AUDIT_ANCHOR is ${file.slice(0, 200)}, which is no whole path`,
    next: 'export PLIMSOLL_AUDIT_ANCHOR="/mnt/elsewhere/plimsoll.anchors syslog: oci://registry.example/audit/plimsoll"',
  });
}
