import { argumentFloors } from '../../src/core/hardware/tables/arguments/argument-floors.ts';
import { contextArguments } from '../../src/core/hardware/tables/arguments/context-arguments.ts';
import { float16Models } from '../../src/core/hardware/tables/arguments/float16-models.ts';
import {
  cacheArguments,
  contextChangers,
  hostArguments,
  layerArguments,
  lengthArguments,
  wholeContexts,
} from '../../src/core/hardware/tables/arguments/load-arguments.ts';
import {
  quantizationArguments,
  quantizationTypes,
} from '../../src/core/hardware/tables/arguments/quantization-types.ts';
import { deviceCounts } from '../../src/core/hardware/tables/arguments/device-counts.ts';
import { memoryShare } from '../../src/core/hardware/tables/arguments/memory-share.ts';
import { ollamaFolder, processorChoices } from '../../src/core/hardware/tables/arguments/processor-choices.ts';
import { section, versions } from './section.ts';

/** What arguments of a contract ask for. */
export const argumentSections: readonly string[] = [
  section('Arguments that choose kernels', argumentFloors, {
    engine: ({ engine }) => engine,
    ...versions,
    argument: ({ argument, also = [] }) => [argument, ...also].map((name) => `\`${name}\``).join(', '),
    values: ({ values }) => (values.length === 0 ? 'none' : values.join(', ')),
    'of weights in': ({ precision }) => precision ?? null,
    'or a variable': ({ variables = [] }) => variables.join(', '),
    'by default in': ({ default: by }) => (by === undefined ? null : `${by.program} up to ${by.to}`),
    'capability from': ({ least }) => least,
    'capability to': ({ most }) => most ?? null,
    'not with': ({ unless = [] }) => unless.map(({ name, value }) => `\`${name}=${value}\``).join(', '),
  }),
  section('Methods of quantization that an argument names, computed in float16 alone', quantizationTypes, {
    engine: ({ engine }) => engine,
    ...versions,
    value: ({ value }) => `\`${quantizationArguments[0]} ${value}\``,
  }),
  section('Arguments that ask for a longer context', contextArguments, {
    engine: ({ engine }) => engine,
    from: ({ from }) => from,
    argument: ({ argument }) => `\`${argument}\``,
    'not with': ({ unless, others }) =>
      [`${unless.name}=${unless.value}`, ...others].map((name) => `\`${name}\``).join(', '),
  }),
  section('Arguments that say on how many devices an engine computes', deviceCounts, {
    engine: ({ engine }) => engine,
    'a product of': ({ factors }) => factors.map((names) => names.map((name) => `\`${name}\``).join(' or ')).join(', '),
    'not judged with': ({ spread }) => spread.map((name) => `\`${name}\``).join(', '),
  }),
  section('The share of the memory that an engine takes', [memoryShare], {
    engine: ({ engine }) => engine,
    argument: ({ argument }) => `\`${argument}\``,
    'looks at what is free from': ({ looksFrom }) => looksFrom,
  }),
  section('What tells a program to compute on the processor', processorChoices, {
    program: ({ program }) => program,
    argument: ({ arguments: names, byDefault }) =>
      `${names.map((name) => `\`${name}\``).join(', ')}${byDefault === true ? ', or none' : ''}`,
    variable: ({ variables }) => variables.map((name) => `\`${name}\``).join(', '),
    value: ({ values }) => `\`${values}\``,
  }),
  section('The folder of libraries that Ollama opens', [ollamaFolder], {
    variable: ({ variable }) => `\`${variable}\``,
  }),
  section('Models that float16 does not hold', float16Models, {
    program: ({ engine }) => engine ?? 'mistral.rs',
    from: ({ from }) => from,
    models: ({ models }) => models.join(', '),
    argument: ({ arguments: names, values }) => `\`${names.join('`, `')}\`: ${values.join(', ')}`,
    'by itself': ({ byItself }) =>
      byItself === undefined ? null : `from ${byItself.least} on, below ${byItself.below}`,
  }),
  section('Arguments that say how long a sequence is', lengthArguments, {
    engine: ({ engine }) => engine ?? 'llama.cpp',
    argument: ({ names }) => names.map((name) => `\`${name}\``).join(', '),
  }),
  section('Engines that start only where the longest sequence of the model fits', wholeContexts, {
    engine: ({ engine }) => engine,
    ...versions,
    tokenizer: ({ byTokenizer }) => (byTokenizer ? 'may allow less' : 'is not asked'),
    unless: () => contextChangers.map((name) => `\`${name}\``).join(', '),
  }),
  section('Arguments that keep keys and values in fewer bits', cacheArguments, {
    engine: ({ engine }) => engine,
    argument: ({ name }) => `\`${name}\``,
    values: ({ values }) => values.join(', '),
    share: ({ share }) => share,
  }),
  section('Arguments that put a number of layers on devices', [layerArguments], {
    argument: ({ names }) => names.map((name) => `\`${name}\``).join(', '),
    'fewest layers of a model': ({ fewestLayers }) => fewestLayers,
  }),
  section('Arguments that keep parts of the weights on the host', [hostArguments], {
    'so many GiB': ({ gib }) => gib.map((name) => `\`${name}\``).join(', '),
    'as many as it sees fit': ({ open }) => open.map((name) => `\`${name}\``).join(', '),
  }),
];
