import { parentPort } from 'node:worker_threads';
import { simulatePaired, type PairedCell } from './simulate.ts';
import { simulateLimits, type LimitsCell } from './simulate-limits.ts';

parentPort?.on('message', (cell: PairedCell | LimitsCell) => {
  parentPort?.postMessage(cell.kind === 'paired' ? simulatePaired(cell) : simulateLimits(cell));
});
