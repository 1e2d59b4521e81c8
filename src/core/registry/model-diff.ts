import { canonicalJson } from '../units/digest.ts';
import type { Judgement } from '../units/verdict.ts';
import type { ArtifactFile, ModelVersion } from './model-version.ts';
import { signatureCompatibility } from './signature-compatibility.ts';

/** One thing that two versions say differently, as text; null where one does not say it. */
export interface ValueChange {
  readonly what: string;
  readonly from: string | null;
  readonly to: string | null;
}

export interface ModelDiff {
  readonly sameContent: boolean;
  readonly files: {
    readonly added: readonly ArtifactFile[];
    readonly gone: readonly ArtifactFile[];
    readonly changed: readonly { readonly path: string; readonly from: ArtifactFile; readonly to: ArtifactFile }[];
  };
  /** Whether callers of the first could go on with the second. */
  readonly compatibility: Judgement;
  /** Digest, format, facts of the parser, lineage. */
  readonly changes: readonly ValueChange[];
}

export function modelDiff(before: ModelVersion, after: ModelVersion): ModelDiff {
  const at = (files: readonly ArtifactFile[], path: string): ArtifactFile | undefined =>
    files.find((file) => file.path === path);
  return {
    sameContent: before.digest === after.digest,
    files: {
      added: after.files.filter(({ path }) => at(before.files, path) === undefined),
      gone: before.files.filter(({ path }) => at(after.files, path) === undefined),
      changed: before.files.flatMap((from) => {
        const to = at(after.files, from.path);
        return to === undefined || to.digest === from.digest ? [] : [{ path: from.path, from, to }];
      }),
    },
    compatibility: signatureCompatibility(before.signature, after.signature),
    changes: [
      ...changesIn({ digest: before.digest, format: before.format }, { digest: after.digest, format: after.format }),
      ...changesIn(before.facts, after.facts),
      ...changesIn({ ...before.lineage }, { ...after.lineage }),
    ],
  };
}

function changesIn(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly ValueChange[] {
  const text = (value: unknown): string | null =>
    value === undefined ? null : typeof value === 'string' ? value : canonicalJson(value);
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((what) => {
    const [from, to] = [text(before[what]), text(after[what])];
    return from === to ? [] : [{ what, from, to }];
  });
}
