import { gpuOf } from '../../tables/gpus.ts';
import { containerHostSources, mpsClients } from '../../tables/host/container-hosts.ts';
import { boardMultiprocessors, mpsShare } from '../../tables/host/mps-shares.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, notKnown, type Found } from '../finding.ts';
import type { Plain } from '../outcome.ts';
import type { UnitFacts } from '../unit-facts.ts';

/** By the number of clients alone. */
function decidePlaces(replicas: number): Plain {
  if (replicas <= mpsClients.always) return 'native';
  return replicas > mpsClients.most ? 'incompatible' : 'unknown';
}

/** Replicas for which the smallest board has enough. */
const onAnyBoard = Math.floor(Math.min(...boardMultiprocessors.map(({ count }) => count)) / mpsShare.runs);

/** Multiprocessors of the board; null where the table has none of it. */
export function multiprocessorsOf(product: string): number | null {
  const name = gpuOf(product)?.name;
  return boardMultiprocessors.find(({ board }) => board === name)?.count ?? null;
}

/** By what each client gets of the board. A board that is not in the table is taken to have enough. */
function decideShare(replicas: number, product: string | null): Plain {
  if (product === null) return replicas <= onAnyBoard ? 'native' : 'unknown';
  const count = multiprocessorsOf(product);
  if (count === null || count / replicas >= mpsShare.runs) return 'native';
  return count / replicas <= mpsShare.fails ? 'incompatible' : 'unknown';
}

/** What each of both says. */
const answersOf = ({ sharing, replicas, product }: UnitFacts): { readonly places: Plain; readonly share: Plain } =>
  sharing !== 'mps' || replicas === null
    ? { places: 'native', share: 'native' }
    : { places: decidePlaces(replicas), share: decideShare(replicas, product) };

/**
 * A server of MPS takes a number of clients, and each replica is at least one. The device plugin gives each an equal share of the
 * multiprocessors.
 *
 * | a board is handed out to | answer |
 * |---|---|
 * | at most 48, or nobody told | native |
 * | 49 to 60 | unknown: newer drivers take them |
 * | more | incompatible: the last of them find no place |
 * | so many that each gets less than about 1.8 multiprocessors | incompatible: CUDA says that devices are busy or unavailable |
 */
export const mpsClientsRule: DeviceRule = {
  facet: 'mpsClients',
  decide: (unit) => {
    const { places, share } = answersOf(unit);
    return places === 'native' || share === 'incompatible' ? share : places;
  },
  explain: (unit, decided) => {
    const { places, share } = answersOf(unit);
    return decided === 'native' || places === decided ? explainPlaces(unit, decided) : explainShare(unit, share);
  },
};

function explainShare({ product, sharing, replicas }: UnitFacts, decided: Plain): Found {
  const count = product === null ? null : multiprocessorsOf(product);
  if (count === null || replicas === null)
    return notKnown('mps-clients', 'product', 'how many multiprocessors each client of MPS gets depends on it');
  const each = Number((count / replicas).toFixed(2));
  return found({
    rule: 'mps-clients',
    compatibility: decided,
    message: `each of ${replicas} replicas gets ${each} of the ${count} multiprocessors of ${product} by MPS${
      decided === 'unknown'
        ? '; whether that is enough is not known'
        : ': CUDA says that devices are busy or unavailable'
    }`,
    facts: { sharing, replicas: String(replicas), product },
    source: mpsShare.source,
    fix: `at most ${Math.floor(count / mpsShare.runs)} replicas in the settings of the device plugin`,
  });
}

function explainPlaces({ sharing, replicas }: UnitFacts, decided: Plain): Found {
  return found({
    rule: 'mps-clients',
    compatibility: decided,
    message:
      decided === 'native'
        ? 'MPS has a place for everybody whom the board is handed out to'
        : `the board is handed out to ${replicas} by MPS, which ${decided === 'unknown' ? `may take ${mpsClients.always} clients alone` : `takes ${mpsClients.most} clients`}`,
    facts: { sharing, replicas: replicas === null ? null : String(replicas) },
    source: containerHostSources.mpsClients,
    fix:
      decided === 'native' ? undefined : `at most ${mpsClients.always} replicas in the settings of the device plugin`,
  });
}
