import path from 'node:path';
import { startPrinting } from '../gateway/program.ts';
import { quantile, runOpenLoop } from '../gateway/open-loop.ts';
import { startToldGateway } from '../gateway/plimsoll-gateway.ts';
import { limitPerSecond, type Target } from './attacks.ts';
import type { Attacked, Seen } from './measure-attack.ts';

const infer = '/v2/models/digits/infer';
const honestPerSecond = 50;

/** A gateway before one replica, whose clients are told apart by `x-tenant` and limited, as a contract would say it. */
export async function startAttackedGateway(): Promise<Attacked> {
  const upstream = await startPrinting([path.join(import.meta.dirname, 'upstream.ts')]);
  const gateway = await startToldGateway({
    service: 'bench',
    environment: 'default',
    generation: 1,
    protocol: 'open-inference-v2',
    model: 'digits',
    starting: false,
    issuedAtMs: 0,
    splits: [{ release: 1, modelVersion: 1, share: 1, replicas: [{ replicaId: 'upstream', endpoint: upstream.url }] }],
    clients: {
      header: 'x-tenant',
      each: { requestsPerSecond: limitPerSecond },
      named: { honest: { requestsPerSecond: 4 * honestPerSecond }, reader: { requestsPerSecond: 1_000 } },
    },
  });
  const target: Target = {
    port: Number(new URL(gateway.url).port),
    path: infer,
    large: '/v2/large',
    from: '127.0.0.1',
  };
  return {
    name: 'gateway',
    target,
    ask: (durationMs) => askHonestly(`${gateway.url}${infer}`, durationMs),
    stop: async () => {
      await gateway.stop();
      await upstream.stop();
    },
  };
}

async function askHonestly(url: string, durationMs: number): Promise<Seen> {
  const headers = { 'x-tenant': 'honest' };
  const load = { url, body: '{"inputs":[]}', ratePerSecond: honestPerSecond, headers };
  const { latenciesMs, errors } = await runOpenLoop({ ...load, durationMs });
  return { p99Ms: quantile(latenciesMs, 0.99), answered: latenciesMs.length, failed: errors };
}
