import { parentPort } from 'node:worker_threads';
import { simulateBootstrap, simulatePaired, type BootstrapCell, type PairedCell } from './simulate.ts';

parentPort?.on('message', (cell: PairedCell | BootstrapCell) => {
  parentPort?.postMessage(cell.kind === 'paired' ? simulatePaired(cell) : simulateBootstrap(cell));
});
