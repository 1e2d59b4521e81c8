import type { FeastSource } from '../../core/contract/contract.ts';
import type { FeatureViews } from '../../core/evidence/features/feature-view.ts';
import { digestOf } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { feastInvalid } from './feast-errors.ts';
import { feastBytesAtMost, readFeastRegistry } from './read-feast-registry.ts';

/**
 * The feature views that the contract names, of all its registries.
 * @param read gives the bytes of a registry, `feastBytesAtMost` and one more at most.
 * @throws PlimsollError as `readFeastRegistry` and as `read`; the message begins with the registry.
 */
export async function readFeastSources(
  sources: readonly FeastSource[],
  read: (registry: string) => Promise<Uint8Array>,
): Promise<FeatureViews> {
  const views: Record<string, FeatureViews[string]> = {};
  for (const { registry, project, featureViews = [], featureService } of sources) {
    const bytes = await read(registry);
    const featureServices = featureService === undefined ? [] : [featureService];
    const selection = { ...(project === undefined ? {} : { project }), featureViews, featureServices };
    const found = await readFeastRegistry(bytes, selection).catch((thrown: unknown) => named(registry, thrown));
    for (const [key, view] of Object.entries(found)) {
      const before = views[key];
      if (before !== undefined && digestOf(before) !== digestOf(view)) named(registry, readTwice(key));
      views[key] = view;
    }
  }
  return views;
}

const readTwice = (key: string): PlimsollError =>
  feastInvalid(`${key} is another view than in the entry of \`features\` before, or other features of it`);

function named(registry: string, thrown: unknown): never {
  if (!(thrown instanceof PlimsollError)) throw thrown;
  const { code, category, message, next, details } = thrown;
  throw new PlimsollError({ code, category, message: `${registry}: ${message}`, next, details, cause: thrown });
}

export { feastBytesAtMost };

/** @param beside names what is there instead, or is empty. */
export const feastRegistryMissing = (registry: string, beside = ''): PlimsollError =>
  new PlimsollError({
    code: 'feast-registry-missing',
    category: 'unavailable',
    message: `there is no Feast registry at ${registry}${beside}`,
    next: 'run `feast apply`, or correct `registry` in the contract',
  });
