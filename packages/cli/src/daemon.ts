import { spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from './failure.ts'
import { lastWords } from './last-words.ts'
import { endAll, type Identity, identityOf } from './processes.ts'

/** A program to start: a service, or a store. */
export type Program = {
  name: string
  command: string
  args: string[]
  /** Its whole environment; by default the runner's. */
  environment?: Record<string, string | undefined>
  /** Its standard output and error are appended there. */
  logFile: string
  /** True as soon as it can be used. */
  answers: () => Promise<boolean>
  /** What else may help when it does not start. */
  cure?: string
}

/** Is told of a process at once, so that what a killed runner leaves behind can be found. */
export type Started = (identity: Identity) => void

/**
 * A running program. `ended` resolves when it ends for whatever reason, in words, with what it last wrote unless it was killed. `stop` ends
 * it and resolves when it is gone.
 */
export type Daemon = { identity: Identity; ended: Promise<string>; stop: () => Promise<void> }

const START_LIMIT = 30_000
/** Somebody else's; a program that fails sends itself others, such as SIGABRT. What it wrote says nothing of these. */
const SENT_SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP']

/**
 * Starts a program and waits until it answers. It gets a process group of its own: a Ctrl-C in the terminal is the runner's to handle.
 * Fails, with what it last wrote, when it ends or does not answer within 30 seconds.
 */
export async function startDaemon(program: Program, started?: Started): Promise<Daemon> {
  const { name, command, args, environment, logFile, answers, cure } = program
  mkdirSync(dirname(logFile), { recursive: true })
  const log = openSync(logFile, 'a')
  const beginning = fstatSync(log).size
  const child = spawn(command, args, { detached: true, env: environment, stdio: ['ignore', log, log] })
  closeSync(log)
  const words = () => lastWords(name, logFile, beginning)
  const ended = new Promise<string>(resolve => {
    child.once('error', error => resolve(`it cannot be run: ${error.message}`))
    child.once('exit', (code, signal) => resolve(endOf(code, signal, words)))
  })
  const identity = identityOf(name, child.pid ?? 0)
  if (child.pid) started?.(identity)
  const waiting = new AbortController()
  const late = answerWithin(START_LIMIT, answers, waiting.signal).then(trouble => trouble && `${trouble}. ${words()}`)
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

function endOf(code: number | null, signal: string | null, words: () => string): string {
  if (signal && SENT_SIGNALS.includes(signal)) return `it was killed by ${signal}`
  return `it ended with ${signal ?? `exit code ${code}`}. ${words()}`
}

async function answerWithin(milliseconds: number, answers: () => Promise<boolean>, waiting: AbortSignal) {
  const limit = Date.now() + milliseconds
  while (!(await answers()) && !waiting.aborted) {
    if (Date.now() > limit) return `no answer within ${milliseconds / 1_000} seconds`
    await delay(25)
  }
}
