import type { CompatPackage, DeviceLibrary, ImageFacts } from '../../core/image/image-facts.ts';
import { limitsOf, namesOfLibraries } from '../../core/hardware/rules/kernels/image-limits.ts';
import { bearsOnHardware } from '../../core/image/image-python.ts';
import { formatTargets } from '../../core/image/image-targets.ts';
import { shortDigest } from '../../core/units/digest.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import { painter } from '../terminal/paint.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';

const rowsAtMost = 40;
const unknownAtMost = 10;

/** What was found in an image, where, and what it means for devices. */
export function imageText(facts: ImageFacts, named: string, colour: boolean): string {
  const paint = painter(colour);
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', paint('strong', title), ...lines];
  const { os, architecture, variant } = facts.platform;
  return textOfLines([
    `${named}  ${paint('quiet', `${[os, architecture, variant].filter((part) => part !== undefined).join('/')}, ${shortDigest(facts.digest)}`)}`,
    ...section('Runtime', alignedTable(runtimeRows(facts), '  ')),
    ...section('Variables', alignedTable(Object.entries({ ...facts.env, ...facts.labels }).map(pair), '  ')),
    ...section('Python', pythonLines(facts)),
    ...section('Libraries with device code', alignedTable(libraryRows(facts.libraries), '  ')),
    ...section('Limits', limitLines(facts.libraries)),
    ...section('Not known', alignedTable(unknownRows(facts.unknown), '  ')),
  ]);
}

const valueCharactersAtMost = 160;
const pair = ([name, value]: readonly [string, string]): readonly string[] => [
  name,
  value.length > valueCharactersAtMost ? `${value.slice(0, valueCharactersAtMost)}…` : value,
];

function runtimeRows({ cuda, components, compat, cpuLevel }: ImageFacts): readonly (readonly string[])[] {
  const others = Object.entries(components).filter(([name]) => name !== 'cudart');
  return [
    ['CUDA', cuda?.version ?? 'none found', cuda === null ? 'a runtime linked into a library is not seen' : cuda.from],
    ...others.map(([name, { version, from }]) => [name, version, from]),
    ...(compat === null ? [] : [['cuda-compat', compat.version ?? 'unknown', `${compat.path}${noteOf(compat)}`]]),
    ...(cpuLevel === null ? [] : [['CPU', cpuLevel.level, cpuLevel.path]]),
  ];
}

function noteOf({ note }: CompatPackage): string {
  if (note === null) return '';
  return ` (by its note: CUDA ${note.cudaVersion} on driver branches ${note.drivers.join(' ')})`;
}

function pythonLines({ python }: ImageFacts): readonly string[] {
  const shown = python.filter(bearsOnHardware);
  const left = python.length - shown.length;
  const rows = shown.map(({ name, version }) => [name, version]);
  const rest = `${shown.length === 0 ? '' : 'and '}${left} ${left === 1 ? 'other' : 'others'} (--json lists all)`;
  return [...alignedTable(rows, '  '), ...(left === 0 ? [] : [`  ${rest}`])];
}

function libraryRows(libraries: readonly DeviceLibrary[]): readonly (readonly string[])[] {
  const left = libraries.length - rowsAtMost;
  return [
    ...libraries
      .slice(0, rowsAtMost)
      .map((library) => [library.path, formatBytes(library.bytes), `${formatTargets(library)}${withPtx(library)}`]),
    ...(left > 0 ? [[`and ${left} more (--json lists all)`]] : []),
  ];
}

const withPtx = ({ ptxCuda, unknown }: DeviceLibrary): string =>
  `${ptxCuda === undefined ? '' : ` of CUDA ${ptxCuda}`}${unknown === undefined ? '' : ` (not whole: ${unknown})`}`;

function limitLines(libraries: readonly DeviceLibrary[]): readonly string[] {
  return limitsOf(libraries).map(({ sentence, libraries: paths }) => {
    const has = new Set(paths).size === 1 ? 'has' : 'have';
    return `  ${namesOfLibraries(paths)} ${has} ${sentence}`;
  });
}

function unknownRows(unknown: ImageFacts['unknown']): readonly (readonly string[])[] {
  const rows = Object.entries(unknown);
  const left = rows.length - unknownAtMost;
  return [...rows.slice(0, unknownAtMost), ...(left > 0 ? [[`and ${left} more (--json lists all)`]] : [])];
}
