import type { ReleaseSummary } from '../../../src/schemas/view/view.ts';

/**
 * Two lanes beside the list of releases, one per axis. Where a release moved an axis its lane has a mark; where it
 * kept it, the line runs through; where it went back to something older, an arc leads to where that was last.
 */
export interface ReleaseLanes {
  readonly rows: readonly { readonly codeMoved: boolean; readonly modelMoved: boolean }[];
  readonly arcs: readonly LaneArc[];
}

export interface LaneArc {
  readonly axis: 'code' | 'model';
  /** Indices of rows, newest first: `from` is above `to`. */
  readonly from: number;
  readonly to: number;
}

export function releaseLanes(newestFirst: readonly ReleaseSummary[]): ReleaseLanes {
  const rows = newestFirst.map((release, index) => {
    const before = newestFirst[index + 1];
    return {
      codeMoved: before === undefined || before.code.digest !== release.code.digest,
      modelMoved: before === undefined || before.model.digest !== release.model.digest,
    };
  });
  const arcs = newestFirst.flatMap((_, index) => [
    ...arcFrom(newestFirst, index, 'code'),
    ...arcFrom(newestFirst, index, 'model'),
  ]);
  return { rows, arcs };
}

function arcFrom(newestFirst: readonly ReleaseSummary[], index: number, axis: LaneArc['axis']): LaneArc[] {
  const digest = newestFirst[index]?.[axis].digest;
  const before = newestFirst[index + 1];
  if (digest === undefined || before === undefined || before[axis].digest === digest) return [];
  const to = newestFirst.findIndex((release, other) => other > index + 1 && release[axis].digest === digest);
  return to < 0 ? [] : [{ axis, from: index, to }];
}
