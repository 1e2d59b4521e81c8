import type { BundleNames } from '../../bundle/bundle-names.ts';
import type { DataVersion, ModelVersion } from '../../registry/model-version.ts';
import type { Digest } from '../../units/digest.ts';
import type { ReleaseOutcome } from '../outcome.ts';
import type { Axis, Bar, Deployment, Release } from '../release.ts';
import type { ReleaseAsk } from '../release-ask.ts';
import { isDrillAway } from '../rollback-target.ts';

/** What a blob is kept for; the first of these that names it. */
export const keepers = ['releases', 'requests', 'models', 'data', 'predictions', 'lock'] as const;
export type Keeper = (typeof keepers)[number];

/** The records of one service in one environment. */
export interface ServiceRecords {
  readonly releases: readonly Release[];
  readonly outcomes: ReadonlyMap<number, ReleaseOutcome>;
  readonly deployment: Deployment | null;
  readonly bars: readonly Bar[];
  /** Of releases whose evidence was renewed: the bundle that it is read from. */
  readonly renewed: ReadonlyMap<number, Digest>;
}

/** All records that name blobs. */
export interface NamingRecords {
  readonly services: readonly ServiceRecords[];
  /** Open ones. */
  readonly asks: readonly (Pick<ReleaseAsk, 'bundle'> & Partial<Pick<ReleaseAsk, 'progress'>>)[];
  /** By name and environment: every version, and what its aliases name. */
  readonly models: readonly {
    readonly versions: readonly ModelVersion[];
    readonly aliases: Readonly<Record<string, number>>;
  }[];
  readonly data: readonly DataVersion[];
  readonly predictions: readonly { readonly predictions: Digest; readonly golden: Digest | null }[];
  /** Digests that the lock of the project names. */
  readonly lock: readonly Digest[];
}

/** A bundle that is kept; its model's files only where `withModel`. */
export interface KeptBundle {
  readonly digest: Digest;
  readonly withModel: boolean;
  readonly keeper: Keeper;
}

/**
 * Whether the code and the model of a release may be needed again.
 *
 * | release | code | model |
 * |---|---|---|
 * | live, incoming, previous, undecided, or left by a drill | needed | needed |
 * | was live: a rollback may go to it | unless barred | unless barred |
 * | failed, superseded | not needed | not needed |
 */
function neededAxes({ deployment, outcomes, bars, releases }: ServiceRecords, release: Release): Record<Axis, boolean> {
  const { live, incoming, previous } = deployment ?? {};
  const current = releases.filter(({ number }) => number === live || number === incoming);
  const drilled = current.filter(isDrillAway).map(({ cause }) => cause.from);
  const isInUse = [live, incoming, previous?.release, ...drilled].includes(release.number);
  const outcome = outcomes.get(release.number) ?? 'undecided';
  if (isInUse || outcome === 'undecided') return { code: true, model: true };
  const isFree = (axis: Axis): boolean =>
    outcome === 'was-live' && !bars.some((bar) => bar.axis === axis && bar.digest === release[axis].digest);
  return { code: isFree('code'), model: isFree('model') };
}

/** The bundles that are kept, for whoever reads what they name. */
export function listKeptBundles(records: NamingRecords): readonly KeptBundle[] {
  const ofReleases = records.services.flatMap((service) =>
    service.releases.flatMap((release): readonly KeptBundle[] => {
      const needed = neededAxes(service, release);
      if (!needed.code && !needed.model) return [];
      const { contract, code, model, evidence } = release.bundles ?? {};
      const renewed = service.renewed.get(release.number);
      const keep = (digest: Digest | undefined, withModel: boolean): readonly KeptBundle[] =>
        digest === undefined ? [] : [{ digest, withModel, keeper: 'releases' }];
      return [
        ...[contract, code, evidence, renewed].flatMap((digest) => keep(digest, false)),
        ...keep(model, needed.model),
      ];
    }),
  );
  return [
    ...ofReleases,
    ...records.asks.map(({ bundle }): KeptBundle => ({ digest: bundle, withModel: true, keeper: 'requests' })),
  ];
}

/**
 * The digests that are kept, and what for. Generous where it is not certain: every data version, the newest version of each
 * model, every version that an alias, a release, a kept bundle or the lock names, and whatever else these name.
 * @param names of every kept bundle, its locks' own names among those inside.
 */
export function listKeptBlobs(
  records: NamingRecords,
  names: ReadonlyMap<Digest, Pick<BundleNames, 'inside' | 'model'>>,
): ReadonlyMap<Digest, Keeper> {
  const kept = new Map<Digest, Keeper>();
  const keep = (keeper: Keeper, digests: readonly (Digest | null | undefined)[]): void => {
    for (const digest of digests) if (digest && !kept.has(digest)) kept.set(digest, keeper);
  };
  const keepFiles = (keeper: Keeper, files: readonly { readonly digest: Digest }[]): void =>
    keep(
      keeper,
      files.map(({ digest }) => digest),
    );

  for (const service of records.services) {
    for (const release of service.releases) {
      const needed = neededAxes(service, release);
      if (needed.code) keepFiles('releases', release.code.files);
      if (!needed.model) continue;
      keepFiles('releases', release.model.files);
      keep('releases', [release.golden?.blob]);
    }
  }
  for (const { digest, withModel, keeper } of listKeptBundles(records)) {
    const named = names.get(digest);
    keep(keeper, [digest, ...(named?.inside ?? []), ...(withModel ? (named?.model ?? []) : [])]);
  }
  for (const { progress } of records.asks) keepFiles('requests', progress?.files ?? []);
  keepVersions(records, new Set([...kept.keys(), ...records.lock]), keepFiles);
  for (const version of records.data) {
    keepFiles('data', version.files);
    keep('data', [version.profile]);
  }
  for (const { predictions, golden } of records.predictions) keep('predictions', [predictions, golden]);
  keep('lock', records.lock);
  return kept;
}

function keepVersions(
  { models, services }: NamingRecords,
  named: ReadonlySet<Digest>,
  keepFiles: (keeper: Keeper, files: ModelVersion['files']) => void,
): void {
  const released = new Set(services.flatMap(({ releases }) => releases.map(({ model }) => model.digest)));
  for (const { versions, aliases } of models) {
    const newest = Math.max(...versions.map(({ version }) => version));
    for (const { version, digest, files } of versions) {
      const isAliased = Object.values(aliases).includes(version);
      if (isAliased || version === newest || released.has(digest) || named.has(digest)) keepFiles('models', files);
    }
  }
}
