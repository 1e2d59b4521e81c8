import type { Verdict } from '../../units/verdict.ts';
import type { ImageFacts } from '../../image/image-facts.ts';
import type { NodeFacts } from '../../pool/node-facts.ts';
import { architectureOf } from '../rules/cpu-rules.ts';

const architectureLabel = 'kubernetes.io/arch';
const osLabel = 'kubernetes.io/os';

type Labels = Readonly<Record<string, string>>;

/** As every kubelet labels it: `linux`, `windows`; null where nothing tells it. */
export const labelledOs = (labels: Labels): string | null => labels[osLabel] ?? null;

export const labelledArchitecture = (labels: Labels): string | null => {
  const told = labels[architectureLabel];
  return told === undefined ? null : architectureOf(told);
};

/** What a node's labels say against an image, whatever its CPU can do; null where they say nothing. */
export function platformObjection(
  { labels, cpu }: Pick<NodeFacts, 'labels' | 'cpu'>,
  image: Pick<ImageFacts, 'platform'> | null,
): { readonly verdict: Extract<Verdict, 'fail' | 'unknown'>; readonly reason: string } | null {
  const os = labelledOs(labels);
  if (os !== null && image !== null && os !== image.platform.os) {
    return { verdict: 'fail', reason: `the image is for ${image.platform.os}, the node runs ${os}` };
  }
  const labelled = labelledArchitecture(labels);
  if (labelled === null || cpu === null || labelled === architectureOf(cpu.architecture)) return null;
  return {
    verdict: 'unknown',
    reason: `the architecture of its CPU is told in two ways: ${cpu.architecture}, and ${labelled} by its label`,
  };
}
