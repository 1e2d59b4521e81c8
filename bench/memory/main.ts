/**
 * Resident memory under load of the command line as it is published: under its limit, and flat over the last half of the
 * requests. From a checkout each process holds 30 to 70 MB more: it reads 1,200 files of sources in place of a dozen.
 *
 *   npm run bench -- memory [PART...] [--requests N] [--from-sources] [--json]
 */
import { parseArgs } from 'node:util';
import buildProgramOnce from '../../test/build-program.ts';
import { haveWrk } from '../gateway/wrk.ts';
import { judge, type MemoryJudgement, type MemoryResult } from './series.ts';

/** Each puts one process under `requests` requests and looks at its memory meanwhile. Loaded once it is known which program they start. */
const parts: Readonly<Record<string, (requests: number) => Promise<MemoryResult>>> = {
  gateway: async (requests) => (await import('./gateway.ts')).gatewayMemory(requests),
  'control-plane': async (requests) => (await import('./control-plane.ts')).controlPlaneMemory(requests),
};

export async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      requests: { type: 'string', default: '1000000' },
      'from-sources': { type: 'boolean', default: false },
    },
  });
  if (!haveWrk()) {
    console.error('bench memory needs wrk: apt-get install -y wrk');
    return 3;
  }
  const names = positionals.length > 0 ? positionals : Object.keys(parts);
  if (!values['from-sources']) buildProgramOnce();
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
