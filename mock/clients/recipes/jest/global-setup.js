import { start } from 'salesos-mock';

export default async function setup() {
  globalThis.mock = await start(); // one for all workers, on a free port
  process.env.SALESOS_ADMIN_URL = globalThis.mock.admin;
}
