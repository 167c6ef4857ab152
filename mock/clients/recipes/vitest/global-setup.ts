import { start } from 'salesos-mock';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    admin: string;
  }
}

export default async function setup(project: TestProject) {
  const mock = await start(); // one for all files, on a free port
  project.provide('admin', mock.admin);
  return () => mock.stop();
}
