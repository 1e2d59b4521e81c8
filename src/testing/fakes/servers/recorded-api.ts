import type { ApiCall, ApiClient, ApiReply } from '../../../adapters/kubernetes/api/api-client.ts';
import { isObject, type JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';

/** What a version of Kubernetes serves and takes, as `test/kubernetes/build/record-api.ts` records it. */
export interface RecordedApi {
  readonly source: string;
  /** Verbs by resource, by group and version. */
  readonly served: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** By definition: each field with the definition that it holds; null for text, numbers and what has none. */
  readonly fields: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
}

const verbOf = { POST: 'create', PATCH: 'patch', DELETE: 'delete' } as const;

interface Asked {
  readonly group: string;
  readonly resource: string;
  readonly isOne: boolean;
}

/** Null for a path that is none of a resource. */
function readPath(path: string): Asked | null {
  const [, core, group, rest = ''] = /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))\/(.+)$/.exec(path) ?? [];
  const [resource = '', name, sub] = rest.replace(/^namespaces\/[^/]+\//, '').split('/');
  const of = core ?? group;
  return of === undefined
    ? null
    : { group: of, resource: sub === undefined ? resource : `${resource}/${sub}`, isOne: name !== undefined };
}

/** Paths of the fields of an object that a definition does not have: the API server refuses to apply them. */
export function findUnknownFields(api: RecordedApi, value: unknown, definition: string, at = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each) => findUnknownFields(api, each, definition, at));
  const known = api.fields[definition];
  if (!isObject(value) || known === undefined) return [];
  return Object.entries(value).flatMap(([field, held]) => {
    const path = `${at}.${field}`;
    const of = known[field];
    if (of === undefined) return [path];
    return of === null ? [] : findUnknownFields(api, held, of, path);
  });
}

/** Of an object by its apiVersion and kind. */
export function unknownFieldsOf(api: RecordedApi, object: JsonObject): readonly string[] {
  const { apiVersion, kind } = object;
  const group = String(apiVersion).includes('/') ? String(apiVersion).split('/')[0]?.split('.')[0] : 'core';
  const definition = `${group}.v1.${String(kind)}`;
  return api.fields[definition] === undefined ? [`no ${definition}`] : findUnknownFields(api, object, definition);
}

/** A client of an API server of that version: what it does not serve is 404, and fields that it does not know are refused. */
export function makeRecordedClient(client: ApiClient, api: RecordedApi): { client: ApiClient; refused: string[] } {
  const refused: string[] = [];
  const judge = ({ method, path, body, contentType }: ApiCall, watches = false): ApiReply | null => {
    const group = /^\/apis\/([^/]+)$/.exec(path)?.[1];
    if (group !== undefined) return answerGroup(api, group);
    const asked = readPath(path);
    if (asked === null) return null;
    const verb = method === 'GET' ? (watches ? 'watch' : asked.isOne ? 'get' : 'list') : verbOf[method];
    const verbs = api.served[asked.group]?.[asked.resource];
    if (verbs?.includes(verb) !== true) {
      refused.push(`${verb} ${asked.group} ${asked.resource}`);
      return { status: 404, text: '', body: { kind: 'Status', code: 404 } };
    }
    const isWhole = method === 'POST' || contentType === 'application/apply-patch+yaml';
    const unknown = isWhole && isObject(body) ? unknownFieldsOf(api, body) : [];
    if (unknown.length === 0) return null;
    refused.push(...unknown);
    return { status: 422, text: '', body: { message: `${unknown.join()}: field not declared in schema` } };
  };
  return {
    refused,
    client: {
      call: async (call) => judge(call) ?? client.call(call),
      lines: (call, opened) => {
        judge({ ...call, method: 'GET' }, true);
        return client.lines(call, opened);
      },
    },
  };
}

function answerGroup({ served }: RecordedApi, group: string): ApiReply {
  const versions = Object.keys(served)
    .filter((each) => each.startsWith(`${group}/`))
    .map((each) => ({ groupVersion: each, version: each.slice(group.length + 1) }));
  const body = { kind: 'APIGroup', name: group, versions };
  return { status: versions.length === 0 ? 404 : 200, text: JSON.stringify(body), body };
}
