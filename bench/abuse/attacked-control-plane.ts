import { tinyModel } from '../../test/rigs/tiny-model.ts';
import { World } from '../../test/rigs/world.ts';
import { quantile } from '../gateway/open-loop.ts';
import type { Attacked, Seen } from './measure-attack.ts';

/** A turn of a service is due each second; longer than this between two looks, and one was late. */
const looksPerSecond = 10;

/** A control plane with a service that serves; what is measured of it are reads of the page's view and its own turns. */
export async function startAttackedControlPlane(): Promise<Attacked> {
  const world = await World.open({ replicas: 1 });
  await world.release(tinyModel(1));
  const port = Number(new URL(world.pageUrl).port);
  return {
    name: 'control plane',
    target: { port, path: '/v1/releases', large: '/openapi.json', from: '127.0.0.2' },
    ask: (durationMs) => watch(world.pageUrl, durationMs),
    stop: async () => {
      const { left } = await world.close();
      if (left !== 0) throw new Error(`${left} programs were left behind`);
    },
  };
}

async function watch(pageUrl: string, durationMs: number): Promise<Seen> {
  const before = await readTurns(pageUrl);
  const startedMs = performance.now();
  const latenciesMs: number[] = [];
  let failed = 0;
  const looks = Math.round((durationMs * looksPerSecond) / 1000);
  const pending: Promise<void>[] = [];
  for (let look = 0; look < looks; look += 1) {
    const dueMs = startedMs + (look * 1000) / looksPerSecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    const answer = fetch(`${pageUrl}/v1/view`, { signal: AbortSignal.timeout(10_000) }).then(async (response) => {
      await response.arrayBuffer();
      if (!response.ok) throw new Error(String(response.status));
      latenciesMs.push(performance.now() - dueMs);
    });
    pending.push(answer.catch(() => void (failed += 1)));
  }
  await Promise.all(pending);
  const after = await readTurns(pageUrl);
  const seconds = (performance.now() - startedMs) / 1000;
  const turnsPerSecond = (after.done - before.done) / seconds;
  const turnMs = ((after.seconds - before.seconds) / Math.max(1, after.count - before.count)) * 1000;
  failed += after.failed - before.failed;
  return { p99Ms: quantile(latenciesMs, 0.99), answered: latenciesMs.length, failed, turnsPerSecond, turnMs };
}

interface Turns {
  readonly done: number;
  readonly failed: number;
  readonly seconds: number;
  readonly count: number;
}

async function readTurns(pageUrl: string): Promise<Turns> {
  const text = await (await fetch(`${pageUrl}/metrics`)).text();
  const read = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  const turns = 'plimsoll_control_plane_turns_total';
  const took = 'plimsoll_control_plane_turn_seconds';
  return {
    done: read(`${turns}{outcome="done"}`),
    failed: read(`${turns}{outcome="failed"}`),
    seconds: read(`${took}_sum`),
    count: read(`${took}_count`),
  };
}
