import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { Failure } from '../failure.ts'

/** The system packages of the programs that the commands need. scripts/setup.sh installs them. */
const PACKAGES = {
  'redis-server': { debian: 'redis-server', homebrew: 'redis' },
  java: { debian: 'default-jdk-headless', homebrew: 'openjdk' },
  mvn: { debian: 'maven', homebrew: 'maven' },
  prometheus: { debian: 'prometheus', homebrew: 'prometheus' },
  promtool: { debian: 'prometheus', homebrew: 'prometheus' },
  'prometheus-alertmanager': { debian: 'prometheus-alertmanager', homebrew: 'alertmanager' }
} as const

/** The path of a program on the PATH. Undefined if it is not installed. */
export function findProgram(name: string, path = process.env.PATH ?? ''): string | undefined {
  return path
    .split(delimiter)
    .map(folder => join(folder, name))
    .find(isExecutable)
}

/** The PATH, followed by the folder of the programs that `make cluster` built. */
export const pathWithBuilt = ({ PATH = '', BULKHEAD_CACHE }: NodeJS.ProcessEnv) =>
  [PATH, join(BULKHEAD_CACHE || join(homedir(), '.cache/bulkhead'), 'bin')].join(delimiter)

/** The path of a program on the PATH. Fails with the command that installs it. */
export function requireProgram(name: keyof typeof PACKAGES, path?: string): string {
  const program = findProgram(name, path)
  if (program) return program
  const { debian, homebrew } = PACKAGES[name]
  const command = process.platform === 'darwin' ? `brew install ${homebrew}` : `sudo apt-get install -y ${debian}`
  throw new Failure(`${name} is not installed`, `Install it: ${command}`)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
