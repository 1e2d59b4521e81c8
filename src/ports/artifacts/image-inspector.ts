import type { ImageFacts } from '../../core/image/image-facts.ts';
import type { Digest } from '../../core/units/digest.ts';

/** Reads container images from a registry, an OCI layout folder or a `docker save` archive, and never runs any of them. */
export interface ImageInspector {
  /**
   * The digest that a reference means now, for the platform asked for.
   * @throws PlimsollError `image-reference-invalid` (input), `image-not-found` (not-found), `registry-unreachable`,
   * `registry-refused` (unavailable), `image-damaged` (input).
   */
  resolve(reference: string, options: ImageOptions): Promise<{ readonly digest: Digest; readonly reference: string }>;
  /** Streams every layer once; the answer is cached by digest. @throws as `resolve`. */
  inspect(reference: string, options: ImageOptions): Promise<ImageFacts>;
}

export interface ImageOptions {
  readonly signal: AbortSignal;
  /** `linux/amd64` by default. */
  readonly platform?: string;
  /** Compressed bytes read so far, of how many. */
  readonly progress?: (doneBytes: number, totalBytes: number) => void;
}
