import { makeMemoryProject } from './memory-project.ts';
import { projectContract } from '../../contracts/project-contract.ts';

projectContract('the memory project', async ({ contract, files = {}, waivers = [] }) => {
  const project = makeMemoryProject({ contract, files, waivers });
  let present = files;
  return {
    project,
    write: async (path, content) => {
      present = { ...present, [path]: content };
      project.edit(path === 'plimsoll.yaml' ? { contract: content } : { files: present });
    },
  };
});
