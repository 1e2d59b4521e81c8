import type { ChosenImage, WantedPlatform } from './choose-manifest.ts';
import type { Descriptor } from './manifest.ts';

/** A place that images are read from: a registry, a layout folder, an archive. */
export interface ImageSource {
  /** @throws PlimsollError as the port says. Everything that it returns was verified against its digest. */
  choose(platform: WantedPlatform, signal: AbortSignal): Promise<ChosenImage>;
  /** The bytes as they lie there; whoever reads them verifies them. Resumes by itself where it can. */
  blob(descriptor: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}
