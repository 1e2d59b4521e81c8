import type { Compatibility } from '../../contract/contract.ts';
import type { PoolUnits } from './pool-units.ts';
import type { PreparedBuild, PreparedService } from './prepare-service.ts';
import { cudaCompatibility, rankOf } from './judge-device.ts';
import type { Facet } from '../rules/facets.ts';
import { bySeverity, severity } from '../rules/outcome.ts';
import type { UnitFacts } from '../rules/unit-facts.ts';

/**
 * `judgeUnit` for every unit of a pool at once, as severities (see `bySeverity`). The rules are the same functions, asked
 * once for each distinct facet; their worst answer is that of a build, and the best build decides.
 */
export function judgeUnits(service: PreparedService, pool: PoolUnits): Uint8Array {
  const [first, ...others] = service.builds;
  const best = severitiesOfBuild(first, pool);
  const rank = (answer: number): number => rankOf(bySeverity[answer] as Compatibility, service);
  for (const other of others) {
    for (const [unit, answer] of severitiesOfBuild(other, pool).entries()) {
      if (rank(answer) < rank(best[unit] as number)) best[unit] = answer;
    }
  }
  return best;
}

function severitiesOfBuild(build: PreparedBuild, pool: PoolUnits): Uint8Array {
  const worst = new Uint8Array(pool.units.length).fill(severity[build.fixedCompatibility]);
  raise(worst, pool, 'cuda', (unit) => cudaCompatibility(build, unit));
  for (const rule of build.rules) raise(worst, pool, rule.facet, rule.decide);
  return worst;
}

function raise(worst: Uint8Array, pool: PoolUnits, facet: Facet, decide: (unit: UnitFacts) => Compatibility): void {
  const { ids, representatives } = pool.facet(facet);
  const answers = new Uint8Array(representatives.length);
  let any = 0;
  for (let place = 0; place < representatives.length; place += 1) {
    const answer = severity[decide(representatives[place] as UnitFacts)];
    answers[place] = answer;
    any = Math.max(any, answer);
  }
  if (any === 0) return;
  for (let unit = 0; unit < worst.length; unit += 1) {
    const answer = answers[ids[unit] as number] as number;
    if (answer > (worst[unit] as number)) worst[unit] = answer;
  }
}
