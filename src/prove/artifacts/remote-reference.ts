import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { isDigest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';

/** A model in a registry, as it was named on the command line. */
export type RemoteReference =
  | {
      readonly kind: 'mlflow';
      /** The address of the tracking server. */
      readonly url: string;
      readonly location: string;
      readonly name: string;
      readonly alias: string | null;
      readonly version: string | null;
    }
  | {
      readonly kind: 'oci';
      readonly location: string;
      /** Host, port and repository. */
      readonly name: string;
      readonly version: string;
    }
  | { readonly kind: 's3'; readonly location: string };

/**
 * Null for what is a path of this machine.
 *
 * | written | means |
 * |---|---|
 * | `mlflow:NAME`, `mlflow:NAME@ALIAS`, `mlflow:NAME:3` | the server that MLFLOW_TRACKING_URI names |
 * | `mlflow://HOST:PORT/NAME@ALIAS` | that server: http on loopback, else https |
 * | `oci://HOST/REPO:TAG`, `oci://HOST/REPO@sha256:...` | a ModelPack artifact |
 * | `s3://BUCKET/PREFIX` | the objects below it |
 *
 * @throws PlimsollError `remote-reference-invalid` (input).
 */
export function parseRemoteReference(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): RemoteReference | null {
  if (text.startsWith('mlflow:')) return mlflowReference(text, env);
  if (text.startsWith('oci://')) return ociReference(text);
  if (text.startsWith('s3://')) {
    if (!/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[^\u0000-\u001f]*)?$/.test(text))
      throw invalid(text, 'it is `s3://BUCKET/PREFIX`');
    return { kind: 's3', location: text };
  }
  return null;
}

/**
 * The model at a place as the lineage of a version names it, such as `mlflow://HOST:PORT/NAME/3`; null for what names no
 * version of a model.
 * @throws PlimsollError `remote-reference-invalid` (input).
 */
export function referenceOfPlace(
  place: string,
  env: Readonly<Record<string, string | undefined>>,
): RemoteReference | null {
  if (!place.startsWith('mlflow:')) return parseRemoteReference(place, env);
  const [, where, version] = /^(mlflow:\/\/.+)\/(\d{1,9})$/.exec(place) ?? [];
  if (where === undefined || version === undefined) return null;
  return parseRemoteReference(`${where}:${version}`, env);
}

function mlflowReference(text: string, env: Readonly<Record<string, string | undefined>>): RemoteReference {
  const isLong = text.startsWith('mlflow://');
  const rest = isLong ? text.slice('mlflow://'.length) : text.slice('mlflow:'.length);
  const slash = rest.lastIndexOf('/');
  const named = isLong ? rest.slice(slash + 1) : rest;
  const url = isLong ? urlOfHost(text, rest.slice(0, Math.max(0, slash)), env) : trackingUri(text, env);
  const [, name = '', sign = '', which = ''] = /^([^@:]+)(?:([@:])(.+))?$/.exec(named) ?? [];
  if (name === '') throw invalid(text, 'it names no model');
  if (sign === ':' && !/^\d{1,9}$/.test(which)) throw invalid(text, `\`${which}\` is no version; an alias has an @`);
  const { host, pathname } = new URL(url);
  return {
    kind: 'mlflow',
    url,
    location: `mlflow://${host}${pathname.replace(/\/$/, '')}`,
    name: decodeURIComponent(name),
    alias: sign === '@' ? which : null,
    version: sign === ':' ? which : null,
  };
}

function urlOfHost(text: string, host: string, env: Readonly<Record<string, string | undefined>>): string {
  const isPlain = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/.test(host) || env['PLIMSOLL_PLAIN_HTTP'] === '1';
  const url = `${isPlain ? 'http' : 'https'}://${host}`;
  if (host === '' || !URL.canParse(url) || host.includes('@')) throw invalid(text, `\`${host}\` is no server`);
  return url;
}

function trackingUri(text: string, env: Readonly<Record<string, string | undefined>>): string {
  const url = env['MLFLOW_TRACKING_URI'] ?? '';
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) && new URL(url).username === '') return url;
  throw new PlimsollError({
    code: 'mlflow-server-unknown',
    category: 'input',
    message:
      url === ''
        ? `\`${text.slice(0, 200)}\` names no server, and MLFLOW_TRACKING_URI is not set`
        : 'MLFLOW_TRACKING_URI is not the address of a server: it begins with http:// or https://, without a name and a password',
    next: 'export MLFLOW_TRACKING_URI=http://HOST:PORT, or write mlflow://HOST:PORT/NAME@ALIAS',
  });
}

function ociReference(text: string): RemoteReference {
  const rest = text.slice('oci://'.length);
  const [, name = '', tag, digest] =
    /^([A-Za-z0-9.\-[\]]+(?::\d{1,5})?(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)+)(?::(\w[\w.-]{0,127})|@(sha256:[0-9a-f]{64}))?$/.exec(
      rest,
    ) ?? [];
  if (name === '') throw invalid(text, 'it is `oci://HOST/REPOSITORY:TAG`, the repository in lower case');
  if (tag === undefined && (digest === undefined || !isDigest(digest)))
    throw invalid(text, 'it names neither a tag nor a digest');
  return { kind: 'oci', location: `oci://${name}`, name, version: tag ?? digest ?? '' };
}

function invalid(text: string, why: string): PlimsollError {
  return new PlimsollError({
    code: 'remote-reference-invalid',
    category: 'input',
    message: `\`${text.slice(0, 300)}\` does not name a model: ${why}`,
    next: nextStep(proveSteps, 'remote-reference-invalid/model-add-help'),
  });
}

/** @throws PlimsollError `remote-reference-invalid` (input) for a place that is not in an OCI registry. */
export function requireOci(
  target: string,
  env: Readonly<Record<string, string | undefined>>,
): Extract<RemoteReference, { readonly kind: 'oci' }> {
  const parsed = parseRemoteReference(target, env);
  if (parsed?.kind === 'oci') return parsed;
  throw new PlimsollError({
    code: 'remote-reference-invalid',
    category: 'input',
    message: `\`${target.slice(0, 200)}\` is no place in an OCI registry`,
    next: 'write oci://HOST/REPOSITORY:TAG',
  });
}
