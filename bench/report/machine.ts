import { cpus, release, totalmem, type } from 'node:os'

/** Describes the machine, for readers who compare measurements. */
export function machine(): string {
  const cores = cpus()
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`
  return `${cores.length} cores (${cores[0]?.model.trim() ?? 'unknown'}), ${memory}, ${type()} ${release()}, Node ${process.version}`
}
