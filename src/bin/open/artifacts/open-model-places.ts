import {
  placeNotAllowed,
  placeRefusal,
  readAllowedRegistries,
  registriesOfRecord,
} from '../../../core/registry/allowed-registries.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { ModelPlaces } from '../../../ports/artifacts/model-places.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import { referenceOfPlace } from '../../../prove/artifacts/remote-reference.ts';
import { openVersion } from '../../../prove/artifacts/remote-model.ts';
import { openModelRegistry, openRemotePlace } from './open-model-registry.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The places that the record of an environment allows, or else PLIMSOLL_REGISTRIES; none unless one is set. Credentials of the environment are used for these
 * alone.
 * @throws PlimsollError `registries-setting-invalid` (input).
 */
export function openModelPlaces({ env, clock }: { readonly env: Env; readonly clock: Clock }): ModelPlaces {
  const own = readAllowedRegistries(env['PLIMSOLL_REGISTRIES'] ?? '');
  const allowedBy = (places?: readonly string[]) => (places === undefined ? own : registriesOfRecord(places));

  const refusal = (environment: string, place: string, places?: readonly string[]): string | null => {
    const why = placeRefusal(allowedBy(places), environment, place);
    if (why !== null) return why;
    return readReference(place) === null ? 'it names no version of a model' : null;
  };

  const readReference = (place: string) => {
    try {
      return referenceOfPlace(place, env);
    } catch (thrown) {
      if (thrown instanceof PlimsollError) return null;
      throw thrown;
    }
  };

  return {
    refusal,
    async open(environment, place, signal, places) {
      const why = refusal(environment, place, places);
      const reference = readReference(place);
      if (why !== null || reference === null) throw placeNotAllowed(place, why ?? 'it names no version of a model');
      const parts = { env, clock, signal };
      if (reference.kind === 's3') {
        return { ...(await openRemotePlace(parts, reference.location)), close: async () => undefined };
      }
      // MLflow names where the files lie, and is believed only within what is allowed.
      const registry = await openModelRegistry(parts, reference, (uri) => {
        const elsewhere = placeRefusal(allowedBy(places), environment, uri);
        if (elsewhere !== null) throw placeNotAllowed(uri, `${place} names it, and ${elsewhere}`);
      });
      try {
        const { files } = await openVersion(registry, place, reference, signal);
        return { ...files, close: () => registry.close() };
      } catch (thrown) {
        await registry.close();
        throw thrown;
      }
    },
  };
}
