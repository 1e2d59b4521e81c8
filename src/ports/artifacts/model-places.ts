import type { RemoteFiles } from './model-registry.ts';

/** The files of one model elsewhere. */
export interface OpenedPlace extends RemoteFiles {
  close(): Promise<void>;
}

/** Places that models may be fetched from. */
export interface ModelPlaces {
  /**
   * Why nothing is fetched from a place for an environment; null where it is allowed.
   * @param allowed by the record of the environment, in the place of what this process allows; undefined where it names none.
   */
  refusal(environment: string, place: string, allowed?: readonly string[]): string | null;
  /**
   * Lists the files of a model at an allowed place; whoever opened it closes it.
   * @throws PlimsollError `place-not-allowed` (refused), also where the registry itself names files elsewhere; as `ModelRegistry`.
   */
  open(environment: string, place: string, signal: AbortSignal, allowed?: readonly string[]): Promise<OpenedPlace>;
}
