import { arrayOf, isObject, objectAt, textOf, type JsonObject } from './json-object.ts';

/** What `kubectl get nodes,resourceslices -o json` holds, by kind. */
export interface KubernetesObjects {
  readonly nodes: readonly JsonObject[];
  readonly slices: readonly JsonObject[];
  /** Objects of every other kind, counted. */
  readonly others: Readonly<Record<string, number>>;
}

/**
 * Takes apart what kubectl prints: one object, a v1 `List` of mixed kinds, or a typed list (`NodeList`), whose items carry
 * no kind of their own. Null when it is no Kubernetes object at all.
 */
export function kubernetesObjectsOf(value: unknown): KubernetesObjects | null {
  if (!isObject(value) || textOf(value['kind']) === null || textOf(value['apiVersion']) === null) return null;
  const kind = textOf(value['kind']) ?? '';
  const found = { nodes: [] as JsonObject[], slices: [] as JsonObject[], others: {} as Record<string, number> };
  if (!kind.endsWith('List')) {
    add(found, kind, value);
    return found;
  }
  const itemKind = kind.slice(0, -'List'.length);
  for (const item of arrayOf(value['items'])) {
    if (isObject(item)) add(found, textOf(item['kind']) ?? itemKind, item);
  }
  return found;
}

interface Found {
  readonly nodes: JsonObject[];
  readonly slices: JsonObject[];
  readonly others: Record<string, number>;
}

function add(found: Found, kind: string, object: JsonObject): void {
  const named = textOf(objectAt(object, 'metadata')['name']) !== null;
  if (kind === 'Node' && named) found.nodes.push(object);
  else if (kind === 'ResourceSlice' && named) found.slices.push(object);
  else found.others[kind || 'of no kind'] = (found.others[kind || 'of no kind'] ?? 0) + 1;
}
