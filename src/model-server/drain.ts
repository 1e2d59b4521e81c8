import type { Server } from 'node:http';
import type { Clock } from '../ports/process/clock.ts';
import type { ReplicaLine } from '../schemas/replica/replica-line.ts';
import type { App } from './http/app.ts';
import type { ModelServerMetrics } from './metrics.ts';
import type { Repository } from './repository.ts';

export interface DrainParts {
  readonly app: App;
  readonly server: Server;
  readonly repository: Repository;
  readonly metrics: ModelServerMetrics;
  readonly clock: Clock;
  readonly tell: (line: ReplicaLine) => void;
  readonly log: (line: string) => void;
  readonly drainTimeoutMs: number;
}

/** How often it is looked whether anything is still in flight. */
const lookEveryMs = 10;

/**
 * Answers what was accepted and refuses the rest, then frees the models. The server goes on listening meanwhile, so
 * that whoever still routes here gets 503 instead of a refused connection.
 * @returns false when the bound was reached with requests or runs still under way.
 */
export async function drain(parts: DrainParts): Promise<boolean> {
  const { app, server, metrics, clock, tell, log } = parts;
  const endAtMs = clock.monotonicMs() + parts.drainTimeoutMs;
  app.phase = 'draining';
  app.stop();
  tell({ plimsoll: 'draining', inFlight: metrics.inFlight });
  log(`draining: ${metrics.inFlight} requests in flight, at most ${parts.drainTimeoutMs} ms`);
  const unloaded = parts.repository.unloadAll().then(
    () => true,
    () => true,
  );
  while (metrics.inFlight > 0 && clock.monotonicMs() < endAtMs) await clock.sleep(lookEveryMs);
  const leftMs = Math.max(0, endAtMs - clock.monotonicMs());
  const timer = new AbortController();
  const timedOut = clock.sleep(leftMs, timer.signal).then(
    () => false,
    () => false,
  );
  const done = metrics.inFlight === 0 && (await Promise.race([unloaded, timedOut]));
  timer.abort();
  server.close();
  server.closeIdleConnections();
  if (!done) log(`the bound of ${parts.drainTimeoutMs} ms passed with ${metrics.inFlight} requests in flight`);
  server.closeAllConnections();
  return done;
}
