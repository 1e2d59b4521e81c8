import path from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import { formatSlowest } from './test-report.ts';

/** Files of a tier that are named at the end of its run. */
const filesShown = 10;

/**
 * A vitest reporter that prints the slowest files of a run: `npm test -- --reporter=default
 * --reporter=./scripts/slowest-reporter.ts`. vitest's own JSON report counts no hooks, where most files start programs.
 */
export default class SlowestReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const files = modules.map((module) => {
      const { collectDuration, duration } = module.diagnostic();
      return { name: path.relative(process.cwd(), module.moduleId), ms: collectDuration + duration };
    });
    console.log(`\n${formatSlowest(files, filesShown)}`);
  }
}
