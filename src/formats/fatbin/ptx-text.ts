/** What PTX text says of itself; a text says why it does not. */
export type PtxTarget = { readonly sm: number; readonly suffix: '' | 'a' | 'f'; readonly isa: string } | string;

/** Both directives stand before any code, behind a comment of a few lines. */
export const ptxHeadBytes = 8 * 1024;

const decoder = new TextDecoder();

/** From the beginning of the text. https://docs.nvidia.com/cuda/parallel-thread-execution/#ptx-module-directives */
export function readPtx(bytes: Uint8Array): PtxTarget {
  const text = decoder.decode(bytes.subarray(0, ptxHeadBytes));
  const version = /^[ \t]*\.version[ \t]+(\d{1,3}\.\d{1,3})/m.exec(text);
  const target = /^[ \t]*\.target[ \t]+sm_(\d{2,4})([af]?)(?![0-9a-z])/m.exec(text);
  if (version === null || target === null) return 'PTX does not begin with its version and target';
  return { sm: Number(target[1]), suffix: target[2] as '' | 'a' | 'f', isa: version[1] ?? '' };
}
