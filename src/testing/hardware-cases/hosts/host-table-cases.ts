import {
  dockerWithClone3,
  execStackTunable,
  execStackWheels,
  glibcWithClone3,
  glibcWithoutExecStack,
  linuxBranchesFrom,
  linuxBranchStep,
  mpsClients,
  ncclFailsUnderWsl,
  toolkitWithCgroups2,
  virtualProfiles,
} from '../../../core/hardware/tables/host/container-hosts.ts';
import {
  driverCallFloors,
  mappingsRefusedBelow,
  memoryServiceUsers,
  poolsFromCuda,
  wholeOfBoard,
} from '../../../core/hardware/tables/host/memory-services.ts';
import type { TableCase } from '../engines/table-case.ts';

/** Tables of what hosts of containers and drivers refuse. */
export const hostTableCases: readonly TableCase[] = [
  {
    name: 'programs that ask the driver for more than plain memory',
    printed:
      'torch 2.1- mappings PYTORCH_CUDA_ALLOC_CONF|PYTORCH_ALLOC_CONF, torch 2.0- pools PYTORCH_CUDA_ALLOC_CONF|PYTORCH_ALLOC_CONF, lmdeploy 0- pools unless pytorch, ctranslate2 2.0- pools CT2_CUDA_ALLOCATOR, xgboost 3.0-3.2 mappings; 11.2 10.0 0.9',
    held: () =>
      `${memoryServiceUsers
        .map(
          ({ of, from, to, service, variable, unlessBackend }) =>
            `${of} ${from}-${to ?? ''} ${service}${variable === undefined ? '' : ` ${variable.names.join('|')}`}${unlessBackend === undefined ? '' : ` unless ${unlessBackend}`}`,
        )
        .join(', ')}; ${poolsFromCuda} ${mappingsRefusedBelow} ${wholeOfBoard}`,
  },
  {
    name: 'programs that call what older drivers lack',
    printed: 'lmdeploy 0-0.2 fails to 11.4, runs from 11.7',
    held: () =>
      driverCallFloors
        .map(
          ({ of, from, to, failsTo, runsFrom }) =>
            `${of} ${from}-${to ?? ''} fails to ${failsTo}, runs from ${runsFrom}`,
        )
        .join(', '),
  },
  {
    name: 'versions from which hosts and loaders refuse',
    printed:
      'clone3 2.34 by Docker before 20.10.10; groups 1.8.0; stack 2.41 unless GLIBC_TUNABLES, ctranslate2 0-4.5, intel-extension-for-pytorch 2.5-2.6; Linux 450 by 5; NCCL 2.20; -8A no, -2B maybe; MPS 48 60',
    held: () =>
      `clone3 ${glibcWithClone3} by Docker before ${dockerWithClone3}; groups ${toolkitWithCgroups2}; stack ${glibcWithoutExecStack} unless ${execStackTunable.name}, ${execStackWheels.map(({ of, from, to }) => `${of} ${from}-${to}`).join(', ')}; Linux ${linuxBranchesFrom} by ${linuxBranchStep}; NCCL ${ncclFailsUnderWsl}; ${['-8A', '-2B', '-4Q'].flatMap((end) => (new RegExp(virtualProfiles.withoutCuda).test(end) ? [`${end} no`] : new RegExp(virtualProfiles.mayBeWithout).test(end) ? [`${end} maybe`] : [])).join(', ')}; MPS ${mpsClients.always} ${mpsClients.most}`,
  },
];
