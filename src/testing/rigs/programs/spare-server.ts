/**
 * A replica that may be a spare first, without an engine. As a spare it does what the model server does; then, and as a replica, it is
 * ready at once and says what it was given.
 *
 *   node src/testing/rigs/programs/spare-server.ts serve-model
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { becomeReplica } from '../../../model-server/spare/become-replica.ts';
import { openOrderDoor } from '../../../model-server/spare/order-door.ts';
import { spareTokenFile, spareVariable } from '../../../schemas/replica/spare-order.ts';

// An import of node:http loads the whole of fetch: a third of the time that a start takes.
const { createServer } = process.getBuiltinModule('node:http');
const { env } = process;
const folder = env[spareVariable];
const over = new AbortController();
process.once('SIGTERM', () => {
  over.abort();
  process.exit(0);
});
let args: readonly string[] = process.argv.slice(3);
let wasSpare = false;
if (folder !== undefined) {
  const token = readFileSync(path.join(folder, spareTokenFile), 'utf8').trim();
  const door = await openOrderDoor(token, over.signal);
  process.stdout.write(`${JSON.stringify({ plimsoll: 'spare', port: door.port })}\n`);
  const order = await door.order;
  if (order === null) process.exit(0);
  becomeReplica(order);
  ({ args } = order);
  wasSpare = true;
}
// A test looks at what happens between the order and the moment at which it is ready.
const hold = env['HOLD'];
const isReady = (): boolean => hold === undefined || !existsSync(hold);
createServer((request, response) => {
  if (request.url === '/given') {
    response.end(JSON.stringify({ pid: process.pid, args, cwd: process.cwd(), env: { ...env }, wasSpare }));
    return;
  }
  response.writeHead(isReady() ? 200 : 503).end('{}');
}).listen(Number(env['PLIMSOLL_PORT']), env['PLIMSOLL_HOST'] ?? '127.0.0.1');
