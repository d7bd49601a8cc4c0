import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, readlinkSync } from 'node:fs'

const LISTEN = '0A'
const MAX_COMMAND_LENGTH = 60

/** Finds the process that listens on a TCP port of this machine, as `command (pid 123)`. Undefined if the system does not show it. */
export function portHolder(port: number): string | undefined {
  const pid = process.platform === 'linux' ? pidByProc(port) : pidByLsof(port)
  return pid && `${commandOf(pid)} (pid ${pid})`
}

/** Finds the socket of a port in /proc/net/tcp, and the process of that socket in /proc/<pid>/fd (proc(5)). */
function pidByProc(port: number): string | undefined {
  const hexadecimal = port.toString(16).toUpperCase().padStart(4, '0')
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(file => readFileSync(file, 'utf8').split('\n'))
  const row = rows
    .map(line => line.trim().split(/\s+/))
    .find(([, local, , state]) => local?.endsWith(`:${hexadecimal}`) && state === LISTEN)
  const socket = row && `socket:[${row[9]}]`
  const link = socket && globSync('/proc/[0-9]*/fd/*').find(file => targetOf(file) === socket)
  return link?.split('/')[2]
}

function pidByLsof(port: number): string | undefined {
  return firstLine('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'])
}

function commandOf(pid: string): string {
  const command = firstLine('ps', ['-o', 'args=', '-p', pid]) ?? 'a process'
  return command.length > MAX_COMMAND_LENGTH ? `${command.slice(0, MAX_COMMAND_LENGTH)}…` : command
}

/** Reads a link. Undefined for a file descriptor of another user, and for one that was closed meanwhile. */
function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch {
    return undefined
  }
}

/** Returns the first line of a program's output. Undefined if the program is missing or finds nothing. */
function firstLine(command: string, args: string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: 'utf8', timeout: 5_000, stdio: ['ignore', 'pipe', 'ignore'] })
      .split('\n')[0]
      ?.trim()
  } catch {
    return undefined
  }
}
