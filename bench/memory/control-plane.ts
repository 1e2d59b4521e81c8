import { inferBody, rowOf, tinyModel } from '../../test/rigs/tiny-model.ts';
import { World } from '../../test/rigs/world.ts';
import { runWrk } from '../gateway/wrk.ts';
import { residentBytes, type MemoryResult, type MemorySample } from './series.ts';

const limitBytes = 160e6;

/**
 * A whole `plimsoll up` with one replica of a tiny model, its gateway under wrk with 16 connections. The control plane
 * serves none of the requests; what might grow in it are the signals, events and views that they leave behind.
 */
export async function controlPlaneMemory(requests: number): Promise<MemoryResult> {
  const world = await World.open({ replicas: 1 });
  try {
    await world.release(tinyModel(1));
    const pid = await startedAgain(world);
    const load = {
      url: world.gatewayUrl,
      path: '/v2/models/tiny/infer',
      headers: { 'content-type': 'application/json' },
      body: inferBody(rowOf(1)),
    };
    const series: MemorySample[] = [{ requests: 0, residentBytes: residentBytes(pid) }];
    let sent = 0;
    while (sent < requests) {
      const burst = await runWrk(load, 2);
      if (burst.errors > 0) throw new Error(`${burst.errors} requests of a burst failed`);
      if (world.programPid('control-plane') !== pid) throw new Error('the control plane was started anew meanwhile');
      sent += burst.requests;
      series.push({ requests: sent, residentBytes: residentBytes(pid) });
      const { residentBytes: bytes = 0 } = series.at(-1) ?? {};
      process.stderr.write(`control-plane: ${sent} requests, ${(bytes / 1e6).toFixed(1)} MB\n`);
    }
    return { name: 'control-plane', series, limitBytes };
  } finally {
    await world.close();
  }
}

/**
 * The first start compiles what it reads, and what that took stays resident (10 to 25 MB from sources); every later one
 * reads Node's compile cache. The later one is measured. A process writes that cache when it ends by itself, so it is asked
 * to end.
 */
async function startedAgain(world: World): Promise<number> {
  const first = world.programPid('control-plane');
  if (first !== null) process.kill(first, 'SIGTERM');
  await world.until('another control plane', () => ![first, null].includes(world.programPid('control-plane')));
  await world.untilServing('the release serves again');
  const pid = world.programPid('control-plane');
  if (pid === null) throw new Error('no control plane runs');
  return pid;
}
