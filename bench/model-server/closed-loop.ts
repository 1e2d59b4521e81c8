/** The load generator where wrk is not there: undici, one connection for each loop. Prints a LoadResult as JSON. */
import { readFileSync } from 'node:fs';
import { build } from 'hdr-histogram-js';
import { Pool } from 'undici';
import type { LoadResult, LoadShape, LoadTarget } from './load.ts';

const { target, shape } = JSON.parse(process.argv[2] ?? '') as { target: LoadTarget; shape: LoadShape };
const pool = new Pool(target.url, { connections: shape.connections, pipelining: 1 });
const body = readFileSync(target.bodyFile);
const headers =
  target.headerLength === null
    ? { 'content-type': 'application/json' }
    : { 'content-type': 'application/octet-stream', 'inference-header-content-length': `${target.headerLength}` };
const latencies = build({
  lowestDiscernibleValue: 1,
  highestTrackableValue: 60_000_000,
  numberOfSignificantValueDigits: 3,
});
let [answered, errors] = [0, 0];
const startedMs = performance.now();
const endMs = startedMs + shape.seconds * 1000;

async function loop(): Promise<void> {
  while (performance.now() < endMs) {
    const sentMs = performance.now();
    try {
      const response = await pool.request({ path: target.path, method: 'POST', headers, body });
      await response.body.arrayBuffer();
      if (response.statusCode >= 300) errors += 1;
    } catch {
      errors += 1;
    }
    answered += 1;
    latencies.recordValue(Math.max(1, Math.round((performance.now() - sentMs) * 1000)));
  }
}

await Promise.all(Array.from({ length: shape.connections }, loop));
const result: LoadResult = {
  requestsPerSecond: (answered * 1000) / (performance.now() - startedMs),
  latencyP50Ms: latencies.getValueAtPercentile(50) / 1000,
  latencyP99Ms: latencies.getValueAtPercentile(99) / 1000,
  errors,
};
console.log(JSON.stringify(result));
await pool.close();
