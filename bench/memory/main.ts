/**
 * Resident memory under load: under its limit, and flat over the last half of the requests.
 *
 *   npm run bench -- memory [PART...] [--requests N] [--json]
 */
import { parseArgs } from 'node:util';
import { haveWrk } from '../gateway/wrk.ts';
import { controlPlaneMemory } from './control-plane.ts';
import { gatewayMemory } from './gateway.ts';
import { judge, type MemoryJudgement, type MemoryResult } from './series.ts';

/** Each puts one process under `requests` requests and looks at its memory meanwhile. */
const parts: Readonly<Record<string, (requests: number) => Promise<MemoryResult>>> = {
  gateway: gatewayMemory,
  'control-plane': controlPlaneMemory,
};

export async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, requests: { type: 'string', default: '1000000' } },
  });
  if (!haveWrk()) {
    console.error('bench memory needs wrk: apt-get install -y wrk');
    return 3;
  }
  const names = positionals.length > 0 ? positionals : Object.keys(parts);
  const results: MemoryResult[] = [];
  for (const name of names) {
    const part = parts[name];
    if (part === undefined) {
      console.error(`bench memory has no part \`${name}\`; it has ${Object.keys(parts).join(', ')}`);
      return 2;
    }
    results.push(await part(Number(values.requests)));
  }
  const judgements = results.map(judge);
  if (values.json) {
    const rows = judgements.map((judgement, index) => ({ ...judgement, series: results[index]?.series ?? [] }));
    console.log(JSON.stringify({ bench: 'memory', node: process.version, rows }, null, 2));
  } else for (const judgement of judgements) console.log(lineOf(judgement));
  return judgements.every((judgement) => judgement.underLimit && judgement.flat) ? 0 : 1;
}

function lineOf(judgement: MemoryJudgement): string {
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const { name, requests, lastBytes, largestBytes, limitBytes, growthShare, underLimit, flat } = judgement;
  const verdict = underLimit && flat ? 'pass' : 'FAIL';
  return (
    `${name.padEnd(14)} ${requests} requests: ${megabytes(lastBytes)} at the end, ${megabytes(largestBytes)} at most ` +
    `(limit ${megabytes(limitBytes)}), ${(growthShare * 100).toFixed(1)}% more in the last quarter: ${verdict}`
  );
}
