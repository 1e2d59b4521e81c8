import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { enableCompileCache } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RoutingTable } from '../../src/core/rollout/routing/routing.ts';
import { compileCacheEnvironment } from '../../src/bin/own-command.ts';
import { gatewayNodeFlags } from '../../src/gateway/node-flags.ts';
import { freePort, startListening, type Program } from './program.ts';
import type { TlsCertificate } from './tls-certificate.ts';

const root = path.dirname(path.dirname(import.meta.dirname));

/** Plimsoll's gateway as `plimsoll up` of one folder starts it. @param program the file of the command line */
export function startPlimsollGateway(upstream: string, program = programOf(root)): Promise<Program> {
  const list = [{ service: 'bench', environment: 'default', names: ['bench'] }];
  const events: readonly ToldEvent[] = [
    ['services', { services: list }],
    ['routing', tableTo(upstream, 'bench')],
  ];
  return startGateway(['--home', 'bench/default'], events, program);
}

/** The same, with a door over TLS beside it, which its address is of. */
export async function startTlsGateway(upstream: string, { cert, key }: TlsCertificate): Promise<Program> {
  const list = [{ service: 'bench', environment: 'default', names: ['bench'] }];
  const address = `127.0.0.1:${await freePort()}`;
  const tls = ['--https-listen', address, '--https-cert', cert, '--https-key', key];
  const events: readonly ToldEvent[] = [
    ['services', { services: list }],
    ['routing', tableTo(upstream, 'bench')],
  ];
  return {
    ...(await startGateway(['--home', 'bench/default', ...tls], events, programOf(root))),
    url: `https://${address}`,
  };
}

/** A gateway of one service alone. @param from the checkout that it is of. */
export function startLoneGateway(upstream: string, from = root): Promise<Program> {
  return startGateway(['--service', 'bench'], [['routing', tableTo(upstream, 'bench')]], programOf(from));
}

/** A gateway of many services. @param upstreams the replica of each service. */
export function startFleetGateway(upstreams: Readonly<Record<string, string>>): Promise<Program> {
  const list = Object.keys(upstreams).map((service) => ({ service, environment: 'default', names: [service] }));
  const tables = Object.entries(upstreams).map(([service, upstream]): ToldEvent => {
    return ['routing', tableTo(upstream, service)];
  });
  return startGateway([], [['services', { services: list }], ...tables], programOf(root));
}

/** A gateway of one service that can be told another table while it serves. */
export function startToldGateway(table: RoutingTable): Promise<ToldGateway> {
  return startGateway(['--service', 'bench'], [['routing', table]], programOf(root));
}

export interface ToldGateway extends Program {
  tell(table: RoutingTable): void;
  /** Bytes of captured requests that were sent to its control plane. */
  capturedBytes(): number;
}

/** Of a checkout. */
function programOf(checkout: string): string {
  return path.join(checkout, 'src', 'bin', 'plimsoll.ts');
}

type ToldEvent = readonly [event: string, data: unknown];

/** With a stand-in for the control plane that tells it `events` and takes its reports. */
async function startGateway(
  serving: readonly string[],
  events: readonly ToldEvent[],
  program: string,
): Promise<ToldGateway> {
  const state = mkdtempSync(path.join(tmpdir(), 'plimsoll-bench-'));
  const streams = new Set<ServerResponse>();
  let capturedBytes = 0;
  const plane = createServer((req, res) => {
    if (req.method === 'GET') {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of events) res.write(textOf(event));
      streams.add(res);
      return;
    }
    const sequence = /\/samples\?.*sequence=(\d+)/.exec(req.url ?? '')?.[1];
    req.on('data', (chunk: Buffer) => void (capturedBytes += sequence === undefined ? 0 : chunk.byteLength));
    req.on('end', () => res.end(sequence === undefined ? '{"recorded":[]}' : `{"acknowledged":${sequence}}`));
  });
  await new Promise<void>((resolve) => plane.listen(0, '127.0.0.1', resolve));
  const control = `http://127.0.0.1:${(plane.address() as AddressInfo).port}`;
  const port = await freePort();
  const options = [...serving, '--state', state, '--listen', `127.0.0.1:${port}`, '--control-plane', control];
  enableCompileCache();
  const args = [...gatewayNodeFlags, program, 'gateway', ...options];
  const gateway = await startListening(process.execPath, args, port, compileCacheEnvironment());
  await untilReady(gateway.url);
  return {
    ...gateway,
    tell: (table) => {
      for (const stream of streams) stream.write(textOf(['routing', table]));
    },
    capturedBytes: () => capturedBytes,
    stop: async () => {
      await gateway.stop();
      plane.closeAllConnections();
      await new Promise((resolve) => plane.close(resolve));
      rmSync(state, { recursive: true, force: true });
    },
  };
}

function textOf([event, data]: ToldEvent): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function tableTo(endpoint: string, service: string): RoutingTable {
  return {
    service,
    environment: 'default',
    generation: 1,
    protocol: 'open-inference-v2',
    model: 'digits',
    starting: false,
    issuedAtMs: 0,
    splits: [{ release: 1, modelVersion: 1, share: 1, replicas: [{ replicaId: 'upstream', endpoint }] }],
  };
}

async function untilReady(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await fetch(`${url}/plimsoll/ready`)).ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the gateway did not become ready within 5 s');
}
