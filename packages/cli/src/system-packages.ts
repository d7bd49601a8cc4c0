import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { Failure } from './failure.ts'

/** The system packages that hold the programs the stores need; scripts/setup.sh installs them. */
const PACKAGES = {
  'redis-server': { debian: 'redis-server', homebrew: 'redis' },
  java: { debian: 'default-jdk-headless', homebrew: 'openjdk' },
  mvn: { debian: 'maven', homebrew: 'maven' }
} as const

/** The path of a program on the PATH, undefined when there is none. */
export function findProgram(name: string, path = process.env.PATH ?? ''): string | undefined {
  return path
    .split(delimiter)
    .map(folder => join(folder, name))
    .find(isExecutable)
}

/** The PATH, with the folder behind it where `make cluster` keeps the programs that it built. */
export const pathWithBuilt = ({ PATH = '', BULKHEAD_CACHE }: NodeJS.ProcessEnv) =>
  [PATH, join(BULKHEAD_CACHE || join(homedir(), '.cache/bulkhead'), 'bin')].join(delimiter)

/** The path of a program on the PATH. Fails with the command that installs it. */
export function requireProgram(name: keyof typeof PACKAGES, path?: string): string {
  const found = findProgram(name, path)
  if (found) return found
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
