import type { Daemon } from '../packages/cli/src/daemon.ts'
import { cpuOf } from './cpu.ts'
import { type Load, load } from './load.ts'

export type CpuOfLoad = Load & { microseconds: number }

/** Loads a server and says, with the load, the microseconds of CPU that its process used for a request. */
export async function loadAndCpu(daemon: Daemon, url: string, file: string, seconds: number): Promise<CpuOfLoad> {
  const before = cpuOf(daemon.identity.pid)
  const result = await load(url, file, seconds)
  return { ...result, microseconds: (cpuOf(daemon.identity.pid) - before) / result.requests }
}
