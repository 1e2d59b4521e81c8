/** One fact of a node that its peers have too. */
export const peerFacts = ['bandwidth', 'link-width', 'link-generation', 'clock'] as const;
export type PeerFact = (typeof peerFacts)[number];

/** What one look at one device of one node told; null is not known. */
export interface PeerLook {
  readonly node: string;
  /** Of the node: two of one device class are peers, whatever their names are. */
  readonly device: string;
  /** Only devices of one class are compared. */
  readonly deviceClass: string;
  /** Whether it was under load: clocks and the generation of a link say nothing without. */
  readonly isLoaded: boolean;
  readonly facts: Readonly<Record<PeerFact, number | null>>;
}

/** A device that is below its peers. */
export interface Outlier {
  readonly node: string;
  readonly device: string;
  readonly fact: PeerFact;
  readonly value: number;
  readonly peers: number;
  readonly median: number;
}

/** With itself: two of three others that agree outvote one. */
const comparedAtLeast = 4;

/**
 * How far below the median of its peers a device has to be.
 *
 * | fact | below the median by | because |
 * |---|---|---|
 * | bandwidth | 30% | copies of one machine vary by 10%; a link of half its width or the other NUMA node costs 50% and more |
 * | link width | 1% | it is a step: 8 of 16 lanes |
 * | link generation | 1% | it is a step, under load alone |
 * | clock | 15% | boards of one model differ by a few steps of 15 MHz; heat takes more |
 */
const lines: Readonly<Record<PeerFact, { readonly share: number; readonly isOfLoad: boolean }>> = {
  bandwidth: { share: 0.3, isOfLoad: false },
  'link-width': { share: 0.01, isOfLoad: false },
  'link-generation': { share: 0.01, isOfLoad: true },
  clock: { share: 0.15, isOfLoad: true },
};
const deviationsAtLeast = 4;
/** The deviation of a normal distribution, of the median of the absolute distances. */
const normalMad = 1.4826;

/**
 * Devices that are below the median of their peers, by fact. Robust: the median and the median of the distances to it move with
 * no single device, however far off. A fact that is unknown, or says nothing without load, is not compared.
 */
export function findOutliers(looks: readonly PeerLook[]): readonly Outlier[] {
  const classes = [...Map.groupBy(looks, ({ deviceClass }) => deviceClass).values()];
  return peerFacts.flatMap((fact) => classes.flatMap((peers) => outliersOf(fact, peers)));
}

function outliersOf(fact: PeerFact, peers: readonly PeerLook[]): readonly Outlier[] {
  const told = peers.flatMap((look) => {
    const value = factOf(look, fact);
    return value === null ? [] : [{ ...look, value }];
  });
  if (told.length < comparedAtLeast) return [];
  const median = medianOf(told.map(({ value }) => value));
  const deviation = normalMad * medianOf(told.map(({ value }) => Math.abs(value - median)));
  const most = Math.min(median * (1 - lines[fact].share), median - deviationsAtLeast * deviation);
  return told
    .filter(({ value }) => value < most)
    .map(({ node, device, value }) => ({ node, device, fact, value, median, peers: told.length - 1 }));
}

function factOf({ facts, isLoaded }: PeerLook, fact: PeerFact): number | null {
  return lines[fact].isOfLoad && !isLoaded ? null : facts[fact];
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [lower, upper] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return ((lower ?? 0) + (upper ?? 0)) / 2;
}
