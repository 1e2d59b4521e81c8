import * as z from 'zod';
import { keyDocAt, type KeyDoc } from '../../core/contract-keys/keys.ts';
import { contractSchema } from './contract-schema.ts';

/** A node of a JSON Schema, as far as this file reads and writes it. */
export interface SchemaNode {
  type?: string | readonly string[];
  description?: string;
  examples?: readonly unknown[];
  properties?: Record<string, SchemaNode>;
  patternProperties?: Record<string, SchemaNode>;
  additionalProperties?: SchemaNode | boolean;
  propertyNames?: SchemaNode & { pattern?: string };
  items?: SchemaNode;
  [keyword: string]: unknown;
}

/** A name that stands for every key that the writer chooses, when a path of the schema is looked up in the documentation. */
const anyName = 'name';
const anyQuantile = 'p90';

/**
 * JSON Schema 2020-12 of plimsoll.yaml as people write it, for editors: the shapes from zod, the words from the table of
 * keys. What only the program checks (limits between keys) is not in it.
 */
export function contractJsonSchema(): SchemaNode {
  const schema = z.toJSONSchema(contractSchema(), { io: 'input', target: 'draft-2020-12' }) as SchemaNode;
  annotate(schema, []);
  const { $schema, ...rest } = schema;
  return {
    $schema,
    $id: 'https://plimsoll.dev/schema/v1/plimsoll.schema.json',
    title: 'plimsoll.yaml',
    description: 'The contract of one inference service.',
    ...rest,
  };
}

function annotate(node: SchemaNode, path: readonly (string | number)[]): void {
  const doc = path.length === 0 ? null : keyDocAt(path);
  if (doc !== null) Object.assign(node, { description: description(doc) });
  for (const [key, member] of Object.entries(node.properties ?? {})) annotate(member, [...path, key]);
  if (node.items !== undefined) annotate(node.items, [...path, 0]);
  const chosen = node.additionalProperties;
  if (typeof chosen !== 'object') return;
  const quantiles = keyDocAt([...path, anyQuantile])?.key.endsWith('<quantile>') === true;
  annotate(chosen, [...path, quantiles ? anyQuantile : anyName]);
  // Beside fixed keys a free one must look like a quantile; `additionalProperties` alone would let a typo through.
  if (quantiles && node.properties !== undefined) {
    node.patternProperties = { '^p[0-9]{1,2}(\\.[0-9]{1,3})?$': chosen };
    node.additionalProperties = false;
  }
}

function description({ meaning, form, default: fallback }: KeyDoc): string {
  return `${meaning}\n\nExpected: ${form}.\n${fallback === null ? 'It must be written.' : `Default: ${fallback}.`}`;
}
