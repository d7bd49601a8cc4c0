import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Failure } from '../../packages/cli/src/failure.ts'
import { findProgram } from '../../packages/cli/src/processes/system-packages.ts'

const CONNECTIONS = 32
const THREADS = 2
const END_LIMIT_MS = 20_000

/** The result of a load: the number of requests, requests per second, and latency in milliseconds. */
export type Load = { requests: number; perSecond: number; p50: number; p99: number }

/** A request of a load. `path` is the complete path. */
export type LoadRequest = { method: 'GET' | 'POST'; path: string; token: string; body?: object }

/** Returns the content of the file from which `load` sends requests. */
export const requestLines = (requests: LoadRequest[]) =>
  requests
    .map(({ method, path, token, body }) => [method, path, token.trim(), body ? JSON.stringify(body) : ''].join('\t'))
    .join('\n')

/**
 * Sends the requests of a file in turn with wrk, on 32 connections, as fast as the server answers, for `seconds`. Fails if an answer is not
 * a success.
 */
export async function load(url: string, requestsFile: string, seconds: number): Promise<Load> {
  const wrk = findProgram('wrk')
  if (!wrk)
    throw new Failure('wrk is not installed', 'Install it: sudo apt-get install -y wrk (macOS: brew install wrk)')
  const script = join(import.meta.dirname, 'wrk.lua')
  const args = ['-t', String(THREADS), '-c', String(CONNECTIONS), '-d', `${seconds}s`, '--latency', '-s', script, url]
  const limit = seconds * 1_000 + END_LIMIT_MS
  const { stdout } = await promisify(execFile)(wrk, [...args, '--', requestsFile], { timeout: limit })
  const line = stdout.trimEnd().split('\n').at(-1)!
  const { requests, microseconds, p50, p99, failed } = JSON.parse(line) as Record<string, number> & { requests: number }
  if (failed! > 0 || requests === 0) throw new Failure(`${failed} of ${requests} requests to ${url} failed`)
  return { requests, perSecond: requests / (microseconds! / 1e6), p50: p50! / 1_000, p99: p99! / 1_000 }
}

/** Sends one request. Resolves with the parsed answer. Fails if the answer is not a success. */
export async function sendOnce(url: string, { method, path, token, body }: LoadRequest): Promise<unknown> {
  const answer = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token.trim()}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000)
  })
  const text = await answer.text()
  if (answer.ok) return JSON.parse(text)
  throw new Failure(`${method} ${url}${path} answers ${answer.status}: ${text.slice(0, 500)}`)
}
