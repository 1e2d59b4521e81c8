import type { Scenarios } from './merge-chunks.ts';

const store = [
  'src/bin/open/open-state.ts',
  'src/bin/open/place/second-store.ts',
  'src/bin/open/place/store-place.ts',
  'src/adapters/sql/sqlite/sqlite-store.ts',
  'src/adapters/processes/process-table/process-identity.ts',
  'src/adapters/files/blobs.ts',
  'src/adapters/files/file-lock.ts',
];

/**
 * What is loaded at once, as `strace -f -e trace=openat` shows it. A file that is missing here costs a few milliseconds;
 * a file that does not belong makes other starts load more than they need.
 */
export const loadedTogether: Scenarios = {
  help: ['src/bin/command-line.ts'],
  check: [
    'src/bin/command-line.ts',
    'node_modules/commander/index.js',
    'src/cli/check/check.ts',
    'src/adapters/files/project/project.ts',
    'src/adapters/system/node/machine.ts',
    'src/schemas/parse-in-place.ts',
    'src/bin/open/read-recorded.ts',
    'src/adapters/sql/sqlite/read-records.ts',
    'src/core/hardware/tables/rule-tables.ts',
    'src/prove/files/read-prices-file.ts',
  ],
  store,
  operations: ['src/bin/open/open-operations.ts'],
  platform: [
    'src/bin/open/open-platform.ts',
    'src/bin/open/local/open-confinement.ts',
    'src/bin/up/stop-replicas.ts',
    'src/bin/open/open-replica-client.ts',
  ],
  parser: ['src/adapters/bounded-parser/parser-worker.ts'],
  modelServer: ['src/bin/model-server.ts'],
  gateway: ['src/bin/gateway.ts'],
  supervisor: ['src/bin/supervisor.ts'],
  controlPlane: ['src/bin/control-plane.ts'],
};
