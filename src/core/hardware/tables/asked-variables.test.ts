import { describe, expect, it } from 'vitest';
import { hardwareVariables } from '../../image/image-variables.ts';
import { argumentFloors } from './arguments/argument-floors.ts';
import { contextArguments } from './arguments/context-arguments.ts';
import { processorChoices } from './arguments/processor-choices.ts';
import { packagePairs } from './packages/package-pairs.ts';
import { sameVersions } from './packages/same-versions.ts';
import { engineFloors } from './engines/engine-floors.ts';
import { newerOpsets } from './engines/onnx-versions.ts';
import { kernelShapes } from './engines/kernel-shapes.ts';
import { ncclSegments } from './engines/shared-memory.ts';
import { execStackTunable } from './host/container-hosts.ts';
import { driverCallFloors, memoryServiceUsers } from './host/memory-services.ts';
import { memoryTakers } from './host/memory-takers.ts';
import { hugePageVariables } from './host-states.ts';

describe('the variables of an image that rules ask for', () => {
  it.each([
    ...engineFloors.flatMap(({ variable, versionIn = [] }) => [
      ...versionIn,
      ...(variable === undefined ? [] : [variable.name]),
    ]),
    ...kernelShapes.flatMap(({ unless }) => (unless === undefined ? [] : [unless.name])),
    ...new Set(
      argumentFloors.flatMap(({ unless = [] }) =>
        unless.map(({ name }) => name).filter((name) => !name.startsWith('--')),
      ),
    ),
    ...new Set(argumentFloors.flatMap(({ variables = [] }) => variables)),
    ...contextArguments.map(({ unless }) => unless.name),
    ...sameVersions.flatMap(({ unless }) => (unless === undefined ? [] : [unless.name])),
    ...new Set(packagePairs.flatMap(({ unless }) => (unless === undefined ? [] : [unless]))),
    ...hugePageVariables.map(({ name }) => name),
    ...memoryServiceUsers.flatMap(({ variable }) => variable?.names ?? []),
    ...new Set(driverCallFloors.flatMap(({ variable }) => (variable === undefined ? [] : [variable.name]))),
    ...new Set(memoryTakers.flatMap(({ shares, unless }) => [...shares, ...unless.map(({ name }) => name)])),
    ...processorChoices.flatMap(({ variables }) => variables),
    execStackTunable.name,
    ...ncclSegments.unless,
    ...[
      'NCCL_P2P_DISABLE',
      'NCCL_SHM_DISABLE',
      'NCCL_IB_DISABLE',
      'TRITON_PTXAS_PATH',
      'BNB_CUDA_VERSION',
      newerOpsets.variable,
    ],
  ])('%s is read from an image', (name) => {
    expect(hardwareVariables([`${name}=1`]).kept).toEqual({ [name]: '1' });
  });
});
