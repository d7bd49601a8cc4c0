import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

const SAMPLE_MS = 100

/** The number of clock ticks a second in /proc on Linux. */
const TICKS = 100

/** What a process and its children used: the highest sum of their resident memory (bytes), and the processor's time (s). */
export type Usage = { memory: number; processor: number }

/** Samples a process and its children until `stop`, which returns what they used. */
export function sampleUsage(pid: number): { stop: () => Usage } {
  let memory = 0
  const times = new Map<number, number>()
  const sample = () => {
    const family = familyOf(pid)
    memory = Math.max(
      memory,
      family.reduce((sum, each) => sum + residentOf(each), 0)
    )
    for (const each of family) times.set(each, processorTimeOf(each) || (times.get(each) ?? 0))
  }
  const timer = setInterval(sample, SAMPLE_MS)
  return {
    stop() {
      clearInterval(timer)
      return { memory, processor: [...times.values()].reduce((sum, time) => sum + time, 0) }
    }
  }
}

/** The processes below a process, and itself. */
function familyOf(pid: number): number[] {
  const children = globSync('/proc/[0-9]*')
    .map(folder => Number(basename(folder)))
    .filter(other => statusOf(other).match(/^PPid:\s+(\d+)/m)?.[1] === String(pid))
  return [pid, ...children.flatMap(familyOf)]
}

/** The processor's time of a process in seconds; 0 if it has ended. */
export function processorTimeOf(pid: number): number {
  const fields = readIfThere(`/proc/${pid}/stat`)
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS
}

const residentOf = (pid: number) => 1024 * Number(statusOf(pid).match(/^VmRSS:\s+(\d+)/m)?.[1] ?? 0)

const statusOf = (pid: number) => readIfThere(`/proc/${pid}/status`)

/** Reads a file; the text is empty if its process has ended. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
