import type { ModelTypeRow } from '../../tables/model-types/model-openers.ts';

/** `vllm knows models of type gemma3 in 0.8.0, and not in 0.7.3`. */
export function explainKnown({ distribution: name, words = [], method, ...span }: ModelTypeRow, type: string): string {
  const by = method === undefined ? '' : ` in ${method.toUpperCase()}`;
  return `${[name, ...words].join(' ')} knows models of type ${type}${by} ${explainSpan(span)}`;
}

function explainSpan({ from, lastWithout, lastWith }: Pick<ModelTypeRow, 'from' | 'lastWithout' | 'lastWith'>): string {
  if (lastWith !== undefined) return `up to ${lastWith}, and no more`;
  if (from === null) return `in no version up to ${lastWithout}`;
  return lastWithout === undefined ? `from ${from} on` : `in ${from}, and not in ${lastWithout}`;
}

/** The smallest change by which the type is known. */
export function explainFix({ distribution: name, from, lastWith, words }: ModelTypeRow): string {
  if (lastWith !== undefined) return `${name} ${lastWith} in the image, or another engine`;
  if (from !== null) return `${name} ${from} or newer in the image`;
  return words === undefined ? 'another engine in the image' : 'arguments that choose PyTorch';
}
