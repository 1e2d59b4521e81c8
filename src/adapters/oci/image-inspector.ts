import { assembleImageFacts } from '../../core/image/image-assembly.ts';
import type { ImageFacts } from '../../core/image/image-facts.ts';
import { shortDigest } from '../../core/units/digest.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { ImageInspector, ImageOptions } from '../../ports/artifacts/image-inspector.ts';
import { openArchive } from './archive-source.ts';
import { gather, verifyBytes } from './bounded-bytes.ts';
import { fits, parsePlatform, platformMissing, platformText, type ChosenImage } from './choose-manifest.ts';
import { ImageCache } from './image-cache.ts';
import type { ImageSource } from './image-source.ts';
import { folderFiles, makeLayoutSource } from './layout-source.ts';
import { configBytesAtMost, readConfig, type ImageConfig } from './manifest.ts';
import { layerLimits, type LayerLimits } from './layers/read-layer.ts';
import { readLayers } from './layers/read-layers.ts';
import { parseImageReference } from './registry/reference.ts';
import { registryTimes, type RegistryTimes } from './registry/registry-http.ts';
import { makeRegistrySource } from './registry/registry-source.ts';

export interface OciInspectorOptions {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Null keeps nothing and reads every layer. */
  readonly cacheFolder: string | null;
  /** Allows http to registries of other machines. */
  readonly plainHttp: boolean;
  readonly times?: RegistryTimes;
  readonly limits?: LayerLimits;
}

/** Reads container images from registries, layout folders and archives. Nothing of an image is ever run or unpacked. */
export function makeOciInspector(options: OciInspectorOptions): ImageInspector {
  const cache = new ImageCache(options.cacheFolder);
  return {
    resolve: (reference, asked) =>
      withImage(reference, options, asked, async ({ chosen }) => ({
        digest: chosen.digest,
        reference: chosen.reference,
      })),
    inspect: (reference, asked) =>
      withImage(reference, options, asked, async (opened) => {
        const kept = await cache.image(opened.chosen.digest);
        if (kept !== null) return kept;
        const facts = await readFacts(opened, cache, options.limits ?? layerLimits, asked);
        await cache.keepImage(facts);
        return facts;
      }),
  };
}

interface OpenedImage {
  readonly source: ImageSource;
  readonly chosen: ChosenImage;
  readonly config: ImageConfig;
}

async function withImage<T>(
  text: string,
  options: OciInspectorOptions,
  { platform, signal }: ImageOptions,
  work: (opened: OpenedImage) => Promise<T>,
): Promise<T> {
  const wanted = parsePlatform(platform);
  const source = await openSource(text, options);
  try {
    const chosen = await source.choose(wanted, signal);
    const what = `the configuration of ${text}`;
    const bytes = await gather(source.blob(chosen.config, signal), configBytesAtMost, what);
    verifyBytes(bytes, chosen.config.digest, what);
    const config = readConfig(bytes, what);
    if (wanted.explicit && !fits(config, wanted)) throw platformMissing(text, wanted, [platformText(config)]);
    return await work({ source, chosen, config });
  } catch (thrown) {
    // A stream that was cut says only that it was cut; whoever cut it gave the reason.
    signal.throwIfAborted();
    throw thrown;
  } finally {
    await source.close();
  }
}

async function openSource(text: string, options: OciInspectorOptions): Promise<ImageSource> {
  const reference = parseImageReference(text);
  switch (reference.kind) {
    case 'registry': {
      const { clock, env, plainHttp, times = registryTimes } = options;
      return makeRegistrySource(reference, { clock, env, plainHttp, times });
    }
    case 'layout':
      return makeLayoutSource(folderFiles(reference.folder), reference.tag);
    case 'archive':
      return openArchive(reference.file, reference.tag);
  }
}

async function readFacts(
  { source, chosen, config }: OpenedImage,
  cache: ImageCache,
  limits: LayerLimits,
  { signal, progress = () => undefined }: ImageOptions,
): Promise<ImageFacts> {
  const { os, architecture, variant } = config;
  const diffIds = config.rootfs.diff_ids ?? [];
  const layers = await readLayers({ source, cache, layers: chosen.layers, diffIds, limits, signal, progress });
  return assembleImageFacts({
    digest: chosen.digest,
    platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
    env: config.config?.Env ?? [],
    labels: config.config?.Labels ?? {},
    layers: layers.map(({ facts, files, folders }, index) => ({
      facts: { ...facts, unknown: namedReasons(facts.unknown, chosen.layers[index]?.digest) },
      holdsFile: (path) => files.has(path),
      holdsFolder: (path) => folders.has(path),
    })),
  });
}

function namedReasons(
  unknown: Readonly<Record<string, string>>,
  digest: ChosenImage['digest'] | undefined,
): Readonly<Record<string, string>> {
  const layer = digest === undefined ? 'layer' : `layer ${shortDigest(digest)}`;
  // The field keeps its name: it is by that name that the rules know what is open.
  return Object.fromEntries(Object.entries(unknown).map(([field, why]) => [field, `${layer}: ${why}`]));
}
