import { setTimeout as delay } from 'node:timers/promises'
import { type Daemon, type Program, type Started, startDaemon } from '../processes/daemon.ts'

export type Supervised = {
  /** Returns the program to start. Called before each start. */
  program: () => Program
  started: Started
  say: (line: string) => void
  /** Ends the supervision. The code that aborts this signal must stop the process itself. */
  leave: AbortSignal
}

/** Keeps a program running. `changed` restarts the program in its newest version. */
export type Supervisor = { changed: () => void }

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 30_000

/** Starts a program, and restarts it when it ends or changes. Rejects if the first start fails. */
export async function supervise(supervised: Supervised): Promise<Supervisor> {
  const changes = changesOf()
  void keepRunning(supervised, await startDaemon(supervised.program(), supervised.started), changes)
  return { changed: changes.add }
}

/** A supervisor of a program that may not run yet. `ready` resolves when the program runs, or when the supervision ends. */
export type PatientSupervisor = Supervisor & { ready: Promise<void> }

/** Works like `supervise`, but also retries if the first start fails. */
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
      say(`${name} is down and restarts in ${pause / 1_000} s: ${end}`)
      await Promise.race([delay(pause, undefined, { ref: false }), changes.next(), left(leave)])
      pause = Math.min(2 * pause, LONGEST_PAUSE)
    } else {
      await running.stop()
    }
    running = await startAgain(supervised, changes, 'is ready again')
  }
}

/** Tries to start a program until it runs. A change ends the pause before the next try. Undefined if the supervision ends. */
async function startAgain(
  { program, started, say, leave }: Supervised,
  changes: Changes,
  what: 'is ready' | 'is ready again'
): Promise<Daemon | undefined> {
  for (let pause = FIRST_PAUSE; !leave.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    changes.forget() // this start uses the newest version
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

/** Resolves when `leave` is aborted. */
function left(leave: AbortSignal): Promise<void> {
  if (leave.aborted) return Promise.resolve()
  return new Promise(resolve => leave.addEventListener('abort', () => resolve(), { once: true }))
}
