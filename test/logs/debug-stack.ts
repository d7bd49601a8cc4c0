import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { until } from '@bulkhead/testing/until'
import { readStack, type Stack } from '../../packages/cli/src/services/stack.ts'
import { logsFolder } from '../../packages/cli/src/stores/stores.ts'
import { freePortBase } from '../../packages/cli/test/fixture.ts'
import { bulkhead } from '../../packages/cli/test/runner.ts'

const ROOT = join(import.meta.dirname, '../..')
/** How long a stack may take to start on a busy machine (ms). */
export const START_LIMIT = 170_000

/** A whole stack that logs everything, with the load beside it. */
export type DebugStack = {
  stack: Stack
  /** Returns the logs of services, stores and the load, and the output of the runner, by name. */
  logs: () => Record<string, string>
  /** Returns the secrets of the stack: its tokens, the secrets that services share, and the passwords of its stores and accounts. */
  secrets: () => string[]
  /** Stops the stack and removes its data. */
  end: () => Promise<void>
}

/** Starts the stack of this repository on free ports, with the log level `debug`. */
export async function startDebugStack(): Promise<DebugStack> {
  const stack = readStack(ROOT, await freePortBase())
  const usual = process.env.LOG_LEVEL
  process.env.LOG_LEVEL = 'debug'
  const runner = bulkhead(ROOT, stack.portBase, 'up', '--load', '2')
  if (usual === undefined) delete process.env.LOG_LEVEL
  else process.env.LOG_LEVEL = usual
  const end = async () => {
    process.kill(runner.pid, 'SIGTERM')
    await runner.ended
    await bulkhead(ROOT, stack.portBase, 'reset').ended
  }
  await until(() => runner.output().includes('load is ready'), START_LIMIT).catch(async error => {
    await end()
    throw new Error(`The stack does not start:\n${runner.output()}`, { cause: error })
  })
  return {
    stack,
    logs: () => ({ ...filesIn(logsFolder(stack), '*.log'), runner: withoutDemoAccounts(runner.output()) }),
    secrets: () => [
      ...Object.values(filesIn(join(stack.folder, 'tokens'), '**/*')),
      ...Object.values(filesIn(join(stack.folder, 'keys'), '*.secret')),
      ...Object.values(filesIn(join(stack.folder, 'keys'), '*.json')).flatMap(passwordsIn)
    ],
    end
  }
}

function filesIn(folder: string, pattern: string): Record<string, string> {
  const files = globSync(pattern, { cwd: folder, withFileTypes: true }).filter(file => file.isFile())
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [basename(name), readFileSync(join(parentPath, name), 'utf8').trim()])
  )
}

/** The private parts of keys, and passwords, in a file with keys or accounts. */
const passwordsIn = (text: string) =>
  [...text.matchAll(/"(?:d|\w*[pP]assword)":\s*"([^"]+)"/g)].map(([, value]) => value!)

/** The runner shows the passwords of the demo accounts on purpose. */
const withoutDemoAccounts = (output: string) => output.replaceAll(/^ {2}(customer|staff) .*$/gm, '')
