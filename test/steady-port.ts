import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Where Linux gives ports to connections unless it was told otherwise. */
const usualFirstOfConnections = 32_768;
const first = 20_000;
/** Files that run side by side draw from ranges of their own. */
const portsPerWorker = 1_000;
/** No port is given twice: the program that was to take it may not listen yet. */
const given = new Set<number>();

/**
 * A free port for a program that a test starts, and perhaps kills and starts again at the same port. It lies outside
 * the range from which the system gives ports to connections: there, a connection of anybody may hold the port at the
 * moment of the next start.
 */
export async function findSteadyPort(): Promise<number> {
  const worker = Number(process.env['VITEST_POOL_ID'] ?? '1');
  const ranges = Math.max(1, Math.floor((firstOfConnections() - first) / portsPerWorker));
  const from = first + ((worker - 1) % ranges) * portsPerWorker;
  for (let tried = 0; tried < portsPerWorker; tried += 1) {
    const port = from + ((process.pid + tried) % portsPerWorker);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free port from ${from} to ${from + portsPerWorker - 1}; \`ss -ltn\` lists who listens`);
}

function firstOfConnections(): number {
  try {
    const range = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
    return Number(range.split(/\s/)[0]);
  } catch {
    return usualFirstOfConnections;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
