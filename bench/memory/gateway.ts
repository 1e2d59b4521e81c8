import path from 'node:path';
import { inferLoad } from '../gateway/load.ts';
import { startPlimsollGateway } from '../gateway/plimsoll-gateway.ts';
import { startPrinting } from '../gateway/program.ts';
import { ownProgram } from '../../src/testing/rigs/own-program.ts';
import { runWrk } from '../gateway/wrk.ts';
import { residentBytes, type MemoryResult, type MemorySample } from './series.ts';

const limitBytes = 160e6;

/** The gateway as `plimsoll up` starts it, under wrk with 16 connections, looked at after every burst. */
export async function gatewayMemory(requests: number): Promise<MemoryResult> {
  const upstream = await startPrinting([path.join(path.dirname(import.meta.dirname), 'gateway', 'upstream.ts')]);
  const gateway = await startPlimsollGateway(upstream.url, ownProgram);
  try {
    const series: MemorySample[] = [{ requests: 0, residentBytes: residentBytes(gateway.pid) }];
    let sent = 0;
    while (sent < requests) {
      const burst = await runWrk(inferLoad(gateway.url), 2);
      if (burst.errors > 0) throw new Error(`${burst.errors} requests of a burst failed`);
      sent += burst.requests;
      series.push({ requests: sent, residentBytes: residentBytes(gateway.pid) });
      process.stderr.write(`gateway: ${sent} requests, ${((series.at(-1)?.residentBytes ?? 0) / 1e6).toFixed(1)} MB\n`);
    }
    return { name: 'gateway', series, limitBytes };
  } finally {
    await gateway.stop();
    await upstream.stop();
  }
}
