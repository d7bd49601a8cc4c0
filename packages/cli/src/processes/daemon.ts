import { spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { logTail } from '../output/log-tail.ts'
import { endAll, type Identity, identityOf } from './processes.ts'

/** A program to start: a service, or a store. */
export type Program = {
  name: string
  command: string
  args: string[]
  /** Its complete environment. By default the runner's. */
  environment?: Record<string, string | undefined>
  /** The file that its standard output and error are appended to. */
  logFile: string
  /** Resolves with true once the program can be used. */
  answers: () => Promise<boolean>
  /** Advice for the user if it does not start. */
  cure?: string
}

/** Called with a process as soon as it is started, so that the next runner can find the processes of a killed runner. */
export type Started = (identity: Identity) => void

/** A running program. */
export type Daemon = {
  identity: Identity
  /** Resolves when the process has ended, with the reason. Also includes the end of its log, unless another process killed it. */
  ended: Promise<string>
  /** Stops the process. Resolves when it has ended. */
  stop: () => Promise<void>
}

const START_LIMIT = 30_000
/** Signals that come from other processes. A failing program sends itself other signals, such as SIGABRT, and explains them in its log. */
const EXTERNAL_SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP']

/**
 * Starts a program and waits until it answers. The program has its own process group, so that only the runner receives a Ctrl-C. Fails with
 * the end of its log if it ends or does not answer within 30 seconds.
 */
export async function startDaemon(program: Program, started?: Started): Promise<Daemon> {
  const { name, command, args, environment, logFile, answers, cure } = program
  mkdirSync(dirname(logFile), { recursive: true })
  const output = openSync(logFile, 'a')
  const beginning = fstatSync(output).size
  const child = spawn(command, args, { detached: true, env: environment, stdio: ['ignore', output, output] })
  closeSync(output)
  const log = () => logTail(name, logFile, beginning)
  const ended = new Promise<string>(resolve => {
    child.once('error', error => resolve(`it cannot be executed: ${error.message}`))
    child.once('exit', (code, signal) => resolve(describeEnd(code, signal, log)))
  })
  const identity = identityOf(name, child.pid ?? 0)
  if (child.pid) started?.(identity)
  const waiting = new AbortController()
  const late = answerWithin(START_LIMIT, answers, waiting.signal).then(trouble => trouble && `${trouble}. ${log()}`)
  const trouble = await Promise.race([ended, late])
  waiting.abort()
  if (trouble !== undefined) {
    await endAll([identity])
    throw new Failure(`${name} does not start: ${trouble}${cure ? `\n${cure}` : ''}`)
  }
  const stop = async () => {
    await endAll([identity])
    await ended
  }
  return { identity, ended, stop }
}

function describeEnd(code: number | null, signal: string | null, log: () => string): string {
  if (signal && EXTERNAL_SIGNALS.includes(signal)) return `it was killed by ${signal}`
  return `it ended with ${signal ?? `exit code ${code}`}. ${log()}`
}

async function answerWithin(milliseconds: number, answers: () => Promise<boolean>, waiting: AbortSignal) {
  const limit = Date.now() + milliseconds
  while (!(await answers()) && !waiting.aborted) {
    if (Date.now() > limit) return `no answer within ${milliseconds / 1_000} seconds`
    await delay(25)
  }
}
