/** Makes aiosmtpd ready for mail.test.ts, which is skipped without it: `node scripts/bootstrap.mjs test/peers/install/smtp.ts`. */
import { installSmtpServer } from '../smtp-server.ts';

const result = installSmtpServer((line) => console.error(line));
if (result.kind === 'missing') {
  console.error(`aiosmtpd is missing: ${result.why}`);
  process.exitCode = 3;
}
