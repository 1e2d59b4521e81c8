import { digestOf, type Digest } from '../units/digest.ts';
import type { Contract, FeastSource, FeatureProgram } from './contract.ts';

/** What computes the features: the programs as the contract names them, and the content of their files by path. */
export function digestOfPrograms(programs: readonly FeatureProgram[], files: Readonly<Record<string, Digest>>): Digest {
  return digestOf({ programs: programs.map(({ timeoutMs: _, ...program }) => program), files });
}

/** Files and folders that `features` names. */
export const featurePaths = ({ features = [] }: Pick<Contract, 'features'>): readonly string[] =>
  features.flatMap(({ path }) => path ?? []);

/** Registries of Feast that `features` names. */
export const feastSources = ({ features = [] }: Pick<Contract, 'features'>): readonly FeastSource[] =>
  features.flatMap(({ feast }) => feast ?? []);

/** Whether files compute features: those of `features`, or programs of `monitoring.features`. */
export const hasFeatureFiles = (contract: Pick<Contract, 'features' | 'monitoring'>): boolean =>
  contract.monitoring?.features !== undefined || featurePaths(contract).length > 0;

/** A registry that is not a file of this machine. */
export const isElsewhere = ({ registry }: Pick<FeastSource, 'registry'>): boolean => registry.startsWith('s3://');
