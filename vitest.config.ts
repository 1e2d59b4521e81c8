import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { filesThatReplaceModules, filesThatRunAlone, filesToStartFirst } from './test/run-alone.ts';

const alone = Object.keys(filesThatRunAlone);
/** Two cores run three files: a file waits for processes, timers and disks for most of its time. */
const filesSideBySide = 3;

/**
 * An outer tier as two projects: the files that run side by side, and after them, one by one, those of
 * `test/run-alone.ts`.
 */
function makeTier(
  name: 'integration' | 'e2e' | 'faults',
  testTimeout: number,
  globalSetup: readonly string[] = [],
): readonly TestProjectConfiguration[] {
  const shared = { testTimeout, hookTimeout: 180_000, globalSetup: ['test/build-program.ts', ...globalSetup] };
  const include = `test/${name}/**/*.test.ts`;
  return [
    {
      test: {
        ...shared,
        name,
        include: [include],
        exclude: alone,
        maxWorkers: filesSideBySide,
        sequence: { groupOrder: 1 },
      },
    },
    {
      test: {
        ...shared,
        name: `${name}-alone`,
        include: alone.filter((file) => file.startsWith(`test/${name}/`)),
        fileParallelism: false,
        sequence: { groupOrder: 2 },
      },
    },
  ];
}

/** The tests beside the sources; vitest leaves one core free by itself, which is half of the machine where there are two. */
const besideTheSources = { testTimeout: 20_000, maxWorkers: '100%' } as const;

/** vitest's own order, but for the files that are known to take longest. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const group = ({ project }: TestSpecification): number => project.config.sequence.groupOrder;
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = filesToStartFirst.findIndex((file) => moduleId.endsWith(`/${file}`));
      return place < 0 ? filesToStartFirst.length : place;
    };
    return (await super.sort(files)).sort((a, b) => group(a) - group(b) || rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // A failure that comes once in many runs must say what it saw: 40 characters, as they come, do not.
    chaiConfig: { truncateThreshold: 1_500 },
    projects: [
      {
        test: {
          ...besideTheSources,
          name: 'unit',
          include: ['src', 'examples', 'scripts', 'bench', 'dashboard/src'].map((room) => `${room}/**/*.test.ts`),
          exclude: [...filesThatReplaceModules],
          isolate: false,
        },
      },
      { test: { ...besideTheSources, name: 'unit-replaced', include: [...filesThatReplaceModules] } },
      ...makeTier('integration', 120_000, ['test/build-page.ts']),
      ...makeTier('e2e', 120_000, ['test/build-page.ts']),
      ...makeTier('faults', 900_000),
      {
        // Started by test/kubernetes/run.ts, in a cluster that all files share.
        test: {
          name: 'kubernetes',
          include: ['test/kubernetes/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
