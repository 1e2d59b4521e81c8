import { pino, type Logger } from 'pino';
import { makeLogLines } from '../../../adapters/log-file/log-lines.ts';

/** The log of the control plane, on stderr. A log on a full disk loses lines, and ends nothing. */
export function makeLog(): Logger {
  return pino(
    { base: { program: 'control-plane' }, timestamp: pino.stdTimeFunctions.isoTime },
    { write: makeLogLines(2, (lost) => JSON.stringify({ level: 40, lost, msg: 'lines of the log were lost' })) },
  );
}
