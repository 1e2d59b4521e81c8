import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { isDigest, type Digest } from '../../../core/units/digest.ts';
import { imageError } from '../image-errors.ts';

/** Where an image lies, as it was named. */
export type ImageReference =
  | {
      readonly kind: 'registry';
      /** Host and port, `docker.io` for names without one. */
      readonly registry: string;
      readonly repository: string;
      readonly tag: string | null;
      readonly digest: Digest | null;
    }
  | { readonly kind: 'layout'; readonly folder: string; readonly tag: string | null }
  | { readonly kind: 'archive'; readonly file: string; readonly tag: string | null };

/** The grammar of the distribution specification, with lengths bounded. */
const repositoryPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const registryPattern = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;

/** @throws PlimsollError `image-reference-invalid` (input), `image-not-found` (not-found) for files that are not there. */
export function parseImageReference(text: string): ImageReference {
  if (text.startsWith('oci:')) return localReference('layout', text.slice('oci:'.length));
  if (text.startsWith('docker-archive:')) return localReference('archive', text.slice('docker-archive:'.length));
  if (text.startsWith('docker://')) return registryReference(text.slice('docker://'.length));
  if (/^(\.{0,2}\/|~)/.test(text) || /\.tar(?:[:@].*)?$/.test(text) || existsSync(path.join(text, 'oci-layout'))) {
    return localReference(isFolder(text) ? 'layout' : 'archive', text);
  }
  return registryReference(text);
}

/** `FOLDER[:TAG]` or `FOLDER@DIGEST`: a path that is there as it is written has no tag, whatever colons it holds. */
function localReference(kind: 'layout' | 'archive', text: string): ImageReference {
  const { place, tag } = splitPlace(text);
  if (place === '') throw invalid(text, 'it names no path');
  if (!existsSync(place)) {
    throw imageError(
      'image-not-found',
      `there is nothing at ${place}`,
      'plimsoll inspect --help shows how to name an image',
    );
  }
  const expected = kind === 'layout' ? 'folder' : 'file';
  if (isFolder(place) !== (kind === 'layout')) throw invalid(text, `${place} is not a ${expected}`);
  return kind === 'layout' ? { kind, folder: place, tag } : { kind, file: place, tag };
}

function splitPlace(text: string): { readonly place: string; readonly tag: string | null } {
  const pinned = /^(.+)@(sha256:[0-9a-f]{64})$/.exec(text);
  if (pinned?.[1] !== undefined && pinned[2] !== undefined) return { place: pinned[1], tag: pinned[2] };
  const colon = text.indexOf(':', text.lastIndexOf('/') + 1);
  if (existsSync(text) || colon < 1) return { place: text, tag: null };
  // The tag of an archive may be a whole name with slashes: `docker-archive:image.tar:registry.example/app:1`.
  const first = /^(.+?\.tar):(.+)$/.exec(text);
  if (first?.[1] !== undefined && first[2] !== undefined) return { place: first[1], tag: first[2] };
  return { place: text.slice(0, colon), tag: text.slice(colon + 1) };
}

const isFolder = (place: string): boolean => statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;

function registryReference(text: string): ImageReference {
  const at = text.indexOf('@');
  const digest = at < 0 ? null : text.slice(at + 1);
  if (digest !== null && !isDigest(digest)) throw invalid(text, 'a digest is `sha256:` and 64 hexadecimal digits');
  const named = at < 0 ? text : text.slice(0, at);
  const slash = named.indexOf('/');
  const host = slash < 0 ? '' : named.slice(0, slash);
  const hasHost = /[.:]/.test(host) || host === 'localhost';
  const rest = hasHost ? named.slice(slash + 1) : named;
  const colon = rest.lastIndexOf(':');
  const tag = colon < 0 ? null : rest.slice(colon + 1);
  const repository = colon < 0 ? rest : rest.slice(0, colon);
  if (tag !== null && !tagPattern.test(tag)) throw invalid(text, `\`${tag}\` is not a tag`);
  if (repository.length > 255 || !repositoryPattern.test(repository)) {
    throw invalid(text, `\`${repository}\` is not the name of a repository, which is lower case`);
  }
  if (hasHost && !registryPattern.test(host)) throw invalid(text, `\`${host}\` is not a registry`);
  const registry = hasHost && host !== 'index.docker.io' && host !== 'registry-1.docker.io' ? host : 'docker.io';
  return {
    kind: 'registry',
    registry,
    repository: registry === 'docker.io' && !repository.includes('/') ? `library/${repository}` : repository,
    tag: tag ?? (digest === null ? 'latest' : null),
    digest,
  };
}

function invalid(text: string, why: string): Error {
  const shown = text.length > 300 ? `${text.slice(0, 300)}...` : text;
  return imageError(
    'image-reference-invalid',
    `\`${shown}\` does not name an image: ${why}`,
    'plimsoll inspect --help shows how to name an image',
  );
}
