import { capacityRow } from './capacity/capacity-row.ts';
import { coldStartRow } from './cold-start/cold-start-row.ts';
import { costRow } from './cost/cost-row.ts';
import { evaluationRow } from './evaluation/evaluation-row.ts';
import { goldenRow } from './golden/golden-row.ts';
import { hardwareRow } from './hardware/hardware-row.ts';
import type { KindRow } from './kind-row.ts';
import { monitoringRow } from './monitoring/monitoring-row.ts';
import { rollbackRow } from './rollback/rollback-row.ts';
import { scalingRow } from './scaling/scaling-row.ts';

/**
 * Every kind of evidence, in the order in which people see them. Whatever the program knows of a kind derives from its
 * row: a new kind is a new row, and the folder of that row.
 */
export const kindTable = {
  hardware: hardwareRow,
  golden: goldenRow,
  evaluation: evaluationRow,
  'cold-start': coldStartRow,
  capacity: capacityRow,
  scaling: scalingRow,
  monitoring: monitoringRow,
  rollback: rollbackRow,
  cost: costRow,
} as const satisfies Readonly<Record<string, KindRow>>;

export type EvidenceKind = keyof typeof kindTable;

/** A table with at least the kinds of this version; a test adds a row. */
export type KindTable = Readonly<Record<EvidenceKind, KindRow>>;

/** The kinds of a table, in its order. */
export const kindsOf = (table: KindTable): readonly EvidenceKind[] => Object.keys(table) as EvidenceKind[];

export const evidenceKinds = kindsOf(kindTable);
