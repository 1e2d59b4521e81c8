import { setTimeout as delay } from 'node:timers/promises';
import { Load } from '../../test/rigs/load.ts';
import { tinyModel } from '../../test/rigs/tiny-model.ts';
import { World } from '../../test/rigs/world.ts';

const stuckAfterMs = 5_000;

export interface LiveOutcome {
  readonly minutes: number;
  readonly answered: number;
  readonly falseEnds: number;
  readonly hang: { readonly outOfTrafficMs: number; readonly replacedMs: number; readonly requestsLost: number };
}

/** A whole Plimsoll of one replica: saturated, its machine suspended, its control plane paused; at the end its replica stands still. */
export async function runLive(minutes: number): Promise<LiveOutcome> {
  const model = tinyModel(1);
  const world = await World.open({ replicas: 1 });
  const paused = new Set<number>();
  const pause = async (pids: readonly (number | null | undefined)[], ms: number): Promise<void> => {
    const there = pids.filter((pid): pid is number => typeof pid === 'number');
    for (const pid of there) {
      paused.add(pid);
      process.kill(pid, 'SIGSTOP');
    }
    await delay(ms);
    for (const pid of there) {
      paused.delete(pid);
      process.kill(pid, 'SIGCONT');
    }
  };
  try {
    await world.release(model, { stuckAfter: `${stuckAfterMs / 1_000}s` });
    const [replica] = await world.untilServing('it serves');
    const load = new Load(world.gatewayUrl, [model], 256);
    const endMs = performance.now() + minutes * 60_000;
    while (performance.now() < endMs) {
      await delay(15_000);
      await pause([world.programPid('control-plane')], 15_000);
      await delay(15_000);
      await pause([replica?.pid, world.programPid('control-plane'), world.programPid('gateway')], 15_000);
    }
    const named = async (): Promise<number> =>
      // A connection that was kept open over a pause may be reset.
      (await world.events().catch(() => delay(1_000).then(() => world.events()))).filter(
        ({ kind }) => kind === 'replica.stuck',
      ).length;
    const falseEnds = await named();
    const { answered } = load.take();
    const [victim] = await world.untilServing('it serves still');
    load.take();
    const stoppedMs = performance.now();
    if (typeof victim?.pid === 'number') process.kill(victim.pid, 'SIGSTOP');
    await world.until('it left traffic', async () => (await named()) > falseEnds, 300_000);
    const outOfTrafficMs = performance.now() - stoppedMs;
    const isReplaced = async (): Promise<boolean> => {
      const [now] = (await world.tryView())?.replicas ?? [];
      return now?.state === 'ready' && now.admitted && now.replicaId !== victim?.replicaId;
    };
    await world.until('another serves', isReplaced, 300_000);
    const replacedMs = performance.now() - stoppedMs;
    await delay(2_000);
    const requestsLost = load.take().failures.length;
    await load.end();
    return { minutes, answered, falseEnds, hang: { outOfTrafficMs, replacedMs, requestsLost } };
  } finally {
    for (const pid of paused) process.kill(pid, 'SIGCONT');
    await world.close();
  }
}
