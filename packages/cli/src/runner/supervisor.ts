import { setTimeout as delay } from 'node:timers/promises'
import { type Daemon, type Program, type Started, startDaemon } from '../processes/daemon.ts'

export type Supervised = {
  /** What to start; asked anew each time. */
  program: () => Program
  started: Started
  say: (line: string) => void
  /** From then on the program is left alone: whoever aborts this ends its process. */
  leave: AbortSignal
}

/** A program that is kept running. `changed` has its process replaced by one of what the program is now. */
export type Supervisor = { changed: () => void }

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 30_000

/** Starts a program, which must succeed, and from then on keeps it running: a new process for a changed program, and for one that ended. */
export async function supervise(supervised: Supervised): Promise<Supervisor> {
  const changes = changesOf()
  void keepRunning(supervised, await startDaemon(supervised.program(), supervised.started), changes)
  return { changed: changes.add }
}

/** A supervisor of a program that may not run yet. `ready` resolves once it runs, or once it is left alone. */
export type PatientSupervisor = Supervisor & { ready: Promise<void> }

/** As `supervise`, but a program that does not start is tried again, like one that ended. */
export function supervisePatiently(supervised: Supervised): PatientSupervisor {
  const changes = changesOf()
  const first = startAgain(supervised, changes, 'is ready')
  void first.then(running => running && keepRunning(supervised, running, changes))
  return { changed: changes.add, ready: first.then(() => undefined) }
}

type Changes = { add: () => void; next: () => Promise<void>; forget: () => void }

function changesOf(): Changes {
  let change = Promise.withResolvers<void>()
  return {
    add: () => change.resolve(),
    next: () => change.promise,
    forget() {
      change = Promise.withResolvers()
    }
  }
}

async function keepRunning(supervised: Supervised, first: Daemon, changes: Changes) {
  const { program, say, leave } = supervised
  const { name } = program()
  let running: Daemon | undefined = first
  let pause = FIRST_PAUSE
  while (running) {
    const since = Date.now()
    const end = await Promise.race([running.ended, changes.next(), left(leave)])
    if (leave.aborted) return
    if (typeof end === 'string') {
      if (Date.now() - since > LONGEST_PAUSE) pause = FIRST_PAUSE
      say(`${name} is down, to start again in ${pause / 1_000} s: ${end}`)
      await Promise.race([delay(pause, undefined, { ref: false }), changes.next(), left(leave)])
      pause = Math.min(2 * pause, LONGEST_PAUSE)
    } else {
      await running.stop()
    }
    running = await startAgain(supervised, changes, 'is ready again')
  }
}

/** Tries until it runs, sooner when it changes; undefined when it is to be left alone. */
async function startAgain(
  { program, started, say, leave }: Supervised,
  changes: Changes,
  what: 'is ready' | 'is ready again'
): Promise<Daemon | undefined> {
  for (let pause = FIRST_PAUSE; !leave.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    changes.forget() // what is started now is the newest
    const began = Date.now()
    try {
      const running = await startDaemon(program(), started)
      say(`${running.identity.name} ${what} after ${((Date.now() - began) / 1_000).toFixed(1)} s`)
      return running
    } catch (error) {
      if (leave.aborted) return undefined
      say((error as Error).message)
      await Promise.race([delay(pause, undefined, { ref: false }), changes.next(), left(leave)])
    }
  }
}

/** Resolves when the signal is aborted. */
function left(leave: AbortSignal): Promise<void> {
  if (leave.aborted) return Promise.resolve()
  return new Promise(resolve => leave.addEventListener('abort', () => resolve(), { once: true }))
}
