import { join } from 'node:path'
import { sizeOf } from '../output/follow.ts'
import type { Program } from '../processes/daemon.ts'
import { NODE_OPTIONS } from '../services/memory-settings.ts'
import { serviceLog } from '../services/service-program.ts'
import { localUrl, type Stack } from '../services/stack.ts'
import { demoAccountsFile } from '../tokens/development-keys.ts'

const MAIN = join(import.meta.dirname, '../../../load/src/main.ts')

/** Returns the program that plays shoppers beside a stack, with its demo accounts. It counts as started when it writes to its log. */
export function loadProgram(stack: Stack, rate: number): Program {
  const logFile = serviceLog(stack, 'load')
  const beginning = sizeOf(logFile)
  return {
    name: 'load',
    command: process.execPath,
    args: [...NODE_OPTIONS, MAIN],
    environment: {
      ...process.env,
      GATEWAY_URL: localUrl(stack.portBase),
      LOAD_RATE: String(rate),
      LOAD_ACCOUNTS_FILE: demoAccountsFile(join(stack.folder, 'keys'))
    },
    logFile,
    answers: async () => sizeOf(logFile) > beginning
  }
}
