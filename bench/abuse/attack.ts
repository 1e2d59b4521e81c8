/**
 * `node attack.ts KIND PORT PATH LARGE FROM`: one attack from one address, until it is ended. Prints a line once it is under way, and at its end what became
 * of it. Connections that are closed on it are opened again each second.
 */
import { connect, type Socket } from 'node:net';
import { runOpenLoop } from '../gateway/open-loop.ts';
import { floodPerSecond, type AttackKind } from './attacks.ts';

const [kind = 'idle', port = '0', path = '/', large = '/', from = '127.0.0.1'] = process.argv.slice(2) as [
  AttackKind,
  ...string[],
];
const head = (method: string, target: string): string => `${method} ${target} HTTP/1.1\r\nhost: localhost\r\n`;
let opened = 0;

/** Keeps so many connections open, each of which says `first` and then `each` once a second. */
async function keepOpen(count: number, first: string, each = '', reads = true): Promise<void> {
  const open = new Set<Socket>();
  const add = (): void => {
    const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress: from });
    opened += 1;
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    socket.on('connect', () => (first === '' ? null : socket.write(first)));
    if (reads) socket.resume();
    else readSlowly(socket);
  };
  /** What is attacked may close them as fast as they are opened: each is tried once. */
  const fill = async (): Promise<void> => {
    for (let missing = count - open.size; missing > 0; missing -= 100) {
      for (let n = 0; n < Math.min(100, missing); n += 1) add();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await fill();
  setInterval(() => {
    if (each !== '') for (const socket of open) socket.write(each);
    void fill();
  }, 1_000);
}

/** A kilobyte a second. */
function readSlowly(socket: Socket): void {
  socket.pause();
  const timer = setInterval(() => socket.read(1_024), 1_000);
  socket.on('readable', () => undefined).on('close', () => clearInterval(timer));
}

async function flood(): Promise<void> {
  for (;;) {
    const url = `http://127.0.0.1:${port}${path}`;
    const headers = { 'x-tenant': 'flood' };
    await runOpenLoop({ url, body: '{}', ratePerSecond: floodPerSecond, durationMs: 1_000, connections: 64, headers });
  }
}

const attacks: Readonly<Record<AttackKind, () => Promise<void>>> = {
  idle: () => keepOpen(2_000, ''),
  trickle: () => keepOpen(500, `${head('POST', path)}content-length: 1000000\r\n\r\n`, 'x'),
  flood: async () => void flood(),
  heads: () => keepOpen(10_000, `${head('POST', path)}x-never: `),
  readers: () => keepOpen(150, `${head('GET', large)}x-tenant: reader\r\n\r\n`, '', false),
};

process.on('SIGTERM', () => {
  process.stdout.write(`${opened}\n`, () => process.exit(0));
});
await attacks[kind]();
await new Promise((resolve) => setTimeout(resolve, 500));
console.log('under way');
