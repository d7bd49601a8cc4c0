import { readFileSync } from 'node:fs'

/** The unit of CPU times in /proc (µs): Linux reports them in hundredths of a second (USER_HZ, proc(5)). */
const MICROSECONDS_A_TICK = 10_000

/** Reads the user and system CPU time of a process and its threads in microseconds (proc(5), /proc/pid/stat fields 14 and 15). */
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_A_TICK
}

/** Reads the peak resident memory of a process in bytes (proc(5), VmHWM). Shared pages count in full. */
export function peakMemoryOf(pid: number): number {
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (!peak) throw new Error(`The system does not tell the peak memory of process ${pid}`)
  return Number(peak) * 1_024
}
