import { PlimsollError } from '../units/errors.ts';

/** A place below which models are fetched. */
export interface AllowedRegistry {
  /** As it was written. */
  readonly text: string;
  /** Null for every environment. */
  readonly environment: string | null;
  readonly place: PlaceParts;
}

/** A place in parts, each of which is compared as a whole. */
export interface PlaceParts {
  readonly scheme: 'mlflow' | 'oci' | 's3';
  /** In lower case, with its port; the bucket of `s3`. */
  readonly host: string;
  /** Without the tag or digest of `oci`. */
  readonly segments: readonly string[];
}

const charactersAtMost = 2_000;
const hostPatterns = {
  mlflow: /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[1-9]\d{0,4})?$/,
  oci: /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[1-9]\d{0,4})?$/,
  s3: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
} as const;
/** What a client or a server may read as something else than a character of a name. */
const tricks = /[\u0000-\u001f\u007f\\%?#]/;

/**
 * The value of PLIMSOLL_REGISTRIES: places, separated by spaces or commas, each for every environment or for one.
 * Example: `oci://ghcr.io/acme prod=mlflow://models.internal:5000`.
 * @throws PlimsollError `registries-setting-invalid` (input).
 */
export function readAllowedRegistries(setting: string): readonly AllowedRegistry[] {
  const words = setting.split(/[\s,]+/).filter((word) => word !== '');
  return words.map((text) => {
    const [, environment = null, place = text] = /^([a-z0-9-]+)=(.*)$/.exec(text) ?? [];
    const parts = registryParts(place);
    if (typeof parts === 'string') throw invalid(text, parts);
    return { text, environment, place: parts };
  });
}

/** The places of the record of one environment; whoever recorded them asked `registryProblem` of each. */
export function registriesOfRecord(places: readonly string[]): readonly AllowedRegistry[] {
  return places.flatMap((text) => {
    const place = registryParts(text);
    return typeof place === 'string' ? [] : [{ text, environment: null, place }];
  });
}

/** What is wrong with a place that models are to be fetched below, in words; null where nothing is. */
export function registryProblem(place: string): string | null {
  const parts = registryParts(place);
  return typeof parts === 'string' ? parts : null;
}

function registryParts(place: string): PlaceParts | string {
  const parts = placeParts(place);
  if (typeof parts === 'string') return parts;
  if (parts.scheme === 'oci' && !/[.:]|^localhost$/.test(parts.host)) {
    return `\`${parts.host}\` is read as a repository of Docker Hub; write its port`;
  }
  if (parts.scheme !== 's3' && /[@:]/.test(place.slice(place.lastIndexOf('/') + 1)) && parts.segments.length > 0) {
    return 'it names one version; write the registry or the repository';
  }
  return parts;
}

/** Why nothing is fetched from a place for an environment; null where the place is at or below an allowed one. */
export function placeRefusal(allowed: readonly AllowedRegistry[], environment: string, place: string): string | null {
  const parts = placeParts(place);
  if (typeof parts === 'string') return parts;
  const here = allowed.filter((each) => each.environment === null || each.environment === environment);
  if (here.some((each) => isBelow(parts, each.place))) return null;
  if (here.length === 0) return `no registry is allowed for ${environment}`;
  return `allowed for ${environment} is only what is below ${here.map(({ text }) => text).join(', ')}`;
}

/** @param why as `placeRefusal` says it. */
export function placeNotAllowed(place: string, why: string): PlimsollError {
  return new PlimsollError({
    code: 'place-not-allowed',
    category: 'refused',
    message: `the model is not here, and is not fetched from ${place.slice(0, 300)}: ${why}`,
    next: 'add the registry to PLIMSOLL_REGISTRIES of the control plane or to the record of the environment, or release from a machine that holds the files',
    details: { place: place.slice(0, charactersAtMost) },
  });
}

/** The parts of a place; else what is wrong with it, in words. */
function placeParts(place: string): PlaceParts | string {
  if (place.length > charactersAtMost) return `it is longer than ${charactersAtMost} characters`;
  if (!place.isWellFormed() || tricks.test(place)) return 'it holds a character that no name of a place has';
  const [, scheme, rest = ''] = /^(mlflow|oci|s3):\/\/(.*)$/.exec(place) ?? [];
  if (scheme !== 'mlflow' && scheme !== 'oci' && scheme !== 's3')
    return 'it begins with none of mlflow://, oci://, s3://';
  const [first = '', ...path] = rest.replace(/\/$/, '').split('/');
  const host = first.toLowerCase();
  if (!hostPatterns[scheme].test(host)) return 'its host is no plain name with a port';
  if (path.some((segment) => segment === '' || segment === '.' || segment === '..'))
    return 'its path has an empty or dotted segment';
  const last = path.at(-1);
  if (scheme !== 'oci' || last === undefined) return { scheme, host, segments: path };
  return { scheme, host, segments: [...path.slice(0, -1), last.replace(/[@:].*$/, '')] };
}

function isBelow(place: PlaceParts, allowed: PlaceParts): boolean {
  if (place.scheme !== allowed.scheme || place.host !== allowed.host) return false;
  return allowed.segments.every((segment, index) => segment === place.segments[index]);
}

function invalid(text: string, why: string): PlimsollError {
  return new PlimsollError({
    code: 'registries-setting-invalid',
    category: 'input',
    message: `PLIMSOLL_REGISTRIES holds \`${text.slice(0, 200)}\`: ${why}`,
    next: 'export PLIMSOLL_REGISTRIES="oci://ghcr.io/acme prod=mlflow://models.internal:5000"',
  });
}
