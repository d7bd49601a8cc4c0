import { spawn } from 'node:child_process'
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from './failure.ts'
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
}

/** Is told of a process at once, so that what a killed runner leaves behind can be found. */
export type Started = (identity: Identity) => void

/** A running program. `ended` resolves, in words, when it ends for whatever reason. `stop` ends it and resolves when it is gone. */
export type Daemon = { identity: Identity; ended: Promise<string>; stop: () => Promise<void> }

const START_LIMIT = 30_000
const STOP_LIMIT = 10_000
const SHOWN_LINES = 12

/**
 * Starts a program and waits until it answers. It gets a process group of its own: a Ctrl-C in the terminal is the runner's to handle.
 * Fails, with the last lines it wrote, when it ends or does not answer within 30 seconds.
 */
export async function startDaemon(program: Program, started?: Started): Promise<Daemon> {
  const { name, command, args, environment, logFile, answers } = program
  mkdirSync(dirname(logFile), { recursive: true })
  const log = openSync(logFile, 'a')
  const beginning = fstatSync(log).size
  const child = spawn(command, args, { detached: true, env: environment, stdio: ['ignore', log, log] })
  closeSync(log)
  const ended = new Promise<string>(resolve => {
    child.once('error', error => resolve(`it cannot be run: ${error.message}`))
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `exit code ${code}`}`))
  })
  const identity = identityOf(name, child.pid ?? 0)
  if (child.pid) started?.(identity)
  const waiting = new AbortController()
  const trouble = await Promise.race([ended, answerWithin(START_LIMIT, answers, waiting.signal)])
  waiting.abort()
  if (trouble !== undefined) {
    await endAll([identity], STOP_LIMIT)
    throw new Failure(
      `${name} does not start: ${trouble}`,
      `It last wrote to ${logFile}:\n${lastLines(logFile, beginning)}`
    )
  }
  const stop = async () => {
    await endAll([identity], STOP_LIMIT)
    await ended
  }
  return { identity, ended, stop }
}

/** The last lines of a text file, none of them before the byte `beginning`, indented to stand below a message. */
export function lastLines(file: string, beginning = 0): string {
  if (!existsSync(file)) return '  (its log was removed)'
  const lines = readFileSync(file).subarray(beginning).toString('utf8').trimEnd().split('\n').slice(-SHOWN_LINES)
  return lines.join('') === '' ? '  (nothing)' : lines.map(line => `  ${line}`).join('\n')
}

async function answerWithin(milliseconds: number, answers: () => Promise<boolean>, waiting: AbortSignal) {
  const limit = Date.now() + milliseconds
  while (!(await answers()) && !waiting.aborted) {
    if (Date.now() > limit) return `no answer within ${milliseconds / 1_000} seconds`
    await delay(25)
  }
}
