import { PlimsollError } from '../../core/units/errors.ts';
import { jsonErrorPosition } from '../../formats/json-position.ts';
import { kubernetesObjectsOf, type KubernetesObjects } from '../../protocols/kubernetes-objects/object-list.ts';
import { nodeFactsFormat } from '../../schemas/pool/node-facts.ts';
import { decodeText } from '../../schemas/source/source-text.ts';

/** What a source is, told from its content and never from its name. */
export type SourceContent =
  | { readonly kind: 'nvidia-smi-xml' | 'nvidia-smi-csv' | 'nvidia-smi-list' | 'node-facts' }
  | { readonly kind: 'kubernetes'; readonly objects: KubernetesObjects };

/** `kubectl get -o json` of some five thousand nodes; what is more is read from the cluster, or as several files. */
export const mostSourceBytes = 128 * 1024 * 1024;

/** @throws PlimsollError `pool-source-invalid` (input) that says what it is, or where it stops being that. */
export function contentOf(bytes: Uint8Array, shown: string): SourceContent {
  const head = headOf(bytes);
  if (head.startsWith('<')) return { kind: 'nvidia-smi-xml' };
  if (/^(?:GPU \d|No devices)/.test(head)) return { kind: 'nvidia-smi-list' };
  if (head.startsWith('{') || head.startsWith('[')) return ofJson(bytes, shown);
  if (/^(?:apiVersion|kind|items):/m.test(head)) {
    throw invalid(`${shown} is YAML, and JSON is needed`, 'kubectl get nodes,resourceslices -o json');
  }
  if (/^[a-z_.]+(?: \[\w+\])?, /.test(head)) return { kind: 'nvidia-smi-csv' };
  throw invalid(`${shown} is none of the sources of a pool: it begins with \`${head.slice(0, 40)}\``);
}

/** The first characters; PowerShell's `>` writes UTF-16, of which each second byte is zero here. */
function headOf(bytes: Uint8Array): string {
  const head = [...bytes.subarray(0, 600)].filter((byte) => byte > 0 && byte < 0x80);
  return String.fromCodePoint(...head).trimStart();
}

function ofJson(bytes: Uint8Array, shown: string): SourceContent {
  const decoded = decodeText(bytes, mostSourceBytes);
  if (!decoded.ok) throw invalid(`${shown}:${decoded.line}: ${decoded.message} (expected ${decoded.facts.expected})`);
  const value = parse(decoded.text, shown);
  const fields: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
  if (fields['format'] === nodeFactsFormat) return { kind: 'node-facts' };
  if (fields['snapshotVersion'] !== undefined) {
    throw invalid(`${shown} is a snapshot already`, `plimsoll pool show ${shown}`);
  }
  const objects = kubernetesObjectsOf(value);
  if (objects === null) throw invalid(`${shown} is JSON of neither kubectl nor plimsoll probe`);
  if (objects.nodes.length > 0 || objects.slices.length > 0) return { kind: 'kubernetes', objects };
  const others = Object.entries(objects.others).map(([kind, count]) => `${count} of kind ${kind}`);
  if (others.length === 0) return { kind: 'kubernetes', objects };
  throw invalid(
    `${shown} holds ${others.slice(0, 5).join(', ')}, and neither Nodes nor ResourceSlices`,
    'kubectl get nodes,resourceslices -o json',
  );
}

function parse(text: string, shown: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const at = jsonErrorPosition(text);
    if (at === null) throw cause;
    const line = text.slice(0, at.offset).split('\n').length;
    const end = at.offset >= text.trimEnd().length ? `it ends too early: ${at.expected} is missing` : undefined;
    throw invalid(`${shown}:${line}: not JSON: ${end ?? `expected ${at.expected}`}`, undefined, cause);
  }
}

const sources =
  'name a file of `kubectl get nodes,resourceslices -o json`, of `plimsoll probe --json` or of `nvidia-smi -q -x`';

function invalid(message: string, next: string = sources, cause?: unknown): PlimsollError {
  return new PlimsollError({ code: 'pool-source-invalid', category: 'input', message, next, cause });
}
