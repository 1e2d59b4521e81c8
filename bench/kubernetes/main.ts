/**
 * What Kubernetes costs, in the throw-away cluster of the tests: parts on a real kubelet, and a fleet on nodes that kwok plays.
 *
 *   npm run bench -- kubernetes [--json] [--only PART,...] [--kills N] [--rollbacks N] [--pairs N]
 *     [--away SECONDS] [--services N]
 *
 * PART is start, rollback, control-plane-kills, gateway-kills, gateway, api-away (on a kubelet) or fleet (on played nodes).
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import buildProgramOnce from '../../test/build-program.ts';
import { placeFromEnvironment, type ClusterPlace } from '../../test/kubernetes/cluster/place.ts';
import { haveWrk } from '../gateway/wrk.ts';
import { describeReport, judgeReport, partNames, type KubernetesParts, type PartName } from './report.ts';

const root = path.resolve(import.meta.dirname, '../..');
const gigabyte = 1e9;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

interface Sizes {
  readonly kills: number;
  readonly rollbacks: number;
  readonly pairs: number;
  readonly away: number;
  readonly services: number;
}

export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string', default: partNames.join(',') },
      kills: { type: 'string', default: '100' },
      rollbacks: { type: 'string', default: '20' },
      pairs: { type: 'string', default: '10' },
      away: { type: 'string', default: '600' },
      services: { type: 'string', default: '200' },
    },
  });
  const asked = values.only.split(',');
  const unknown = asked.filter((name) => !(partNames as readonly string[]).includes(name));
  if (unknown.length > 0) {
    console.error(`--only ${unknown.join(',')}: use ${partNames.join(', ')}`);
    return 2;
  }
  if (asked.includes('gateway') && !haveWrk()) {
    console.error('bench kubernetes needs wrk: apt-get install -y wrk');
    return 3;
  }
  const place = placeFromEnvironment();
  if (place === null) return runInCluster(argv);
  const sizes = {
    kills: Number(values.kills),
    rollbacks: Number(values.rollbacks),
    pairs: Number(values.pairs),
    away: Number(values.away),
    services: Number(values.services),
  };
  const parts = await measureParts(place, asked as PartName[], sizes);
  const report = judgeReport(parts);
  if (values.json) console.log(JSON.stringify(report, null, 2));
  else for (const line of describeReport(report)) console.log(line);
  return report.passes ? 0 : 1;
}

/** Without a cluster nothing is measured: the command says why, and the status is 3. */
function runInCluster(argv: readonly string[]): number {
  if (process.env['PLIMSOLL_BENCH_INSIDE'] !== undefined) return 3;
  buildProgramOnce();
  const inside = [process.execPath, path.join(root, 'bench/bench.ts'), 'kubernetes', ...argv];
  const runner = path.join(root, 'test/kubernetes/run.ts');
  const env = { ...process.env, PLIMSOLL_BENCH_INSIDE: '1' };
  return spawnSync(process.execPath, [runner, ...inside], { stdio: 'inherit', env }).status ?? 3;
}

/** Loaded here, because what runs inside of the cluster has to know first which program was built. */
async function measureParts(
  place: ClusterPlace,
  asked: readonly PartName[],
  { kills, rollbacks, pairs, away, services }: Sizes,
): Promise<KubernetesParts> {
  const parts: { -readonly [Name in PartName]?: KubernetesParts[Name] } = {};
  const has = (name: PartName): boolean => asked.includes(name);
  if (has('start')) {
    const { measureReleaseStart } = await import('./release-start.ts');
    parts.start = await measureReleaseStart(place, gigabyte);
  }
  if (has('rollback')) {
    const { measureRollbacks } = await import('./rollbacks.ts');
    parts.rollback = await measureRollbacks(place, rollbacks, 5_000, say);
  }
  if ((['control-plane-kills', 'gateway-kills', 'gateway', 'api-away'] as const).some(has)) {
    const { InstalledPlimsoll } = await import('./installed-plimsoll.ts');
    const installed = await InstalledPlimsoll.open(place);
    try {
      const { measureGatewayPairs } = await import('./gateway-pairs.ts');
      const { measureApiAway } = await import('./api-away.ts');
      const { killControlPlanes, killGateways } = await import('./kills.ts');
      if (has('gateway')) parts.gateway = await measureGatewayPairs(installed, pairs);
      if (has('gateway-kills')) parts['gateway-kills'] = await killGateways(installed, kills, say);
      if (has('control-plane-kills')) parts['control-plane-kills'] = await killControlPlanes(installed, kills, say);
      if (has('api-away')) parts['api-away'] = await measureApiAway(installed, away, say);
    } finally {
      await installed.close();
    }
  }
  if (has('fleet')) {
    const { measureFleet } = await import('./fleet.ts');
    parts.fleet = await measureFleet(place, { services, replicas: 10, nodes: (services * 5) / 2 }, say);
  }
  return parts;
}
