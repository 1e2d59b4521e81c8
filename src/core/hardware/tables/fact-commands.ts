/** A fact that a rule could not do without: what it is called, and the command that would tell it. */
export interface FactCommand {
  readonly says: string;
  readonly command: string;
}

const onNode = 'plimsoll probe --json on the node, then plimsoll pool snapshot NAME FILE';
const query = (column: string): string => `nvidia-smi --query-gpu=${column} --format=csv on the node, or ${onNode}`;
const ofImage = 'plimsoll inspect IMAGE, then plimsoll pin';

/** By name of the fact, as findings name it. */
export const factCommands = {
  driver: { says: 'the version of the driver', command: query('driver_version') },
  driverCuda: { says: 'the CUDA version that the driver speaks', command: onNode },
  computeCapability: { says: 'the compute capability', command: query('compute_cap') },
  brand: { says: 'the brand of the device', command: onNode },
  product: { says: 'the product', command: query('name') },
  memory: { says: 'the memory', command: query('memory.total') },
  migLayout: { says: 'whether MIG is on, and with which instances', command: query('mig.mode.current') },
  sharing: {
    says: 'how the device is handed out',
    command: 'plimsoll pool snapshot NAME cluster, or plimsoll pool snapshot NAME FILE --sharing exclusive',
  },
  licence: { says: 'whether the virtual GPU has a licence', command: 'nvidia-smi -q | grep -A2 "License Status"' },
  iommu: {
    says: 'what the IOMMU does between the devices',
    command: `cat /sys/class/iommu/*/devices/*/iommu_group/type on the node, or ${onNode}`,
  },
  fabric: {
    says: 'the state of the NVSwitch fabric',
    command: `nvidia-smi -q | grep -A3 Fabric on the node, or ${onNode}`,
  },
  unifiedMemory: {
    says: 'whether the host turned unified memory on for the virtual GPU',
    command:
      'deviceQuery on the virtual machine ("Device supports Managed Memory"), then "unifiedMemory": "on" in the state of the device in the output of plimsoll probe --json',
  },
  shmBytes: {
    says: 'the size of /dev/shm',
    command: `df -B1 /dev/shm where replicas run, or ${onNode}`,
  },
  confidential: {
    says: 'the confidential mode of the board',
    command: `nvidia-smi conf-compute -f -grs on the node, or ${onNode}`,
  },
  containerDevices: {
    says: 'whether containers keep their devices',
    command: `ls /dev/char/195:255 and nvidia-ctk config | grep no-cgroups on the node, or ${onNode}`,
  },
  memlockBytes: {
    says: 'how much memory a process may lock',
    command: `ulimit -l where replicas run, or ${onNode}`,
  },
  rdma: { says: 'whether a port of InfiniBand is up', command: `ibv_devinfo on the node, or ${onNode}` },
  pageBytes: { says: 'the size of a page of the kernel', command: `getconf PAGESIZE on the node, or ${onNode}` },
  nvSwitches: {
    says: 'whether the NVSwitches have a Fabric Manager',
    command: `systemctl is-active nvidia-fabricmanager on the node, or ${onNode}`,
  },
  hugePageBytes: {
    says: 'how many huge pages are reserved',
    command: `grep HugePages_Total /proc/meminfo on the node, or ${onNode}`,
  },
  kernelModule: {
    says: 'the flavour of the kernel module',
    command: `cat /proc/driver/nvidia/version on the node, or ${onNode}`,
  },
  containerRuntime: {
    says: 'the mode of the container runtime',
    command: 'nvidia-ctk config | grep mode on the node, and state it for the pool',
  },
  health: {
    says: 'what recovery the driver asks for',
    command: `nvidia-smi -q | grep -i recovery on the node, or ${onNode}`,
  },
  'cpu.architecture': {
    says: 'the architecture of the CPU',
    command: `uname -m on the node and plimsoll pool snapshot NAME FILE --architecture CPU, or ${onNode}`,
  },
  'cpu.model': { says: 'the model of the CPU', command: onNode },
  'cpu.features': {
    says: 'the features of the CPU',
    command: `grep -m1 flags /proc/cpuinfo on the node, or ${onNode}`,
  },
  'image.cuda': { says: 'the CUDA version in the image', command: ofImage },
  'image.libraries': { says: 'the device code in the image', command: ofImage },
  'image.compression': { says: 'how the device code in the image is compressed', command: ofImage },
  'image.ptxCuda': { says: 'the CUDA version that wrote the PTX', command: 'cuobjdump --dump-ptx on the library' },
  'image.compat': { says: 'what the cuda-compat package in the image is for', command: ofImage },
  'image.searchPaths': { says: 'which folders the loader of the image searches', command: ofImage },
  'image.components': { says: 'the versions of the libraries in the image', command: ofImage },
  'image.python': { says: 'the Python distributions in the image', command: ofImage },
  'image.libraryFolders': { says: 'where a library of the image looks for others', command: ofImage },
  'image.copies': { says: 'which copies of CUDA libraries the image holds', command: ofImage },
  'image.instructions': {
    says: 'which instruction sets the libraries of the image use',
    command: `${ofImage}, or state hardware.instructions`,
  },
  'image.glibcxx': { says: 'the libstdc++ of the image', command: ofImage },
  'image.compilers': { says: 'which compilers the image holds', command: ofImage },
  'image.glibc': { says: 'the glibc of the image', command: ofImage },
  'image.cpuLevel': { says: 'the CPU level that the image needs', command: ofImage },
  image: {
    says: 'what the code brings along',
    command: 'plimsoll pin with code.image, or hardware.runtime and its pinned version',
  },
  model: { says: 'what the model file needs', command: 'plimsoll inspect FILE' },
  'model.config': {
    says: 'what the configuration of the model tells of its layers',
    command: 'plimsoll inspect FOLDER with the config.json beside the weights, then plimsoll pin',
  },
  'model.format': {
    says: 'the format of the model',
    command: 'plimsoll inspect FILE; an engine of TensorRT begins with ftrt',
  },
  'model.precision': {
    says: 'the precision of the weights',
    command: 'plimsoll inspect FILE, or state model.precision in the contract',
  },
  'model.engine': {
    says: 'what the TensorRT engine is bound to',
    command: 'trtexec --loadEngine on the device it was built for',
  },
  runtime: { says: 'the version of the runtime', command: 'plimsoll pin' },
} as const satisfies Readonly<Record<string, FactCommand>>;

export type FactName = keyof typeof factCommands;
