import type { AliasMove, ModelVersion } from '../../core/registry/model-version.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import type { AliasChange } from '../../prove/artifacts/move-alias.ts';
import { timeText } from '../terminal/time-text.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';

type Row = readonly string[];

export function signatureRows(version: ModelVersion): readonly Row[] {
  const { signature, facts } = version;
  if (signature === null) {
    const reason = facts['noSignature'];
    return typeof reason === 'string' ? [['signature', `none: ${reason}`]] : [];
  }
  return [
    ...signature.inputs.map((spec, index) => [index === 0 ? 'inputs' : '', ...specCells(spec, facts)]),
    ...signature.outputs.map((spec, index) => [index === 0 ? 'outputs' : '', ...specCells(spec, facts)]),
  ];
}

/** Name, and datatype with its shape, dynamic dimensions by the names that the model gives them. */
function specCells({ name, datatype, shape }: TensorSpec, facts: ModelVersion['facts']): Row {
  const names = (facts['dimensionNames'] as Record<string, readonly (string | null)[]> | undefined)?.[name] ?? [];
  const sizes = shape.map((size, axis) => (size === -1 ? (names[axis] ?? '?') : String(size)));
  return [name, `${datatype} [${sizes.join(', ')}]`];
}

/** What the parser of the format found; empty for formats without one. */
export function factRows({ facts }: ModelVersion): readonly Row[] {
  const producer = facts['producer'] as { readonly name: string; readonly version: string } | undefined;
  const opsets = Object.entries((facts['opsets'] as Record<string, number> | undefined) ?? {});
  const external = facts['external'] as readonly { readonly path: string }[] | undefined;
  return [
    ...(typeof facts['irVersion'] === 'number'
      ? [
          [
            'opset',
            `${opsets.map(([domain, version]) => `${domain} ${version}`).join(', ')} (IR version ${facts['irVersion']})`,
          ],
        ]
      : []),
    ...(producer === undefined || producer.name === ''
      ? []
      : [['producer', `${producer.name} ${producer.version}`.trim()]]),
    ...(typeof facts['parameters'] === 'number'
      ? [
          [
            'weights',
            `${facts['parameters'].toLocaleString('en-US')} parameters, ${formatBytes(Number(facts['weightsBytes']))}, ${String(facts['nodes'])} ${facts['nodes'] === 1 ? 'operator' : 'operators'}`,
          ],
        ]
      : []),
    ...(external === undefined ? [] : [['external', external.map(({ path }) => path).join(', ')]]),
  ];
}

export function versionRows(version: ModelVersion, aliases: readonly string[]): readonly Row[] {
  const { lineage } = version;
  return [
    ['digest', version.digest],
    ['format', version.format],
    ...factRows(version),
    ...version.files
      .slice(0, 50)
      .map((file, index) => [index === 0 ? 'files' : '', file.path, formatBytes(file.bytes), file.digest]),
    ...(version.files.length > 50 ? [['', `and ${version.files.length - 50} more`]] : []),
    ...(lineage.trainedOn === undefined
      ? []
      : [['trained on', `${lineage.trainedOn.data} (${lineage.trainedOn.digest})`]]),
    ...(lineage.source === undefined ? [] : [['source', lineage.source]]),
    ...(lineage.preprocessing === undefined ? [] : [['preprocessing', lineage.preprocessing]]),
    ...(lineage.parent === undefined ? [] : [['parent', `version ${lineage.parent}`]]),
    ...(lineage.allowedPickle === undefined ? [] : [['pickled, allowed', lineage.allowedPickle.join(', ')]]),
    ...(lineage.note === undefined ? [] : [['note', lineage.note]]),
    ['added', `${timeText(version.createdAtMs)} by ${version.createdBy}`],
    ['aliases', aliases.length === 0 ? 'none' : aliases.join(', ')],
  ];
}

export function moveRows(history: readonly AliasMove[]): readonly Row[] {
  const at = (version: number | null): string => (version === null ? 'none' : String(version));
  return history.map((move) => [
    timeText(move.atMs),
    move.alias,
    `${at(move.from)} -> ${at(move.to)}`,
    move.by,
    [move.reason, ...(move.evidence ?? []).map(({ kind, verdict }) => `${kind} ${verdict}`)].join('; '),
  ]);
}

export function aliasLines(
  name: string,
  { alias, from, to, moved, compatibility, evidence }: AliasChange,
): readonly string[] {
  const at = (version: number | null): string => (version === null ? 'none' : `version ${version}`);
  if (!moved) return [`${alias} of ${name} is at ${at(to)} already`];
  const broken = compatibility?.verdict === 'fail' ? compatibility.reasons : [];
  return [
    `${alias} of ${name}: ${at(from)} -> ${at(to)}`,
    ...(evidence.length === 0 ? [] : [`  on ${evidence.map(({ kind, verdict }) => `${kind} ${verdict}`).join(', ')}`]),
    ...(broken.length === 0
      ? []
      : [`callers of version ${from} could not go on with it, so that a release would be refused:`]),
    ...broken.map((reason) => `  ${reason}`),
  ];
}
