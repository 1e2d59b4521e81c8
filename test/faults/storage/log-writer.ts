/** Logs as the control plane does, and says on stdout after each line that it is still there. */
import { makeLog } from '../../../src/bin/open/log/make-log.ts';

const log = makeLog();
let lines = 0;
setInterval(() => {
  lines += 1;
  log.info({ lines, text: 'x'.repeat(2_000) }, 'a line');
  process.stdout.write(`${lines}\n`);
}, 2);
