/**
 * A replica that does what it is told, for tests of platforms and of what stands on them. Its script is one JSON
 * argument:
 *
 *   node src/testing/rigs/programs/scripted-server.ts '{"readyAfterMs":100}'
 */
import { existsSync, readFileSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import path from 'node:path';
import { makeProcessIdentity } from '../../../adapters/processes/process-table/process-identity.ts';
import type { MeasuredPhase } from '../../../core/rollout/replica.ts';

export interface ServerScript {
  /** Until then it listens and answers 503; never ready when null. */
  readonly readyAfterMs?: number | null;
  readonly exit?: { readonly afterMs: number; readonly status: number };
  readonly ignoreSigterm?: boolean;
  /** Answers what is in flight this long after SIGTERM, then leaves. */
  readonly drainMs?: number;
  /** Drains for as long as this file exists, and `drainMs` more. */
  readonly drainWhile?: string;
  readonly phases?: readonly MeasuredPhase[];
  readonly stderr?: string;
  readonly stdout?: string;
  /** Not ready for as long as this file exists. */
  readonly unreadyWhile?: string;
  /** Starts a child of its own that lives on after it. */
  readonly withChild?: boolean;
  /** Ends with status 1 at every start for as long as this file exists. */
  readonly failWhile?: string;
}

// An import of node:http loads the whole of fetch: a third of the time that a start takes.
const { createServer } = process.getBuiltinModule('node:http');
const script: ServerScript = JSON.parse(process.argv[2] ?? '{}') as ServerScript;
const startedMs = Date.now();
const env = process.env;
const identity = makeProcessIdentity();
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

if (script.stderr !== undefined) process.stderr.write(`${script.stderr}\n`);
if (script.stdout !== undefined) process.stdout.write(`${script.stdout}\n`);
if (script.failWhile !== undefined && existsSync(script.failWhile)) process.exit(1);
for (const phase of script.phases ?? []) say({ plimsoll: 'phase', ...phase });
if (script.exit !== undefined) {
  const { afterMs, status } = script.exit;
  setTimeout(() => process.exit(status), afterMs);
}
if (script.withChild === true) {
  const { spawn } = await import('node:child_process');
  spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
}

const ready = (): boolean => {
  const afterMs = script.readyAfterMs === undefined ? 0 : script.readyAfterMs;
  if (afterMs === null || (script.unreadyWhile !== undefined && existsSync(script.unreadyWhile))) return false;
  return Date.now() - startedMs >= afterMs;
};

/** What it was given, so that a test can see it from outside. */
const given = (): object => ({
  pid: process.pid,
  cwd: process.cwd(),
  args: process.argv.slice(3),
  env: Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('npm_'))),
  model: readOrNull(path.join(env['PLIMSOLL_MODEL_DIR'] ?? '', 'model.bin')),
});

const answer: RequestListener = (request, response) => {
  const url = request.url ?? '';
  const isReady = /^\/v2\/(health|models\/[^/]+)\/ready$|^\/health$/.test(url);
  const known = url === '/given' ? given() : url === '/identity' ? { identity: identity.self() } : null;
  const status = isReady ? (ready() ? 200 : 503) : known === null ? 404 : 200;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(known ?? {}));
};
const server = await makeServer();
server.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
server.listen(Number(env['PLIMSOLL_PORT'] ?? 0), env['PLIMSOLL_HOST'] ?? '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') say({ plimsoll: 'listening', port: address.port });
});

process.on('SIGTERM', () => {
  if (script.ignoreSigterm === true) return;
  say({ plimsoll: 'draining', inFlight: 0 });
  const leave = (): void => void setTimeout(() => process.exit(0), script.drainMs ?? 0);
  const look = (): void => void (drains() ? setTimeout(look, 10) : leave());
  look();
});

/** As engines with TLS options of their own: it refuses clients without a certificate in the handshake. */
async function makeServer(): Promise<Server> {
  const { PLIMSOLL_TLS_CERT_FILE: cert, PLIMSOLL_TLS_KEY_FILE: key, PLIMSOLL_TLS_CA_FILE: ca } = env;
  if (cert === undefined || key === undefined || ca === undefined) return createServer(answer);
  const https = await import('node:https');
  const files = { cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(ca) };
  return https.createServer({ ...files, requestCert: true, rejectUnauthorized: true }, answer);
}

const drains = (): boolean => script.drainWhile !== undefined && existsSync(script.drainWhile);

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
