import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { until } from '@bulkhead/testing/until'
import { type RunRecord, readRunRecord } from '../src/run-record.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')

/** A `bulkhead` command that runs, with what it has said so far. */
export type Runner = {
  pid: number
  output: () => string
  /** Resolves with the exit code, -1 for a process that was killed. */
  ended: Promise<number>
  /** Resolves once the output has the text `count` times. */
  says: (text: string, count?: number) => Promise<unknown>
}

/** Runs `bulkhead` on a repository and a PORT_BASE of its own. */
export function bulkhead(root: string, portBase: number, ...args: string[]): Runner {
  const environment = { ...process.env, PORT_BASE: String(portBase), MONGODB_URL: '', REDIS_URL: '' }
  const child = spawn(process.execPath, [MAIN, ...args, '--root', root], { env: environment })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      output += text
    })
  }
  const ended = new Promise<number>(resolve => child.once('close', code => resolve(code ?? -1)))
  return {
    pid: child.pid!,
    output: () => output,
    ended,
    says: (text, count = 1) =>
      until(() => output.split(text).length > count).catch(() => {
        throw new Error(`"${text}" was not said ${count} times, but:\n${output}`)
      })
  }
}

/** All processes that a run has started. */
export function processesOf(root: string, portBase: number) {
  const { services, stores } = readRunRecord(join(root, '.data', String(portBase), 'run.json')) as RunRecord
  return [...services, ...stores]
}
