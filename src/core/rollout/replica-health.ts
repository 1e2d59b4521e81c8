import type { Protocol } from '../contract/contract.ts';

export interface Health {
  readonly ready: boolean;
  /** What was asked and what came back: `GET /v2/health/ready answered 503`. */
  readonly reason: string;
  /** True when nothing came back in time: a busy server looks like this too, so once is not enough to judge by. */
  readonly timedOut: boolean;
  /** True when this process or this machine could not ask, for want of file handles, ports, memory or readable files: it says nothing of the server. */
  readonly couldNotAsk: boolean;
}

/** What became of one GET. */
export interface HealthAnswer {
  readonly path: string;
  /** Null where no answer came. */
  readonly status: number | null;
  /** Why no answer came: `noAnswer`, the code of an error, or words. */
  readonly trouble: string;
  /** The trouble is our own. Left out where its code tells. */
  readonly isOwn?: boolean;
}

/** Trouble of a server that was silent for too long. */
export const noAnswer = 'no answer in time';

/** Errors of who asks, by connect(2) and socket(2). */
const ownTroubles: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAGAIN', 'EADDRNOTAVAIL']);

/**
 * Returns whether a server is ready, by the service's own protocol.
 *
 * | protocol | ready when |
 * |---|---|
 * | open-inference-v2 | `/v2/health/ready` and `/v2/models/MODEL/ready` answer 200 |
 * | openai | `/health` answers 200, or has no such path (404) and `/v1/models` answers 200 |
 *
 * @param ask sends one GET; it never rejects.
 */
export async function askHealth(
  protocol: Protocol,
  model: string,
  ask: (path: string) => Promise<HealthAnswer>,
): Promise<Health> {
  if (protocol === 'openai') {
    const health = await ask('/health');
    return judge(health.status === 404 ? await ask('/v1/models') : health);
  }
  const server = judge(await ask('/v2/health/ready'));
  return server.ready ? judge(await ask(`/v2/models/${encodeURIComponent(model)}/ready`)) : server;
}

function judge({ path, status, trouble, isOwn }: HealthAnswer): Health {
  if (status === null) {
    const reason = `GET ${path}: ${trouble}`;
    return { ready: false, reason, timedOut: trouble === noAnswer, couldNotAsk: isOwn ?? ownTroubles.has(trouble) };
  }
  return { ready: status === 200, reason: `GET ${path} answered ${status}`, timedOut: false, couldNotAsk: false };
}
