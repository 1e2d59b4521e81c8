/** Adds environments to the lock of a folder, one change after the other: `change-lock.ts FOLDER NAME COUNT`. */
import path from 'node:path';
import { makeFileProject } from '../../../adapters/files/project/project.ts';
import { machineFacts } from '../../../adapters/system/node/machine.ts';
import { parseInPlace } from '../../../schemas/parse-in-place.ts';
import { buildLock, buildLockedEnvironment } from '../../builders/evidence-builders.ts';

const [folder = '', name = '', count = '0'] = process.argv.slice(2);
const project = makeFileProject({
  parser: parseInPlace,
  contractFile: path.join(folder, 'plimsoll.yaml'),
  stateFolder: path.join(folder, '.plimsoll'),
  machine: machineFacts,
});
for (let added = 0; added < Number(count); added += 1) {
  const more = { [`${name}-${added}`]: buildLockedEnvironment() };
  await project.changeLock((lock) => buildLock({ ...lock?.environments, ...more }));
}
