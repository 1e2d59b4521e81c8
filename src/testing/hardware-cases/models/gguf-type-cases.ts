import type { CaseRow } from '../case-row.ts';
import { native, ofType, unknownType } from './type-case.ts';

const gguf = { format: 'gguf', source: 'llama-cpp-python issue 2008 (2025-04-30); its sources' } as const;
const bindings = (version: string): Readonly<Record<string, string>> => ({ 'llama-cpp-python': version });

const byVersion: readonly CaseRow[] = (
  [
    ['bloom', '0.2.10', '0.2.20'],
    ['phi2', '0.2.20', '0.2.30'],
    ['qwen2', '0.2.30', '0.2.40'],
    ['gemma', '0.2.40', '0.2.50'],
    ['command-r', '0.2.50', '0.2.57'],
    ['grok', '0.2.57', '0.2.58'],
    ['dbrx', '0.2.60', '0.2.62'],
    ['olmo', '0.2.62', '0.2.64'],
    ['phi3', '0.2.64', '0.2.66'],
    ['jina-bert-v2', '0.2.72', '0.2.74'],
    ['deepseek2', '0.2.76', '0.2.77'],
    ['gemma2', '0.2.79', '0.2.80'],
    ['jais', '0.2.80', '0.2.81'],
    ['chatglm', '0.2.81', '0.2.82'],
    ['t5encoder', '0.2.87', '0.2.88'],
    ['exaone', '0.2.88', '0.2.89'],
    ['granite', '0.2.90', '0.3.0'],
    ['chameleon', '0.3.0', '0.3.1'],
    ['olmo2', '0.3.2', '0.3.3'],
    ['cohere2', '0.3.5', '0.3.6'],
    ['phimoe', '0.3.6', '0.3.7'],
    ['gemma3', '0.3.7', '0.3.8'],
    ['glm4', '0.3.8', '0.3.9'],
    ['llama4', '0.3.8', '0.3.9'],
    ['qwen3', '0.3.8', '0.3.9'],
    ['gemma3n', '0.3.9', '0.3.10'],
    ['ernie4_5', '0.3.11', '0.3.12'],
    ['falcon-h1', '0.3.12', '0.3.13'],
    ['plamo2', '0.3.13', '0.3.14'],
    ['gpt-oss', '0.3.14', '0.3.15'],
    ['mistral3', '0.3.16', '0.3.17'],
    ['qwen3next', '0.3.16', '0.3.17'],
    ['deepseek2-ocr', '0.3.18', '0.3.19'],
    ['gemma4', '0.3.19', '0.3.20'],
    ['hunyuan_vl', '0.3.20', '0.3.21'],
    ['deepseek32', '0.3.23', '0.3.24'],
    ['mellum', '0.3.25', '0.3.26'],
    ['cohere2moe', '0.3.29', '0.3.30'],
    ['deepseek4', '0.3.32', '0.3.33'],
    ['graniteswitch', '0.3.34', '0.3.35'],
    ['bailingmoe3', '0.3.35', '0.3.36'],
  ] as const
).flatMap(([type, before, first]) => [
  ofType(type, bindings(before), unknownType, gguf),
  ofType(type, bindings(first), native, gguf),
]);

/** Architectures of GGUF that the llama.cpp of a version knows. */
export const ggufTypeCases: readonly CaseRow[] = [
  ...byVersion,
  ofType('llama', bindings('0.2.20'), native, gguf),
  ofType('qwen2', bindings('0.3.8'), native, gguf),
  ofType('gemma3', bindings('0.3.2.post1'), unknownType, gguf),
];
