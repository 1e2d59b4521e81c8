import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Of one request, milliseconds since the beginning. */
export interface SentRequest {
  readonly arrivedAtMs: number;
  /** Null where it was not answered with 200. */
  readonly endedAtMs: number | null;
}

/**
 * Sends a request at each of these times whatever the answers do, on one keep-alive agent, and measures each from the moment
 * at which it should have been sent. Ends when all are answered or failed.
 */
export async function sendArrivals(
  url: string,
  arrivals: readonly number[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly SentRequest[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1_024, scheduling: 'fifo' });
  const beganMs = performance.now();
  const sent: Promise<SentRequest>[] = [];
  for (const arrivedAtMs of arrivals) {
    const waitMs = beganMs + arrivedAtMs - performance.now();
    if (waitMs > 1) await delay(waitMs, undefined, { signal });
    sent.push(
      send(agent, url, timeoutMs).then(
        (ok) => ({ arrivedAtMs, endedAtMs: ok ? performance.now() - beganMs : null }),
        () => ({ arrivedAtMs, endedAtMs: null }),
      ),
    );
  }
  const ended = await Promise.all(sent);
  agent.destroy();
  return ended;
}

const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }] });

function send(agent: Agent, url: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const req = request(url, { method: 'POST', agent, headers, signal: AbortSignal.timeout(timeoutMs) }, (res) => {
      res.resume();
      res.on('end', () => resolve(res.statusCode === 200));
      res.on('error', reject);
    });
    req.on('error', reject);
    req.end(body);
  });
}
