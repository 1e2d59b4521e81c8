import type { Protocol } from '../../../core/contract/contract.ts';

const { request } = process.getBuiltinModule('node:http');

export interface Health {
  readonly ready: boolean;
  /** What was asked and what came back: `GET /v2/health/ready answered 503`. */
  readonly reason: string;
  /** True when nothing came back in time: a busy server looks like this too, so once is not enough to judge by. */
  readonly timedOut: boolean;
  /** True when this process or this machine could not ask, for want of file handles, ports or memory: it says nothing of the server. */
  readonly couldNotAsk: boolean;
}

/**
 * Asks a server whether it is ready, by the service's own protocol.
 *
 * | protocol | ready when |
 * |---|---|
 * | open-inference-v2 | `/v2/health/ready` and `/v2/models/MODEL/ready` answer 200 |
 * | openai | `/health` answers 200, or has no such path (404) and `/v1/models` answers 200 |
 */
export async function probeHealth(
  endpoint: string,
  protocol: Protocol,
  model: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Health> {
  const ask = (path: string): Promise<Answer> => get(endpoint + path, timeoutMs, signal);
  if (protocol === 'openai') {
    const health = await ask('/health');
    return judge(health.status === 404 ? await ask('/v1/models') : health);
  }
  const server = judge(await ask('/v2/health/ready'));
  return server.ready ? judge(await ask(`/v2/models/${encodeURIComponent(model)}/ready`)) : server;
}

interface Answer {
  readonly path: string;
  readonly status: number | null;
  readonly trouble: string;
}

function judge(answer: Answer): Health {
  const { path, status, trouble } = answer;
  if (status === null) {
    const reason = `GET ${path}: ${trouble}`;
    return { ready: false, reason, timedOut: trouble === noAnswer, couldNotAsk: ownTroubles.has(trouble) };
  }
  return { ready: status === 200, reason: `GET ${path} answered ${status}`, timedOut: false, couldNotAsk: false };
}

/** Errors of who asks, by connect(2) and socket(2). */
const ownTroubles: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAGAIN', 'EADDRNOTAVAIL']);

const noAnswer = 'no answer in time';

function get(url: string, timeoutMs: number, signal: AbortSignal): Promise<Answer> {
  const path = new URL(url).pathname;
  return new Promise((resolve) => {
    const outgoing = request(url, { agent: false }, (response) => {
      response.on('error', () => undefined);
      done(response.statusCode ?? 0, '');
    });
    const stop = (): void => done(null, noAnswer);
    const timer = setTimeout(stop, timeoutMs);
    signal.addEventListener('abort', stop, { once: true });
    const done = (status: number | null, trouble: string): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve({ path, status, trouble });
      outgoing.destroy();
    };
    outgoing.on('error', (error: NodeJS.ErrnoException) => done(null, error.code ?? error.message));
    outgoing.end();
  });
}
