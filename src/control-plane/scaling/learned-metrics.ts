import { Gauge, type Registry } from 'prom-client';
import type { LearnedEvidence } from '../../core/scaling/policy.ts';
import type { ScalingView } from '../../schemas/view/view.ts';

interface LearningService {
  readonly service: string;
  readonly environment: string;
  scaling(): ScalingView | null;
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

const parts = ['capacity', 'starts'] as const;

const metrics: readonly {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly samplesOf: (learned: LearnedEvidence) => readonly Sample[];
}[] = [
  {
    name: 'learned_ratio',
    help: 'Real over told, of the rate of a replica (capacity) and of its start time (starts).',
    labels: ['of', 'value'],
    samplesOf: (learned) =>
      parts.flatMap((of) =>
        (['estimate', 'lower', 'upper'] as const).map((value): Sample => [{ of, value }, learned[of][value]]),
      ),
  },
  {
    name: 'learned_samples',
    help: 'Answers and starts that the learned ratios rest on.',
    labels: ['of'],
    samplesOf: (learned) => parts.map((of): Sample => [{ of }, learned[of].samples]),
  },
  {
    name: 'evidence_trusted',
    help: '0 while scaling acts on feedback alone.',
    labels: [],
    samplesOf: ({ trusted }) => [[{}, trusted ? 1 : 0]],
  },
];

/** Registers what live data say of the evidence that scaling decides by. A service whose policy learns nothing has no sample. */
export function registerLearnedMetrics(registry: Registry, services: () => readonly LearningService[]): void {
  for (const { name, help, labels, samplesOf } of metrics) {
    new Gauge({
      name: `plimsoll_control_plane_scaling_${name}`,
      help,
      labelNames: ['service', 'environment', ...labels],
      registers: [registry],
      collect() {
        this.reset();
        for (const each of services()) {
          const { service, environment } = each;
          const learned = each.scaling()?.learned;
          const samples = learned === undefined ? [] : samplesOf(learned);
          for (const [own, value] of samples) this.set({ service, environment, ...own }, value);
        }
      },
    });
  }
}
