/**
 * The load of the bench, and its gateway: so many requests under way, over a way that is told over IPC. It counts requests and their
 * times as a gateway does, and how late its own timer fires as a generator does.
 */
import { Agent, request as send } from 'node:http';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

export interface LoadSettings {
  readonly port: number;
  readonly isPrepared: boolean;
  readonly concurrency: number;
  /** Rounds of arithmetic on each answer; about a million a millisecond. */
  readonly answerRounds: number;
}

export interface LoadCounters {
  readonly requests: number;
  readonly totalMs: number;
  /** Median delay of a timer since the last question. */
  readonly delayMs: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const timerMs = 10;
const lateness = monitorEventLoopDelay({ resolution: timerMs });
lateness.enable();
let settings = JSON.parse(process.argv[2] ?? '{}') as LoadSettings;
let [requests, totalMs, sink] = [0, 0, 0];

const ask = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const headers = settings.isPrepared ? { 'x-prepared': '1' } : {};
    const asked = send(
      { host: '127.0.0.1', port: settings.port, method: 'POST', path: '/infer', agent, headers },
      (answer) => {
        answer.resume().once('end', resolve).once('error', reject);
      },
    );
    asked.once('error', reject).setTimeout(10_000, () => asked.destroy(new Error('no answer')));
    asked.end('{"text":"a few words"}');
  });

async function work(): Promise<void> {
  for (;;) {
    const sentMs = performance.now();
    try {
      await ask();
      requests += 1;
      for (let at = 0; at < settings.answerRounds; at += 1) sink = Math.imul(sink ^ at, 0x9e3779b1);
      totalMs += performance.now() - sentMs;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

process.on('message', (message: Partial<LoadSettings> | 'counters') => {
  if (message !== 'counters') settings = { ...settings, ...message };
  const delayMs = Math.max(0, lateness.percentile(50) / 1e6 - timerMs);
  lateness.reset();
  const counters: LoadCounters = { requests, totalMs, delayMs };
  process.send?.(counters);
});
process.on('disconnect', () => process.exit());
for (let at = 0; at < settings.concurrency; at += 1) void work();
process.send?.('ready');
