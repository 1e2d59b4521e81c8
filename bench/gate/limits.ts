import { limitMethods, meansOver, type LimitMethod, type LimitsCell, type LimitsCounts } from './simulate-limits.ts';

const metrics = ['f1[yes]', 'f1-macro', 'balanced-accuracy', 'roc-auc', 'log-loss', 'brier', 'ece'] as const;
const noises = [0, 0.3];

export interface LimitsSizes {
  readonly rows: readonly number[];
  /** Pairs of versions a cell, on which the limits are made. */
  readonly simulations: number;
  readonly replicates: number;
  /** Of other seeds than the limits are made with; in samples of the size for what depends on it. */
  readonly truthRows: number;
}

/** 500 pairs have a standard error of 1% of a share of 5%, and 2,000 of 0.5%. */
export const limitsSizes = (quick: boolean): LimitsSizes =>
  quick
    ? { rows: [200], simulations: 500, replicates: 400, truthRows: 600_000 }
    : { rows: [200, 1_000, 2_000, 10_000], simulations: 4_000, replicates: 2_000, truthRows: 4_000_000 };

export function limitsCells(
  { rows: sizes, simulations, replicates, truthRows }: LimitsSizes,
  firstSeed: number,
): readonly LimitsCell[] {
  let seed = firstSeed;
  return noises.flatMap((worse) => {
    const many = meansOver(metrics, truthRows / 200_000, 200_000, worse, 70_001);
    return sizes.flatMap((rows) => {
      const such = meansOver(['ece'], Math.ceil(truthRows / rows), rows, worse, 70_002);
      return metrics.flatMap((metric) =>
        (['value', 'difference'] as const).flatMap((of) =>
          (['many rows', 'such samples'] as const).flatMap((truthOf): LimitsCell[] => {
            if (truthOf === 'such samples' && metric !== 'ece') return [];
            if (of === 'value' && worse !== 0) return [];
            const found = (truthOf === 'many rows' ? many : such).find((one) => one.metric === metric);
            const truth = of === 'difference' && worse === 0 ? 0 : (found?.[of] ?? NaN);
            return [{ kind: 'limits', metric, of, rows, worse, truthOf, truth, simulations, replicates, seed: seed++ }];
          }),
        ),
      );
    });
  });
}

const titles: Readonly<Record<LimitMethod, string>> = {
  gate: 'the gate: lower / upper',
  accelerated: 'BCa of rows',
  percentile: 'percentile',
  normal: 'standard error',
};

/** As a table of Markdown: that of docs/evaluation-statistics.md. */
export function printLimits(cells: readonly (LimitsCell & { readonly counts: LimitsCounts })[]): void {
  const [first] = cells;
  if (first === undefined) return;
  const { simulations, replicates } = first;
  console.log(`\none-sided 95% limits that miss (aim 5%), ${simulations} pairs a cell, ${replicates} samples each\n`);
  const line = (texts: readonly string[]): void => console.log(`| ${texts.join(' | ')} |`);
  const heads = ['metric', 'of', 'rows', 'truth', ...limitMethods.map((method) => titles[method])];
  line(heads);
  line(heads.map(() => '---'));
  for (const { metric, of, rows, truth, truthOf, counts } of cells) {
    const what = metric === 'ece' ? `${metric}, ${truthOf}` : metric;
    const missed = limitMethods.map((method) => {
      const [lower, upper] = [counts.lowerMissed[method], counts.upperMissed[method]];
      return lower === null || upper === null
        ? '-'
        : `${percent(lower / simulations)} / ${percent(upper / simulations)}`;
    });
    line([what, of, rows.toLocaleString('en-US'), truth.toFixed(4), ...missed]);
  }
  const most = (side: 'lowerMissed' | 'upperMissed', of: typeof cells): number =>
    Math.max(...of.map(({ counts }) => (counts[side].gate ?? 0) / simulations));
  const error = Math.sqrt((0.05 * 0.95) / simulations);
  console.log(
    `\nthe gate misses at most ${percent(Math.max(most('lowerMissed', cells), most('upperMissed', cells)))} ` +
      `in ${2 * cells.length} shares; the standard error of one that is 5% is ${percent(error)}`,
  );
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
