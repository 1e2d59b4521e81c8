/** The upstream of the bench: answers after so many milliseconds, which are told over IPC. */
import { createServer } from 'node:http';

let delayMs = Number(process.argv[2] ?? 0);
const server = createServer((_, answer) => {
  setTimeout(() => answer.end('{}'), delayMs);
});
process.on('message', (toldMs: number) => {
  delayMs = toldMs;
  process.send?.('changed');
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? (address?.port ?? 0) : 0);
});
