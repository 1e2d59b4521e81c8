/**
 * How long requests of one service take while another service of the same gateway is sent many times what it can serve. The
 * machine is shared by all that takes part, so the comparison is with the same flood at a gateway of its own: what is left
 * between the two is what services have to do with each other. The two take turns within a round.
 *
 *   npm run bench -- gateway-flood [--json] [--rounds N] [--flood REQUESTS_PER_SECOND] [--rate REQUESTS_PER_SECOND]
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { inferLoad } from '../gateway/load.ts';
import { quantile, runOpenLoop } from '../gateway/open-loop.ts';
import { startFleetGateway } from '../gateway/plimsoll-gateway.ts';
import { startPrinting, type Program } from '../gateway/program.ts';
import { median } from '../median.ts';

const allowedRatio = 1.2;
/** Of each answer of the flooded service: 64 seats of a replica serve 64 requests/s. */
const slowMs = 1_000;
const measuredMs = 4_000;
const here = import.meta.dirname;

interface Round {
  readonly apartP99Ms: number;
  readonly togetherP99Ms: number;
}

export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '7' },
      flood: { type: 'string', default: '500' },
      rate: { type: 'string', default: '200' },
    },
  });
  const running: Program[] = [];
  const keep = (program: Program): Program => {
    running.push(program);
    return program;
  };
  try {
    const upstream = path.join(path.dirname(here), 'gateway', 'upstream.ts');
    const calm = keep(await startPrinting([upstream])).url;
    const flooded = keep(await startPrinting([upstream, String(slowMs)])).url;
    const shared = keep(await startFleetGateway({ calm, flooded })).url;
    const other = keep(await startFleetGateway({ calm, flooded })).url;
    const rounds: Round[] = [];
    let [errors, unserved] = [0, 0];
    const measure = async (floodAt: string): Promise<number> => {
      const result = await askWhileFlooded(shared, floodAt, Number(values.rate), Number(values.flood));
      errors += result.errors;
      unserved += result.unserved;
      return result.p99Ms;
    };
    for (let round = 1; round <= Number(values.rounds); round += 1) {
      const apartP99Ms = await measure(other);
      const togetherP99Ms = await measure(shared);
      rounds.push({ apartP99Ms, togetherP99Ms });
      process.stderr.write(
        `round ${round}/${values.rounds}: p99 ${apartP99Ms.toFixed(2)} ms with the flood elsewhere, ${togetherP99Ms.toFixed(2)} ms beside it\n`,
      );
    }
    return report(rounds, errors, unserved, values.json);
  } finally {
    await Promise.all(running.reverse().map((program) => program.stop()));
  }
}

async function askWhileFlooded(
  gateway: string,
  floodAt: string,
  ratePerSecond: number,
  floodPerSecond: number,
): Promise<{ readonly p99Ms: number; readonly errors: number; readonly unserved: number }> {
  const flooding = flood(`${floodAt}/services/flooded`, floodPerSecond, measuredMs + 1_500);
  await delay(1_000);
  const { path: inferPath, body } = inferLoad('');
  const url = `${gateway}/services/calm${inferPath}`;
  const { latenciesMs, errors } = await runOpenLoop({ url, body, ratePerSecond, durationMs: measuredMs });
  return { p99Ms: quantile(latenciesMs, 0.99), errors, unserved: await flooding };
}

/** From a process of its own, so that it does not hold up the requests that are measured. @returns how many it lost. */
async function flood(url: string, ratePerSecond: number, durationMs: number): Promise<number> {
  const args = [path.join(here, 'flood.ts'), url, String(ratePerSecond), String(durationMs)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (status !== 0) throw new Error(`the flood ended with ${status}`);
  return Number(text);
}

function report(rounds: readonly Round[], errors: number, unserved: number, json: boolean): number {
  const apartP99Ms = median(rounds.map((round) => round.apartP99Ms));
  const togetherP99Ms = median(rounds.map((round) => round.togetherP99Ms));
  const ratio = median(rounds.map((round) => round.togetherP99Ms / round.apartP99Ms));
  const passed = ratio <= allowedRatio && errors === 0 && unserved > 0;
  if (json) {
    const row = { bench: 'gateway-flood', rounds, apartP99Ms, togetherP99Ms, ratio, errors, unserved };
    console.log(JSON.stringify({ ...row, aims: { ratio: allowedRatio }, passed }, null, 2));
    return passed ? 0 : 1;
  }
  console.log(`p99 of the calm service, the flood at another gateway: ${apartP99Ms.toFixed(2)} ms`);
  console.log(`p99 of the calm service, the flood at the same one:    ${togetherP99Ms.toFixed(2)} ms`);
  console.log(`median of the ratios: ${ratio.toFixed(2)} (at most ${allowedRatio})`);
  console.log(`${errors} requests of the calm service failed (0); ${unserved} of the flood were refused`);
  return passed ? 0 : 1;
}
