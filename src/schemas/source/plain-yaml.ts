import { readYamlSource } from '../contract/contract-source.ts';
import { sourceBounds } from './yaml-bounds.ts';

export type PlainYaml =
  | { readonly ok: true; readonly value: unknown }
  /** `line 3, column 7: ...` */
  | { readonly ok: false; readonly reason: string };

/** The value of a small YAML file under the bounds of a contract; null for an empty one. */
export function readPlainYaml(text: string): PlainYaml {
  if (text.length > sourceBounds.bytes) return { ok: false, reason: `it is larger than ${sourceBounds.bytes} bytes` };
  const { source, problems } = readYamlSource(text);
  const [first] = problems.toSorted((a, b) => a.range[0] - b.range[0]);
  if (first === undefined) return { ok: true, value: source.value ?? null };
  const { line, column } = source.lines.place(...first.range);
  return { ok: false, reason: `line ${line}, column ${column}: ${first.message.slice(0, 200)}` };
}
