import type * as z from 'zod';
import {
  remoteAnswer,
  remoteModelUnknown,
  remoteSourceUnreadable,
  remoteVersionUnknown,
} from '../../core/registry/remote-errors.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ModelRegistry, RemoteFiles, RemoteVersion } from '../../ports/artifacts/model-registry.ts';
import { downloadUriForm, namePageForm, oneVersionForm, registeredModelForm, versionPageForm } from './mlflow-forms.ts';
import { MlflowHttp, type MlflowAnswer, type MlflowHttpOptions } from './mlflow-http.ts';
import { proxiedArtifacts } from './proxied-artifacts.ts';

export interface MlflowOptions extends MlflowHttpOptions {
  /**
   * Files of a place that MLflow only names (`s3://`, `file://`): the composition root knows who reads it. Null for a place
   * that nobody reads.
   */
  readonly openPlace: (uri: string, signal: AbortSignal) => Promise<RemoteFiles | null>;
}

const api = '/api/2.0/mlflow';
const pagesAtMost = 200;
const pageSize = '1000';
const states: Readonly<Record<string, RemoteVersion['state']>> = {
  READY: 'ready',
  PENDING_REGISTRATION: 'pending',
  FAILED_REGISTRATION: 'failed',
};

/** MLflow's model registry by its REST API 2.0. It keeps no digests: whoever pins a version hashes its files. */
export function makeMlflowRegistry(options: MlflowOptions): ModelRegistry {
  const { location } = options;
  const http = new MlflowHttp(options);

  const get = (path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<MlflowAnswer> =>
    http.ask({ method: 'GET', path: `${api}/${path}`, query }, signal);

  const parsed = <T>(form: z.ZodType<T>, json: unknown, what: string): T => {
    const result = form.safeParse(json);
    if (result.success) return result.data;
    throw remoteAnswer(location, `${what} without ${result.error.issues[0]?.path.join('.') ?? 'what belongs in it'}`);
  };

  /** What MLflow says is wrong, as one of the port's errors. */
  const refuse = (answer: MlflowAnswer & { ok: false }, name: string, version: string | null): Error => {
    if (isMissing(answer) && version !== null) return remoteVersionUnknown(location, name, version);
    if (isMissing(answer) || isBadName(answer)) return remoteModelUnknown(location, name);
    return remoteAnswer(location, `${answer.status} ${answer.code} ${answer.message}`);
  };

  async function* pages<T extends { readonly next_page_token?: string | undefined }>(
    path: string,
    query: Readonly<Record<string, string>>,
    form: z.ZodType<T>,
    name: string,
    signal: AbortSignal,
  ): AsyncGenerator<T> {
    let token = '';
    for (let page = 0; page < pagesAtMost; page += 1) {
      const answer = await get(path, token === '' ? query : { ...query, page_token: token }, signal);
      if (!answer.ok) throw refuse(answer, name, null);
      const found = parsed(form, answer.json, `a page of ${path}`);
      yield found;
      const next = found.next_page_token ?? '';
      if (next === '') return;
      if (next === token) throw remoteAnswer(location, `the same page of ${path} again and again`);
      token = next;
    }
    throw remoteAnswer(location, `more than ${pagesAtMost} pages of ${path}`);
  }

  const registeredModel = async (name: string, signal: AbortSignal) => {
    const answer = await get('registered-models/get', { name }, signal);
    if (!answer.ok) throw refuse(answer, name, null);
    return parsed(registeredModelForm, answer.json, 'a registered model').registered_model;
  };

  const requireVersion = async (name: string, version: string, signal: AbortSignal) => {
    // Its column is an integer: anything else is an error of the database, or of the parser.
    if (!/^\d{1,9}$/.test(version)) throw remoteVersionUnknown(location, name, version);
    const answer = await get('model-versions/get', { name, version }, signal);
    if (!answer.ok) throw refuse(answer, name, version);
    return parsed(oneVersionForm, answer.json, 'a model version').model_version;
  };

  return {
    location,

    async names(signal) {
      const names: string[] = [];
      const query = { max_results: pageSize };
      for await (const page of pages('registered-models/search', query, namePageForm, '', signal))
        names.push(...page.registered_models.map(({ name }) => name));
      return names.sort();
    },

    async versions(name, signal) {
      await registeredModel(name, signal);
      const found: RemoteVersion[] = [];
      const query = { filter: `name='${name.replaceAll("'", "''")}'`, max_results: pageSize };
      for await (const page of pages('model-versions/search', query, versionPageForm, name, signal)) {
        for (const each of page.model_versions) {
          // A filter of an old server may be looser than it was meant.
          if (each.name !== name) continue;
          found.push({
            version: each.version,
            digest: null,
            state: each.status === undefined ? 'ready' : (states[each.status] ?? 'pending'),
            createdAtMs: each.creation_timestamp ?? null,
            note: each.description === undefined || each.description === '' ? null : each.description.slice(0, 2_000),
          });
        }
      }
      return found.sort((a, b) => Number(a.version) - Number(b.version));
    },

    async aliases(name, signal) {
      const { aliases } = await registeredModel(name, signal);
      return Object.fromEntries(aliases.map(({ alias, version }) => [alias, version]));
    },

    async files(name, version, signal) {
      const found = await requireVersion(name, version, signal);
      const shown = `${location}/${name}/${version}`;
      const state = found.status === undefined ? 'ready' : (states[found.status] ?? 'pending');
      if (state !== 'ready') throw notReady(shown, found.status ?? '', found.status_message);
      const answer = await get('model-versions/get-download-uri', { name, version }, signal);
      if (!answer.ok) throw refuse(answer, name, version);
      const uri = parsed(downloadUriForm, answer.json, 'a download address').artifact_uri ?? found.source ?? '';
      return openFiles(uri, shown, signal);
    },

    async setAlias(name, alias, version, signal) {
      if (version !== null) await requireVersion(name, version, signal);
      const answer =
        version === null
          ? await http.ask({ method: 'DELETE', path: `${api}/registered-models/alias`, body: { name, alias } }, signal)
          : await http.ask(
              { method: 'POST', path: `${api}/registered-models/alias`, body: { name, alias, version } },
              signal,
            );
      if (answer.ok) return;
      // Only a server that answers the question at all can say that the alias or the model is not there.
      if (isMissing(answer) && answer.code === 'RESOURCE_DOES_NOT_EXIST') {
        if (version === null) return;
        throw remoteVersionUnknown(location, name, version);
      }
      if (answer.status === 404 || answer.status === 405) throw withoutAliases(location);
      throw remoteAnswer(location, `${answer.status} ${answer.code} ${answer.message}`);
    },

    close: () => http.close(),
  };

  async function openFiles(uri: string, shown: string, signal: AbortSignal): Promise<RemoteFiles> {
    const proxied = proxiedPath(uri, options.base);
    if (proxied !== null) return proxiedArtifacts(http, shown, proxied, signal);
    const opened = await options.openPlace(uri, signal);
    if (opened !== null) return opened;
    throw remoteSourceUnreadable(
      shown,
      `they lie at ${uri.slice(0, 200) || 'no place that MLflow names'}, which is neither handed out by MLflow nor read here`,
      'start the server with --serve-artifacts and an artifacts destination, or download the files and add the folder',
    );
  }
}

/** The path below MLflow's own artifacts; null for an address elsewhere. */
function proxiedPath(uri: string, base: URL): string | null {
  const [, rest] = /^mlflow-artifacts:(.*)$/.exec(uri) ?? [];
  if (rest === undefined) return null;
  if (!rest.startsWith('//')) return decoded(rest.replace(/^\/+/, ''));
  const slash = rest.indexOf('/', 2);
  const host = rest.slice(2, slash === -1 ? undefined : slash);
  // The credentials of this server are for no other.
  if (host !== base.host && host !== base.hostname) return null;
  return decoded(slash === -1 ? '' : rest.slice(slash + 1));
}

function decoded(path: string): string {
  return path.replace(/\/+$/, '');
}

const isMissing = ({ status, code }: { readonly status: number; readonly code: string }): boolean =>
  code === 'RESOURCE_DOES_NOT_EXIST' || (status === 404 && code !== 'ENDPOINT_NOT_FOUND' && code !== '');
const isBadName = ({ code }: { readonly code: string }): boolean => code === 'INVALID_PARAMETER_VALUE';

function notReady(shown: string, status: string, message: string | undefined): PlimsollError {
  const isFailed = states[status] === 'failed';
  return new PlimsollError({
    code: 'remote-version-not-ready',
    category: 'conflict',
    message: `${shown} is not ready: MLflow says ${status}${message === undefined || message === '' ? '' : ` (${message.slice(0, 200)})`}`,
    next: isFailed ? 'register it again in MLflow' : 'run the command again when it is',
    details: { status },
  });
}

function withoutAliases(location: string): PlimsollError {
  return new PlimsollError({
    code: 'remote-without-aliases',
    category: 'refused',
    message: `${location} has no aliases: they came with MLflow 2.3`,
    next: 'upgrade the server; until then aliases live here only',
    details: { location },
  });
}
