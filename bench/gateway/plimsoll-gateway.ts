import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { enableCompileCache } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RoutingTable } from '../../src/core/rollout/routing/routing.ts';
import { compileCacheEnvironment } from '../../src/bin/own-command.ts';
import { gatewayNodeFlags } from '../../src/gateway/node-flags.ts';
import { freePort, startListening, type Program } from './program.ts';

const root = path.dirname(path.dirname(import.meta.dirname));

/** Plimsoll's gateway as `plimsoll up` starts it, with a stand-in for the control plane that takes its reports. */
export async function startPlimsollGateway(upstream: string): Promise<Program> {
  const state = mkdtempSync(path.join(tmpdir(), 'plimsoll-bench-'));
  const plane = createServer((req, res) => {
    if (req.method === 'GET') {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(`event: routing\ndata: ${JSON.stringify(tableTo(upstream))}\n\n`);
      return;
    }
    req.resume().on('end', () => res.writeHead(204).end());
  });
  await new Promise<void>((resolve) => plane.listen(0, '127.0.0.1', resolve));
  const control = `http://127.0.0.1:${(plane.address() as AddressInfo).port}`;
  const port = await freePort();
  const program = [path.join(root, 'src', 'bin', 'plimsoll.ts'), 'gateway'];
  const options = ['--service', 'bench', '--state', state, '--listen', `127.0.0.1:${port}`, '--control-plane', control];
  enableCompileCache();
  const args = [...gatewayNodeFlags, ...program, ...options];
  const gateway = await startListening(process.execPath, args, port, compileCacheEnvironment());
  await untilReady(gateway.url);
  return {
    ...gateway,
    stop: async () => {
      await gateway.stop();
      plane.closeAllConnections();
      await new Promise((resolve) => plane.close(resolve));
      rmSync(state, { recursive: true, force: true });
    },
  };
}

function tableTo(endpoint: string): RoutingTable {
  return {
    service: 'bench',
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
