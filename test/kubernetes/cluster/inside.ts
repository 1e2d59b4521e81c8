/**
 * Inside of a bubble: starts the cluster, runs a command with it, and ends as that command does. Everything that was
 * started ends with the bubble.
 *
 *   node test/kubernetes/cluster/inside.ts COMMAND...
 */
import { spawn } from 'node:child_process';
import { furnishBubble } from './bubble.ts';
import { startControlPlane, writeCredentials } from './control-plane.ts';
import { putPauseImage } from './image.ts';
import { startNode } from './node.ts';
import { fileOf, placeFromEnvironment } from './place.ts';
import { startRegistry } from './registry.ts';

const place = placeFromEnvironment();
if (place === null) throw new Error('this runs inside of a bubble: start it with npm run test:kubernetes');
const beganMs = performance.now();
const say = (what: string): void =>
  void process.stderr.write(`cluster: ${what} after ${((performance.now() - beganMs) / 1000).toFixed(1)} s\n`);

furnishBubble(place);
writeCredentials(place);
await startRegistry(place);
await putPauseImage(place);
await startControlPlane(place);
say('control plane ready');
await startNode(place);
say('node ready');

const [file = '', ...args] = process.argv.slice(2);
const env = {
  ...process.env,
  KUBECONFIG: fileOf.kubeconfig(place, 'admin'),
  PATH: `${place.binaries}:${process.env['PATH'] ?? ''}`,
};
const child = spawn(file, args, { stdio: 'inherit', env });
child.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.once('close', (status) => process.exit(status ?? 1));
