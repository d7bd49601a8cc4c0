import type { Daemon } from '../../packages/cli/src/processes/daemon.ts'
import { comparedRow, type Row } from '../report/rows.ts'
import type { Settings } from '../settings.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { cpuOf } from './cpu.ts'
import { measureInTurns } from './rounds.ts'
import { type Load, load } from './wrk.ts'

export type Server = { url: string; daemon: Daemon }

export type CpuOfLoad = Load & { microseconds: number }

type Compared = { sides: { service: Server; bare: Server }; file: string; settings: Settings; testbed: Testbed }

/**
 * Sends load to a service and to its baseline in turns. Resolves with two rows: the CPU for each request, with a goal for its ratio, and
 * the throughput.
 */
export async function cpuRows(
  { sides, file, settings: { ROUNDS, SECONDS }, testbed }: Compared,
  what: string,
  baseline: string,
  maxRatio: number
): Promise<Row[]> {
  const measured = await measureInTurns(
    ROUNDS,
    {
      service: () => loadAndCpu(sides.service, file, SECONDS),
      bare: () => loadAndCpu(sides.bare, file, SECONDS)
    },
    testbed.say
  )
  const row = (figure: 'microseconds' | 'perSecond', rest: Pick<Row, 'what' | 'unit' | 'goal'>) => {
    const roundsOf = (side: 'service' | 'bare') => measured[side].map(round => round[figure])
    return comparedRow({ what: baseline, rounds: roundsOf('bare') }, { ...rest, rounds: roundsOf('service') })
  }
  return [
    row('microseconds', { what: `${what}: CPU`, unit: 'µs', goal: { compare: 'ratio', max: maxRatio } }),
    row('perSecond', { what: `${what}: throughput`, unit: 'requests/s' })
  ]
}

/** Sends load to a server. Resolves with the figures of the load and the CPU time of the server's process for each request (µs). */
export async function loadAndCpu({ daemon, url }: Server, file: string, seconds: number): Promise<CpuOfLoad> {
  const before = cpuOf(daemon.identity.pid)
  const result = await load(url, file, seconds)
  return { ...result, microseconds: (cpuOf(daemon.identity.pid) - before) / result.requests }
}
