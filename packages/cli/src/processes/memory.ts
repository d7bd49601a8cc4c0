import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The memory of a process. PSS counts a page that n processes share as 1/n, RSS counts it in full. */
export type Memory = { bytes: number; kind: 'PSS' | 'RSS' }

/** Reads the memory of a process: PSS on Linux (proc(5), smaps_rollup), RSS elsewhere. Undefined if the process has ended. */
export function memoryOf(pid: number): Memory | undefined {
  const pss = kibibytes(() => /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1])
  if (pss) return { bytes: pss, kind: 'PSS' }
  const rss = kibibytes(() =>
    execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8', timeout: 5_000 })
  )
  return rss ? { bytes: rss, kind: 'RSS' } : undefined
}

function kibibytes(read: () => string | undefined): number {
  try {
    return 1_024 * Number(read() ?? 0)
  } catch {
    return 0
  }
}
