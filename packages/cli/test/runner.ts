import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { until } from '@bulkhead/testing/until'
import { type RunRecord, readRunRecord } from '../src/runner/run-record.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')

/** A running `bulkhead` command. */
export type Runner = {
  pid: number
  /** Returns the output of the command until now. */
  output: () => string
  /** Resolves with the exit code, or -1 if the process was killed. */
  ended: Promise<number>
  /** Resolves when the output contains the text `count` times. */
  says: (text: string, count?: number) => Promise<unknown>
}

/** Starts `bulkhead` for a repository and a PORT_BASE. */
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
        throw new Error(`The output has not ${count} times "${text}":\n${output}`)
      })
  }
}

/** Returns the processes of the services, stores and tools of a running stack. */
export function processesOf(root: string, portBase: number) {
  const { services, stores, tools = [] } = readRunRecord(join(root, '.data', String(portBase), 'run.json')) as RunRecord
  return [...services, ...stores, ...tools]
}
