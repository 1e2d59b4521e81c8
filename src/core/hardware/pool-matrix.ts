import type { Compatibility } from '../contract/contract.ts';
import type { Digest } from '../units/digest.ts';
import type { Verdict } from '../units/verdict.ts';
import type { DeviceVerdict, Finding, NodeDeviceVerdict, PoolVerdict } from './compatibility.ts';

/** One pool as a picture: nodes down, services across, and in each cell one mark for each device. */
export interface PoolMatrix {
  readonly pool: string;
  /** Null for the machine that Plimsoll runs on, which is looked at anew each time. */
  readonly takenAtMs: number | null;
  readonly services: readonly MatrixService[];
  readonly classes: readonly MatrixClass[];
  readonly rows: readonly MatrixRow[];
  /** Nodes that no row shows, because there are too many rows; the worst ones are shown. */
  readonly nodesNotShown: number;
}

export interface MatrixService {
  readonly service: string;
  readonly environment: string;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly restsOnDeclared: boolean;
  readonly nodesLeftOut: number;
}

export interface MatrixClass {
  readonly digest: Digest;
  readonly description: string;
  /** In the order of `services`; null where the service meets no device of this class. */
  readonly answers: readonly (MatrixAnswer | null)[];
}

export interface MatrixAnswer {
  readonly compatibility: Compatibility;
  readonly verdict: Verdict;
  /** The findings that people should read: what decides, and what warns. */
  readonly findings: readonly Finding[];
}

/** One node, or many that answer alike in every way. */
export interface MatrixRow {
  readonly nodes: number;
  /** The first few. */
  readonly names: readonly string[];
  /** In the order of `services`; null where the selector of the service leaves the node out. */
  readonly cells: readonly (MatrixCell | null)[];
}

export interface MatrixCell {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly devices: readonly NodeDeviceVerdict[];
}

/** More single nodes than this are put together where they answer alike. */
const singleNodesAtMost = 40;
const rowsAtMost = 100;
const namesAtMost = 5;
const findingsAtMost = 12;
const worst: Readonly<Record<Verdict, number>> = { fail: 0, unknown: 1, inconclusive: 2, pass: 3 };

/** The verdicts of several services on the same pool. Bounded whatever the size of the pool. */
export function poolMatrix(verdicts: readonly PoolVerdict[], takenAtMs: number | null): PoolMatrix {
  const rows = rowsOf(verdicts).toSorted((a, b) => rank(a) - rank(b));
  return {
    pool: verdicts[0]?.pool ?? '',
    takenAtMs,
    services: verdicts.map(({ service, environment, verdict, reasons, restsOnDeclared, nodesLeftOut }) => ({
      service,
      environment,
      verdict,
      reasons,
      restsOnDeclared,
      nodesLeftOut,
    })),
    classes: classesOf(verdicts),
    rows: rows.slice(0, rowsAtMost),
    nodesNotShown: rows.slice(rowsAtMost).reduce((sum, row) => sum + row.nodes, 0),
  };
}

function rowsOf(verdicts: readonly PoolVerdict[]): readonly MatrixRow[] {
  const cellsByNode = new Map<string, (MatrixCell | null)[]>();
  verdicts.forEach(({ nodes }, service) => {
    for (const { node, verdict, reason, devices } of nodes) {
      const cells = cellsByNode.get(node) ?? verdicts.map(() => null);
      cells[service] = { verdict, reason, devices };
      cellsByNode.set(node, cells);
    }
  });
  const single = [...cellsByNode].map(([name, cells]): MatrixRow => ({ nodes: 1, names: [name], cells }));
  return single.length <= singleNodesAtMost ? single : together(single);
}

function together(single: readonly MatrixRow[]): readonly MatrixRow[] {
  const alike = new Map<string, MatrixRow>();
  for (const row of single) {
    const key = JSON.stringify(row.cells.map((cell) => cell && [cell.verdict, cell.devices]));
    const before = alike.get(key);
    const names = [...(before?.names ?? []), ...row.names].slice(0, namesAtMost);
    alike.set(key, { nodes: (before?.nodes ?? 0) + 1, names, cells: before?.cells ?? row.cells });
  }
  return [...alike.values()];
}

const rank = ({ cells }: MatrixRow): number =>
  Math.min(...cells.map((cell) => (cell === null ? worst.pass : worst[cell.verdict])));

function classesOf(verdicts: readonly PoolVerdict[]): readonly MatrixClass[] {
  const byDigest = new Map<Digest, DeviceVerdict>();
  for (const { classes } of verdicts) for (const one of Object.values(classes)) byDigest.set(one.deviceClass, one);
  return [...byDigest.values()]
    .map(({ deviceClass, description }) => ({
      digest: deviceClass,
      description,
      answers: verdicts.map(({ classes }) => answerOf(classes[deviceClass])),
    }))
    .toSorted((a, b) => worstAnswer(a) - worstAnswer(b) || a.description.localeCompare(b.description, 'en'))
    .slice(0, rowsAtMost);
}

function answerOf(verdict: DeviceVerdict | undefined): MatrixAnswer | null {
  if (verdict === undefined) return null;
  const findings = verdict.findings.filter(({ weight }) => weight !== 'supporting').slice(0, findingsAtMost);
  return { compatibility: verdict.compatibility, verdict: verdict.verdict, findings };
}

const worstAnswer = ({ answers }: MatrixClass): number =>
  Math.min(...answers.map((answer) => (answer === null ? worst.pass : worst[answer.verdict])));
