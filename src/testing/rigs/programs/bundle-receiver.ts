/**
 * A control plane's HTTP interface that takes bundles into a folder, as a process of its own that can be killed:
 * `node bundle-receiver.ts FOLDER PORT`. Prints its address once it listens.
 */
import path from 'node:path';
import { makeBoundedParser } from '../../../adapters/bounded-parser/bounded-parser.ts';
import { makeFileBlobs } from '../../../adapters/files/blobs.ts';
import { makeFileUploads } from '../../../adapters/files/uploads.ts';
import { makeProcessIdentity } from '../../../adapters/processes/process-table/process-identity.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import { systemRandom } from '../../../adapters/system/random.ts';
import { makeBundleReceiver } from '../../../control-plane/bundles/receive-bundle.ts';
import { openTestServer } from '../control-plane-server.ts';

const [folder = '', port = '0'] = process.argv.slice(2);
const clock = systemClock;
const blobs = makeFileBlobs({
  ...{ folder: path.join(folder, 'blobs'), identity: makeProcessIdentity() },
  ...{ clock, random: systemRandom },
});
const uploads = makeFileUploads({ folder: path.join(folder, 'uploads'), blobs });
const server = await openTestServer({
  bundles: makeBundleReceiver({ blobs, uploads, clock, parser: makeBoundedParser({ clock }) }),
});
process.stdout.write(`${await server.listen({ host: '127.0.0.1', port: Number(port) })}\n`);
