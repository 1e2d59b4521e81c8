/**
 * Test files of the outer tiers that run alone, each with its reason. All other files of a tier run side by side.
 *
 * A file belongs here when it measures time or throughput against a bound that other files could break, saturates both
 * cores, or takes a port or a folder that another file takes as well.
 */
export const filesThatRunAlone: Readonly<Record<string, string>> = {
  'test/integration/serving/capacity.test.ts': 'compares a measured throughput curve with the true one, within a tenth',
  'test/integration/serving/coldstart.test.ts': 'measures starts with an empty page cache against a budget',
  'test/integration/stores/postgres.test.ts': 'asserts that a second control plane acts within 4 s',
  'test/integration/stores/two-control-planes.test.ts': 'asserts how soon a standby control plane answers',
  'test/faults/kills/evaluate-kills.test.ts':
    'keeps a core busy with looking for processes, and kills at shares of a measured run',
  'test/faults/storage/restore-under-load.test.ts': 'asserts that gateways follow a restored store within 5 s',
  'test/faults/traffic/rollback-under-load.test.ts': 'asserts that a rollback under load takes less than 5 s',
  'test/faults/kills/scaling-kills.test.ts':
    'measures the capacity of a server and then sends it requests at a multiple of it',
  'test/faults/scaling/scaling.test.ts': 'scales by what closed-loop clients reach, which other files take from them',
};

/**
 * Test files beside the sources that put another module in the place of one of ours. Each gets a process of its own. All
 * others share one process for each core: what they import is loaded once, which halves the time of the tier.
 */
export const filesThatReplaceModules: readonly string[] = ['src/core/evidence/kinds/added-kind-everywhere.test.ts'];

/**
 * The longest of the files that run side by side. They start first, so that none of them is still running when all
 * others are done. Without this list vitest starts the largest files first until it has seen a run.
 */
export const filesToStartFirst: readonly string[] = [
  'test/integration/published/docs.test.ts',
  'test/integration/releases/canary-judged.test.ts',
  'test/integration/hardware/kernel-lists.test.ts',
  'test/integration/published/digits-example.test.ts',
  'test/e2e/page/page-look.test.ts',
  'test/e2e/page/page-release.test.ts',
  'test/e2e/start.test.ts',
  'test/faults/kills/kills.test.ts',
  'test/faults/kills/rollout-kills.test.ts',
];
