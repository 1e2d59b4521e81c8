/**
 * Test files of the outer tiers that run alone, each with its reason. All other files of a tier run side by side.
 *
 * A file belongs here when it measures time or throughput against a bound that other files could break, saturates both
 * cores, or takes a port or a folder that another file takes as well.
 */
export const filesThatRunAlone: Readonly<Record<string, string>> = {
  'test/integration/capacity.test.ts': 'compares a measured throughput curve with the true one, within a tenth',
  'test/integration/coldstart.test.ts': 'measures starts with an empty page cache against a budget',
  'test/integration/postgres.test.ts': 'asserts that a second control plane acts within 4 s',
  'test/integration/two-control-planes.test.ts': 'asserts how soon a standby control plane answers',
  'test/faults/rollback-under-load.test.ts': 'asserts that a rollback under load takes less than 5 s',
};
