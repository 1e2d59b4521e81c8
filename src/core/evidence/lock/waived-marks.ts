import type { EvidenceKind, Waiver } from './lock.ts';

export interface WaivedKinds {
  readonly waived: readonly EvidenceKind[];
  /** Of these, the kinds that had been measured and failed. */
  readonly waivedFailing: readonly EvidenceKind[];
}

/** The kinds of evidence that a release went out without. */
export function waivedKinds(waivers: readonly Waiver[]): WaivedKinds {
  const kinds = (of: readonly Waiver[]) => [...new Set(of.map(({ kind }) => kind))];
  return { waived: kinds(waivers), waivedFailing: kinds(waivers.filter(({ failing }) => failing === true)) };
}

/** As a view tells it: an older control plane does not tell apart what failed. */
export interface WaivedSummary {
  readonly waived: readonly string[];
  readonly waivedFailing?: readonly string[];
}

export interface WaivedMark {
  readonly text: string;
  readonly failing: boolean;
}

/** `waived: golden`, and as a mark of its own `waived although it fails: evaluation`. */
export function waivedMarks({ waived, waivedFailing = [] }: WaivedSummary): readonly WaivedMark[] {
  const others = waived.filter((kind) => !waivedFailing.includes(kind));
  return [
    ...(waivedFailing.length === 0
      ? []
      : [{ text: `waived although it fails: ${waivedFailing.join(', ')}`, failing: true }]),
    ...(others.length === 0 ? [] : [{ text: `waived: ${others.join(', ')}`, failing: false }]),
  ];
}
