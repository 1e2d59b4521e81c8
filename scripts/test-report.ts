import path from 'node:path';

/** The parts of vitest's JSON report that are read here. */
export interface TestReport {
  readonly testResults: readonly {
    /** Absolute path. */
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

export interface FileTime {
  readonly name: string;
  readonly ms: number;
}

/** A heading, then a line for each of the slowest files, the slowest first: `   12.3 s  test/e2e/page/page.test.ts`. */
export function formatSlowest(files: readonly FileTime[], count: number): string {
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1).padStart(7)} s`;
  const sumMs = files.reduce((sum, { ms }) => sum + ms, 0);
  const slowest = [...files].sort((a, b) => b.ms - a.ms).slice(0, count);
  return [
    `the ${slowest.length} slowest of ${files.length} files:`,
    ...slowest.map(({ name, ms }) => `${seconds(ms)}  ${name}`),
    `${seconds(sumMs)}  all files, added up`,
  ].join('\n');
}

export interface FailedTest {
  readonly name: string;
  readonly why: string;
}

/** Tests that failed, and files that failed before any of their tests ran. @param root folder that names are relative to. */
export function failedTests(report: TestReport, root: string): readonly FailedTest[] {
  return report.testResults.flatMap((file): readonly FailedTest[] => {
    const name = path.relative(root, file.name);
    const failed = file.assertionResults.filter(({ status }) => status === 'failed');
    if (failed.length === 0 && file.status === 'failed') return [{ name, why: file.message ?? '' }];
    return failed.map((test) => ({ name: `${name} > ${test.fullName}`, why: (test.failureMessages ?? []).join('\n') }));
  });
}
