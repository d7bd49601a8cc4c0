import type { Daemon } from '../packages/cli/src/daemon.ts'
import { cpuOf } from './cpu.ts'
import { beside, type Row } from './figure.ts'
import type { Ground } from './ground.ts'
import { type Load, load } from './load.ts'
import type { Settings } from './settings.ts'
import { inTurns } from './turns.ts'

export type Server = { url: string; daemon: Daemon }

export type CpuOfLoad = Load & { microseconds: number }

type Compared = { sides: { service: Server; bare: Server }; file: string; settings: Settings; ground: Ground }

/** Loads a service and what it is compared with in turns. Resolves with a line of CPU for each request, whose ratio has a goal, and one of throughput. */
export async function rowsOfCpu(
  { sides, file, settings: { ROUNDS, SECONDS }, ground }: Compared,
  what: string,
  baseline: string,
  most: number
): Promise<Row[]> {
  const measured = await inTurns(
    ROUNDS,
    {
      service: () => loadAndCpu(sides.service, file, SECONDS),
      bare: () => loadAndCpu(sides.bare, file, SECONDS)
    },
    ground.say
  )
  const row = (figure: 'microseconds' | 'perSecond', rest: Pick<Row, 'what' | 'unit' | 'goal'>) => {
    const of = (side: 'service' | 'bare') => measured[side].map(round => round[figure])
    return beside({ what: baseline, rounds: of('bare') }, { ...rest, rounds: of('service') })
  }
  return [
    row('microseconds', { what: `${what}: CPU`, unit: 'µs', goal: { of: 'ratio', most } }),
    row('perSecond', { what: `${what}: throughput`, unit: 'requests/s' })
  ]
}

/** The load's figures, and the microseconds of CPU that the server's process used for a request. */
export async function loadAndCpu({ daemon, url }: Server, file: string, seconds: number): Promise<CpuOfLoad> {
  const before = cpuOf(daemon.identity.pid)
  const result = await load(url, file, seconds)
  return { ...result, microseconds: (cpuOf(daemon.identity.pid) - before) / result.requests }
}
