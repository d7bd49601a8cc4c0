import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Failure } from '../failure.ts'
import type { Cluster } from './kubectl.ts'

/** How long (ms) kubectl has to forward a port. */
const FORWARD_LIMIT = 15_000

/** A port of a pod that is forwarded to a port of this machine. `close` ends that. */
export type ForwardedPort = { url: string; close: () => void }

/** Forwards a port of a pod to a free port of this machine. Fails with the error of kubectl. */
export async function forwardPort(cluster: Cluster, pod: string, port: number): Promise<ForwardedPort> {
  const child = cluster.startKubectl(['port-forward', '--address=127.0.0.1', `pod/${pod}`, `:${port}`])
  const close = () => void child.kill()
  process.once('exit', close)
  child.once('exit', () => process.off('exit', close))
  try {
    return { url: `http://127.0.0.1:${await localPort(child)}`, close }
  } catch (cause) {
    close()
    throw new Failure(`cannot forward port ${port} of ${pod}: ${(cause as Error).message}`, undefined, { cause })
  }
}

/** Waits for the line in which kubectl names the port of this machine. */
async function localPort(child: ChildProcess): Promise<string> {
  let problem = 'kubectl ended'
  child.stderr!.setEncoding('utf8').on('data', text => {
    problem = String(text).trim().split('\n').at(-1)!
  })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  createInterface({ input: child.stdout! }).on('line', line => {
    const port = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line)?.[1]
    if (port) resolve(port)
  })
  child.once('error', reject)
  child.once('close', () => reject(new Error(problem)))
  const limit = AbortSignal.timeout(FORWARD_LIMIT)
  const late = once(limit, 'abort').then(() => Promise.reject(new Error(`no answer within ${FORWARD_LIMIT / 1_000} s`)))
  return Promise.race([promise, late])
}
