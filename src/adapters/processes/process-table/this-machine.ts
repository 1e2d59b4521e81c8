import type { ProcessTable } from './process-table.ts';
import { makeProcTable } from './proc-table.ts';
import { makePsTable } from './ps-table.ts';

export function makeProcessTable(): ProcessTable {
  return process.platform === 'linux' ? makeProcTable('/proc') : makePsTable();
}
